import type { RecordedEvent, Revision } from '@portcullis/core'
import {
  type AccessPackageEvent,
  accessPackageStream,
  type EntitlementEvent,
  type PolicyTerms,
} from '@portcullis/domain'
import type { MailLookups } from './lookups.ts'
import type { MailIntent } from './mailIntent.ts'

type Submitted = Extract<EntitlementEvent, { type: 'RequestSubmitted.v1' }>['data']
type Failed = Extract<EntitlementEvent, { type: 'DeliveryFailed.v1' }>['data']

export interface RequestStory extends Submitted {
  /** The open stage, from 1, and until when it is open. */
  readonly open: { readonly stage: number; readonly decideBy: string } | null
}

export interface AssignmentStory {
  readonly assignmentId: string
  readonly requestId: string
  readonly endAt: string | null
  readonly ended: boolean
  /** Revision of the last failure to deliver; null when there was none. */
  readonly lastFailure: Revision | null
  /** Roles that couldn't be delivered, by the last failure. */
  readonly failedRoles: Failed['roles']
}

/** What had happened in an entitlement up to and including one event. */
export interface Story {
  readonly event: RecordedEvent<EntitlementEvent>
  request(requestId: string): RequestStory | undefined
  assignment(assignmentId: string): AssignmentStory | undefined
  /** Terms that govern an assignment: those of the request that it came from. */
  termsOf(assignmentId: string): PolicyTerms | undefined
}

/**
 * Tells an entitlement's stream up to `revision`, so that a mail says the same whenever it is made.
 * @returns undefined when the stream has no such event
 */
export const readStory = async (
  lookups: Pick<MailLookups, 'history'>,
  stream: string,
  revision: Revision,
): Promise<Story | undefined> => {
  // The store's codec has checked each event by its type when it was written.
  const history = (await lookups.history(stream)) as readonly RecordedEvent<EntitlementEvent>[]
  const past = history.filter((event) => event.revision <= revision)
  const event = past.at(-1)
  if (event === undefined || event.revision !== revision) return undefined
  const requests = new Map<string, RequestStory>()
  const assignments = new Map<string, AssignmentStory>()
  for (const happened of past) tell(happened, requests, assignments)
  return {
    event,
    request: (id) => requests.get(id),
    assignment: (id) => assignments.get(id),
    termsOf: (id) => requests.get(assignments.get(id)?.requestId ?? '')?.terms,
  }
}

/** Does the approval that a mail asks for still wait? Whatever happened to its request since has ended that stage. */
export const stillWaits = async (
  { history }: Pick<MailLookups, 'history'>,
  { stream, revision }: Pick<MailIntent, 'stream' | 'revision'>,
): Promise<boolean> => {
  const events = await history(stream)
  const asked = events.find((event) => event.revision === BigInt(revision))
  const requestId = requestOf(asked)
  return (
    requestId !== undefined &&
    !events.some(
      (event) =>
        event.revision > BigInt(revision) &&
        requestOf(event) === requestId &&
        !NOTED.includes(event.type),
    )
  )
}

/** These tell of who could decide; the stage stays open. */
const NOTED: readonly string[] = ['ApproverMissing.v1', 'ApproverFound.v1']

const requestOf = (event: RecordedEvent | undefined): unknown =>
  (event as RecordedEvent<{ type: string; data: { requestId?: unknown } }> | undefined)?.data
    .requestId

const tell = (
  event: RecordedEvent<EntitlementEvent>,
  requests: Map<string, RequestStory>,
  assignments: Map<string, AssignmentStory>,
): void => {
  const changeRequest = (id: string, change: Partial<RequestStory>) => {
    const request = requests.get(id)
    if (request !== undefined) requests.set(id, { ...request, ...change })
  }
  const changeAssignment = (id: string, change: Partial<AssignmentStory>) => {
    const assignment = assignments.get(id)
    if (assignment !== undefined) assignments.set(id, { ...assignment, ...change })
  }
  switch (event.type) {
    case 'RequestSubmitted.v1':
      requests.set(event.data.requestId, { ...event.data, open: event.data.approval })
      break
    case 'ApprovalGranted.v1':
      changeRequest(event.data.requestId, { open: event.data.next })
      break
    case 'AssignmentScheduled.v1':
    case 'AssignmentStarted.v1': {
      const { assignmentId, requestId, endAt } = event.data
      assignments.set(assignmentId, {
        assignmentId,
        requestId,
        endAt,
        ended: false,
        lastFailure: null,
        failedRoles: [],
      })
      break
    }
    case 'AssignmentExtended.v1':
      changeAssignment(event.data.assignmentId, { endAt: event.data.endAt })
      break
    case 'DeliveryFailed.v1':
      changeAssignment(event.data.assignmentId, {
        lastFailure: event.revision,
        failedRoles: event.data.roles,
      })
      break
    case 'AssignmentEnded.v2':
      changeAssignment(event.data.assignmentId, { ended: true })
      break
    default:
  }
}

/** The package's name now; its id when the log has none. */
export const packageName = async (
  lookups: Pick<MailLookups, 'history'>,
  packageId: string,
): Promise<string> => {
  const stream = accessPackageStream(packageId)
  const history = (await lookups.history(stream)) as readonly RecordedEvent<AccessPackageEvent>[]
  let name = packageId
  for (const event of history)
    if (event.type === 'AccessPackageCreated.v1' || event.type === 'AccessPackageRenamed.v1')
      name = event.data.displayName
  return name
}
