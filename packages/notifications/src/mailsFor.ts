import { handlers, type Instant, type RecordedEvent } from '@portcullis/core'
import {
  type EntitlementEvent,
  type PolicyTerms,
  type Principal,
  parseAssignmentId,
  parseRequestId,
} from '@portcullis/domain'
import { readHistory } from './history.ts'
import type { MailLookups } from './lookups.ts'
import { type MailIntent, type MailKind, mailIntent } from './mailIntent.ts'
import { managersOf } from './managers.ts'

/** What the events of an entitlement are told by: who gets a mail, and what had happened by then. */
interface Telling {
  history(): ReturnType<typeof readHistory>
  toSubject(kind: MailKind, subjectId: string | undefined, key?: string): readonly MailIntent[]
  toManagers(kind: MailKind, packageId: string | undefined): Promise<readonly MailIntent[]>
  toApprovers(
    kind: MailKind,
    terms: PolicyTerms,
    stage: number,
    subjectId: string,
  ): Promise<readonly MailIntent[]>
}
type Mails = (telling: Telling) => readonly MailIntent[] | Promise<readonly MailIntent[]>

const NOBODY: readonly MailIntent[] = []

const MAILS = handlers<RecordedEvent<EntitlementEvent>, Mails>()({
  'RequestSubmitted.v1':
    ({ data: { approval, terms, subjectId } }) =>
    ({ toApprovers }) =>
      approval === null
        ? NOBODY
        : toApprovers('approval-requested', terms, approval.stage, subjectId),
  'ApprovalGranted.v1':
    ({ data: { requestId, next } }) =>
    async ({ history, toApprovers, toSubject }) => {
      const request = (await history())?.request(requestId)
      if (request === undefined) return NOBODY
      const { terms, subjectId, kind } = request
      if (next !== null) return toApprovers('approval-requested', terms, next.stage, subjectId)
      return kind === 'extension' ? NOBODY : toSubject('approved', subjectId)
    },
  'ApprovalDenied.v1':
    ({ data }) =>
    ({ toSubject }) =>
      toSubject('denied', parseRequestId(data.requestId)?.subjectId),
  'ApprovalTimedOut.v1':
    ({ data: { requestId, stage } }) =>
    async ({ history, toApprovers, toSubject }) => {
      const request = (await history())?.request(requestId)
      if (request === undefined) return NOBODY
      const { terms, subjectId } = request
      return [
        ...toSubject('timed-out', subjectId),
        ...(await toApprovers('approval-timed-out', terms, stage, subjectId)),
      ]
    },
  'RolesDelivered.v1':
    ({ data: { assignmentId, complete } }) =>
    async ({ history, toSubject }) => {
      if (!complete) return NOBODY
      const assignment = (await history())?.assignment(assignmentId)
      if (assignment === undefined || assignment.status === 'ended') return NOBODY
      // Once for the assignment, and once more after each time that something failed; not for every role added later.
      return toSubject(
        'delivered',
        parseAssignmentId(assignmentId)?.subjectId,
        `${assignmentId}:${assignment.lastFailure ?? 'first'}`,
      )
    },
  'DeliveryFailed.v1':
    ({ data: { assignmentId } }) =>
    async ({ history, toSubject }) => {
      // What can't be revoked after the end is for operators, not for the subject.
      const assignment = (await history())?.assignment(assignmentId)
      if (assignment === undefined || assignment.status === 'ended') return NOBODY
      return toSubject('partly-delivered', parseAssignmentId(assignmentId)?.subjectId)
    },
  'AssignmentExtended.v1':
    ({ data }) =>
    ({ toSubject }) =>
      toSubject('extended', parseAssignmentId(data.assignmentId)?.subjectId),
  'ExtensionReminderDue.v1':
    ({ data: { offset, assignmentId } }) =>
    ({ toSubject }) =>
      toSubject(
        offset === 'P14D' ? 'ends-in-14-days' : 'ends-in-1-day',
        parseAssignmentId(assignmentId)?.subjectId,
      ),
  'AssignmentEnded.v2':
    ({ data: { assignmentId, reason } }) =>
    ({ toManagers, toSubject }) =>
      reason === 'subject-left'
        ? toManagers('subject-left', parseAssignmentId(assignmentId)?.packageId)
        : toSubject('ended', parseAssignmentId(assignmentId)?.subjectId),
  'SubjectLeft.v1':
    ({ data }) =>
    ({ toManagers }) =>
      toManagers('subject-left', parseAssignmentId(data.assignmentId)?.packageId),
  'ApproverMissing.v1':
    ({ data }) =>
    ({ toManagers }) =>
      toManagers('no-approver', parseRequestId(data.requestId)?.packageId),
  // When the stage opened, nobody was there to be asked, or those who were can't decide any more.
  'ApproverFound.v1':
    ({ data: { requestId, stage } }) =>
    async ({ history, toApprovers }) => {
      const request = (await history())?.request(requestId)
      if (request === undefined) return NOBODY
      return toApprovers('approval-requested', request.terms, stage, request.subjectId)
    },
})

/** Stored names of the events that may cause a mail: what the reactor subscribes to. */
export const mailEventTypes = MAILS.types

const isOfEntitlement = (event: RecordedEvent): event is RecordedEvent<EntitlementEvent> =>
  mailEventTypes.some((type) => type === event.type)

/**
 * Who gets which mail because of an event (S13, S15). Same event, same answer, but for those who are in an approver
 * group by then.
 * No mail for: automatic approval and direct assignment ("delivered" follows at once), a cancelled request (the one who
 * cancelled knows), an approved extension ("extended" says more), roles that come or go later.
 */
export const mailsFor = async (
  event: RecordedEvent,
  lookups: MailLookups,
): Promise<readonly MailIntent[]> => {
  const mails = isOfEntitlement(event) ? MAILS.handle(event) : undefined
  if (mails === undefined) return NOBODY
  return mails({
    history: () => readHistory(lookups, event.stream, event.revision),
    toSubject: (kind, subjectId, key) =>
      subjectId === undefined ? NOBODY : [mailIntent(event, kind, subjectId, key)],
    toManagers: async (kind, packageId) => {
      const ids = packageId === undefined ? [] : await managersOf(lookups, packageId)
      return ids.map((id) => mailIntent(event, kind, id))
    },
    toApprovers: async (kind, { approval }, stage, subjectId) => {
      const stages = approval.required ? approval.stages : []
      const ids = await approverIds(stages[stage - 1]?.approvers ?? [], lookups, event.metadata.at)
      // Nobody approves their own request (S11), so nobody is asked to.
      return ids.filter((id) => id !== subjectId).map((id) => mailIntent(event, kind, id))
    },
  })
}

/** Enabled people among the principals: those named, and who is in the groups then. In order of id, each once. */
const approverIds = async (
  principals: readonly Principal[],
  { directory }: MailLookups,
  at: Instant,
): Promise<readonly string[]> => {
  const named = principals.filter(({ kind }) => kind === 'user').map(({ id }) => id)
  const people = [...(await directory.people(named)).values()].filter(({ enabled }) => enabled)
  for (const { kind, id } of principals)
    if (kind === 'group') people.push(...(await directory.membersOf(id, at)))
  return [...new Set(people.map(({ id }) => id))].sort()
}
