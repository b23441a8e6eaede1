import type { Instant, RecordedEvent } from '@portcullis/core'
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

/** Stored names of the events that may cause a mail: what the reactor subscribes to. */
export const mailEventTypes = [
  'RequestSubmitted.v1',
  'ApprovalGranted.v1',
  'ApprovalDenied.v1',
  'ApprovalTimedOut.v1',
  'RolesDelivered.v1',
  'DeliveryFailed.v1',
  'AssignmentExtended.v1',
  'ExtensionReminderDue.v1',
  'AssignmentEnded.v2',
  'SubjectLeft.v1',
  'ApproverMissing.v1',
  'ApproverFound.v1',
] as const satisfies readonly EntitlementEvent['type'][]

type MailEvent = Extract<EntitlementEvent, { type: (typeof mailEventTypes)[number] }>

const causesMail = (event: RecordedEvent): event is RecordedEvent<MailEvent> =>
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
  if (!causesMail(event)) return []
  switch (event.type) {
    case 'RequestSubmitted.v1': {
      const { approval, terms, subjectId } = event.data
      if (approval === null) return []
      return await toApprovers(event, 'approval-requested', terms, approval.stage, subjectId)
    }
    case 'ApprovalGranted.v1': {
      const { requestId, next } = event.data
      const request = (await history())?.request(requestId)
      if (request === undefined) return []
      if (next !== null) {
        const { terms, subjectId } = request
        return await toApprovers(event, 'approval-requested', terms, next.stage, subjectId)
      }
      return request.kind === 'extension' ? [] : [mailIntent(event, 'approved', request.subjectId)]
    }
    case 'ApprovalDenied.v1':
      return toSubject('denied', parseRequestId(event.data.requestId)?.subjectId)
    case 'ApprovalTimedOut.v1': {
      const { requestId, stage } = event.data
      const request = (await history())?.request(requestId)
      if (request === undefined) return []
      const { terms, subjectId } = request
      return [
        mailIntent(event, 'timed-out', subjectId),
        ...(await toApprovers(event, 'approval-timed-out', terms, stage, subjectId)),
      ]
    }
    case 'RolesDelivered.v1': {
      const { assignmentId, complete } = event.data
      if (!complete) return []
      const assignment = (await history())?.assignment(assignmentId)
      if (assignment === undefined || assignment.status === 'ended') return []
      // Once for the assignment, and once more after each time that something failed; not for every role added later.
      return toSubject(
        'delivered',
        parseAssignmentId(assignmentId)?.subjectId,
        `${assignmentId}:${assignment.lastFailure ?? 'first'}`,
      )
    }
    case 'DeliveryFailed.v1': {
      const { assignmentId } = event.data
      // What can't be revoked after the end is for operators, not for the subject.
      const assignment = (await history())?.assignment(assignmentId)
      if (assignment === undefined || assignment.status === 'ended') return []
      return toSubject('partly-delivered', parseAssignmentId(assignmentId)?.subjectId)
    }
    case 'AssignmentExtended.v1':
      return toSubject('extended', parseAssignmentId(event.data.assignmentId)?.subjectId)
    case 'ExtensionReminderDue.v1':
      return toSubject(
        event.data.offset === 'P14D' ? 'ends-in-14-days' : 'ends-in-1-day',
        parseAssignmentId(event.data.assignmentId)?.subjectId,
      )
    case 'SubjectLeft.v1':
      return toManagers('subject-left', parseAssignmentId(event.data.assignmentId)?.packageId)
    case 'ApproverMissing.v1':
      return toManagers('no-approver', parseRequestId(event.data.requestId)?.packageId)
    // When the stage opened, nobody was there to be asked, or those who were can't decide any more.
    case 'ApproverFound.v1': {
      const { requestId, stage } = event.data
      const request = (await history())?.request(requestId)
      if (request === undefined) return []
      return await toApprovers(event, 'approval-requested', request.terms, stage, request.subjectId)
    }
    case 'AssignmentEnded.v2':
      if (event.data.reason === 'subject-left')
        return toManagers('subject-left', parseAssignmentId(event.data.assignmentId)?.packageId)
      return toSubject('ended', parseAssignmentId(event.data.assignmentId)?.subjectId)
    default:
      return event satisfies never
  }

  function history() {
    const { stream, revision } = event
    return readHistory(lookups, stream, revision)
  }

  function toSubject(
    kind: MailKind,
    subjectId: string | undefined,
    key?: string,
  ): readonly MailIntent[] {
    return subjectId === undefined ? [] : [mailIntent(event, kind, subjectId, key)]
  }

  async function toManagers(
    kind: MailKind,
    packageId: string | undefined,
  ): Promise<readonly MailIntent[]> {
    const ids = packageId === undefined ? [] : await managersOf(lookups, packageId)
    return ids.map((id) => mailIntent(event, kind, id))
  }

  async function toApprovers(
    because: RecordedEvent,
    kind: MailKind,
    { approval }: PolicyTerms,
    stage: number,
    subjectId: string,
  ): Promise<readonly MailIntent[]> {
    const stages = approval.required ? approval.stages : []
    const ids = await approverIds(stages[stage - 1]?.approvers ?? [], lookups, because.metadata.at)
    // Nobody approves their own request (S11), so nobody is asked to.
    return ids.filter((id) => id !== subjectId).map((id) => mailIntent(because, kind, id))
  }
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
