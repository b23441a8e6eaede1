import { accept, actorKey, type DecisionContext, refuse } from '@portcullis/core'
import type { EntitlementEvent } from '../events.ts'
import { unlessPermitted } from '../permissions/permissions.ts'
import type { ReminderOffset } from '../time.ts'
import type { EntitlementFacts } from './entitlement.facts.ts'
import { assignmentStarted } from './entitlement.request.ts'
import { type Answer, ENGINE, subjectOf, unlessDue, withAssignment } from './entitlement.rules.ts'
import {
  type AssignmentState,
  type EntitlementState,
  pendingRequest,
  termsOf,
} from './entitlement.state.ts'
import { endWithPackage } from './entitlement.withPackage.ts'

export interface StartAssignment {
  readonly type: 'StartAssignment'
  readonly assignmentId: string
}

export interface ExpireAssignment {
  readonly type: 'ExpireAssignment'
  readonly assignmentId: string
  readonly endVersion: number
}

export interface RemoveAssignment {
  readonly type: 'RemoveAssignment'
  readonly assignmentId: string
  readonly justification: string | null
}

export interface RemindOfEnd {
  readonly type: 'RemindOfEnd'
  readonly assignmentId: string
  readonly endVersion: number
  readonly offset: ReminderOffset
}

/** The end of an assignment also ends a request to extend it. */
export const endAssignment = (
  assignment: AssignmentState,
  state: EntitlementState,
  how: Pick<
    Extract<EntitlementEvent, { type: 'AssignmentEnded.v2' }>['data'],
    'reason' | 'by' | 'justification'
  >,
): Answer => {
  const { assignmentId, endAt } = assignment
  const pending = pendingRequest(state)
  const end: EntitlementEvent = {
    type: 'AssignmentEnded.v2',
    data: { assignmentId, ...how, endAt },
  }
  if (pending === undefined) return accept(end)
  const { requestId } = pending
  return accept<EntitlementEvent>(end, {
    type: 'RequestCancelled.v1',
    data: { requestId, by: ENGINE, reason: 'the assignment has ended' },
  })
}

const expired = (assignment: AssignmentState, state: EntitlementState): Answer =>
  endAssignment(assignment, state, { reason: 'expired', by: ENGINE, justification: null })

/**
 * The time of a scheduled assignment has come; when its end has as well (a long downtime), it ends without having
 * started. Nothing starts for somebody who has left: that is noted, and it starts when they are back. When the package
 * has been deleted (S24), it is cancelled.
 */
export const startAssignment = (
  command: StartAssignment,
  state: EntitlementState,
  context: DecisionContext,
  facts: EntitlementFacts,
): Answer =>
  withAssignment(state, command.assignmentId, (assignment) => {
    const { assignmentId, requestId, policyId, policyVersion, startAt, endAt } = assignment
    const { packageId, subjectId } = state
    const terms = termsOf(state, assignment)
    if (assignment.status !== 'scheduled') return accept()
    if (!facts.package.exists) return endWithPackage(state, facts)
    if (terms === undefined || packageId === null || subjectId === null) {
      throw new Error(`assignment ${assignmentId} comes from no request of its stream`)
    }
    const early = unlessDue(context, startAt)
    if (early !== undefined) return early
    if (endAt !== null && endAt <= context.now) return expired(assignment, state)
    if (!facts.subject.exists || !facts.subject.enabled)
      return assignment.startWithheld
        ? accept()
        : accept({ type: 'StartWithheld.v1', data: { assignmentId, startAt, endAt } })
    const beginning = { assignmentId, requestId, packageId, subjectId, policyId, policyVersion }
    return accept(assignmentStarted(beginning, terms, endAt, context.now))
  })

/** The end has come (S14). Nothing when it was moved, or is past. */
export const expireAssignment = (
  command: ExpireAssignment,
  state: EntitlementState,
  context: DecisionContext,
): Answer =>
  withAssignment(state, command.assignmentId, (assignment) => {
    const { status, endAt, endVersion } = assignment
    const current = status === 'active' || status === 'scheduled'
    if (!current || endAt === null || endVersion !== command.endVersion) return accept()
    return unlessDue(context, endAt) ?? expired(assignment, state)
  })

/** S25: the subject gives the access back, or an administrator of the package takes it. */
export const removeAssignment = (
  command: RemoveAssignment,
  state: EntitlementState,
  { actor }: DecisionContext,
  facts: EntitlementFacts,
): Answer =>
  unlessPermitted('RemoveAssignment', actor, facts.actor, {
    subjectId: subjectOf(command.assignmentId),
  }) ??
  withAssignment(state, command.assignmentId, (assignment) => {
    if (assignment.status === 'ended' || assignment.status === 'cancelled') {
      return refuse(
        'conflict',
        'assignment.already-ended',
        `Assignment ${assignment.assignmentId} has ended already; what it conferred is being, or has been, taken away.`,
        { status: assignment.status },
      )
    }
    const { justification } = command
    return endAssignment(assignment, state, {
      reason: 'removed',
      by: actorKey(actor),
      justification,
    })
  })

/**
 * S15, S28: a reminder is sent once, or recorded as skipped when it has lost its use:
 * the assignment is over, or the next reminder is due as well (after a downtime).
 */
export const remindOfEnd = (
  command: RemindOfEnd,
  state: EntitlementState,
  context: DecisionContext,
): Answer =>
  withAssignment(state, command.assignmentId, (assignment) => {
    const { assignmentId, status, endAt, endVersion, reminders, reminded } = assignment
    const { offset } = command
    const reminder = reminders.find((planned) => planned.offset === offset)
    if (endVersion !== command.endVersion || reminder === undefined || endAt === null) {
      return accept()
    }
    if (reminded.includes(offset)) return accept()
    const skipped = (reason: 'assignment-ended' | 'later-reminder-due' | 'end-reached') =>
      accept<EntitlementEvent>({
        type: 'ExtensionReminderSkipped.v1',
        data: { assignmentId, endVersion, offset, reason },
      })
    if (status !== 'active') return skipped('assignment-ended')
    const early = unlessDue(context, reminder.at)
    if (early !== undefined) return early
    if (context.now >= endAt) return skipped('end-reached')
    const laterDue = reminders.some(({ at }) => at > reminder.at && at <= context.now)
    return laterDue
      ? skipped('later-reminder-due')
      : accept({
          type: 'ExtensionReminderDue.v1',
          data: { assignmentId, endVersion, offset, endAt },
        })
  })
