import { fold, type RecordedEvent, type Revision } from '@portcullis/core'
import {
  type AccessPackageEvent,
  type AssignmentState,
  accessPackageDecider,
  accessPackageStream,
  type EntitlementEvent,
  entitlementDecider,
  findAssignment,
  findRequest,
  openStage,
  type PolicyTerms,
  type RequestState,
  termsOf,
} from '@portcullis/domain'
import type { MailLookups } from './lookups.ts'
import type { MailIntent } from './mailIntent.ts'

type DataOf<Type extends EntitlementEvent['type']> = Extract<
  EntitlementEvent,
  { type: Type }
>['data']
type Events = readonly RecordedEvent<EntitlementEvent>[]

/** A request as it was submitted. */
export interface RequestHistory extends DataOf<'RequestSubmitted.v1'> {
  /**
   * The stage that is open, or in which it ended, from 1, and until when it is open; null when there never was one, and
   * after the last approval.
   */
  readonly open: RequestState['approval']
}

export interface AssignmentHistory extends Pick<AssignmentState, 'endAt' | 'status'> {
  /** Revision of the last failure to deliver; null when there was none. */
  readonly lastFailure: Revision | null
  /** Roles that couldn't be delivered, by the last failure. */
  readonly failedRoles: DataOf<'DeliveryFailed.v1'>['roles']
}

/** What had happened in an entitlement up to and including one event. */
export interface EntitlementHistory {
  readonly event: RecordedEvent<EntitlementEvent>
  request(requestId: string): RequestHistory | undefined
  assignment(assignmentId: string): AssignmentHistory | undefined
  /** Terms that govern an assignment: those of the request that it came from. */
  termsOf(assignmentId: string): PolicyTerms | undefined
}

/**
 * Reads an entitlement's stream up to `revision`, so that a mail says the same whenever it is made.
 * @returns undefined when the stream has no such event
 */
export const readHistory = async (
  lookups: Pick<MailLookups, 'history'>,
  stream: string,
  revision: Revision,
): Promise<EntitlementHistory | undefined> => upTo(revision, await eventsOf(lookups, stream))

const upTo = (revision: Revision, events: Events): EntitlementHistory | undefined => {
  const past = events.filter((event) => event.revision <= revision)
  const event = past.at(-1)
  if (event === undefined || event.revision !== revision) return undefined
  const state = fold(entitlementDecider, past)
  return {
    event,
    request: (id) => {
      const request = findRequest(state, id)
      const submitted = past
        .filter((one) => one.type === 'RequestSubmitted.v1')
        .find(({ data }) => data.requestId === id)
      if (request === undefined || submitted === undefined) return undefined
      return { ...submitted.data, open: request.status === 'approved' ? null : request.approval }
    },
    assignment: (id) => {
      const assignment = findAssignment(state, id)
      if (assignment === undefined) return undefined
      const { endAt, status } = assignment
      const failure = past
        .filter((one) => one.type === 'DeliveryFailed.v1')
        .findLast(({ data }) => data.assignmentId === id)
      return {
        endAt,
        status,
        lastFailure: failure?.revision ?? null,
        failedRoles: failure?.data.roles ?? [],
      }
    },
    termsOf: (id) => {
      const assignment = findAssignment(state, id)
      return assignment && termsOf(state, assignment)
    },
  }
}

/** Does the approval that a mail asks for still wait: is the stage that was open by its event open now? */
export const stillWaits = async (
  lookups: Pick<MailLookups, 'history'>,
  { stream, revision }: Pick<MailIntent, 'stream' | 'revision'>,
): Promise<boolean> => {
  const events = await eventsOf(lookups, stream)
  const event = events.find((one) => one.revision === BigInt(revision))
  if (event === undefined || !('requestId' in event.data)) return false
  const { requestId } = event.data
  const stageBy = (past: Events): number | undefined => {
    const request = findRequest(fold(entitlementDecider, past), requestId)
    return request && openStage(request)?.number
  }
  const asked = stageBy(events.filter((one) => one.revision <= event.revision))
  return asked !== undefined && asked === stageBy(events)
}

/** The package's name now; its id when the log has none. */
export const packageName = async (
  { history }: Pick<MailLookups, 'history'>,
  packageId: string,
): Promise<string> => {
  const events = (await history(
    accessPackageStream(packageId),
  )) as readonly RecordedEvent<AccessPackageEvent>[]
  return fold(accessPackageDecider, events).displayName || packageId
}

/** The store's codec has checked each event by its type when it was written. */
const eventsOf = async (
  { history }: Pick<MailLookups, 'history'>,
  stream: string,
): Promise<Events> => (await history(stream)) as Events
