import {
  accept,
  actorKey,
  type DecisionContext,
  type Instant,
  type Refused,
  refuse,
} from '@portcullis/core'
import type { EntitlementEvent } from '../events.ts'
import { unlessPermitted } from '../permissions/permissions.ts'
import type { PolicyTerms } from '../policyTerms.ts'
import { addDays, addHours, endOfDate } from '../time.ts'
import type { EntitlementFacts } from './entitlement.facts.ts'
import { firstStage, nextRequestId, unlessJustified } from './entitlement.request.ts'
import {
  type Answer,
  remindersFor,
  subjectOf,
  unlessPackageDeleted,
  unlessSubjectThere,
  withAssignment,
} from './entitlement.rules.ts'
import {
  type AssignmentState,
  type EntitlementState,
  findRequest,
  pendingRequest,
  type RequestState,
} from './entitlement.state.ts'

export interface RequestExtension {
  readonly type: 'RequestExtension'
  readonly assignmentId: string
  readonly justification: string | null
}

type NewEnd = { readonly endAt: Instant; readonly notBefore: Instant | null }

/**
 * S15: one more period, counted from the current end, so that asking early loses nothing; not before the last period
 * has begun, so that extensions don't pile up.
 * With a fixed date the date stays the limit: only an earlier end that an administrator set can be moved up to it.
 */
const newEnd = (terms: PolicyTerms, endAt: Instant): NewEnd | Refused => {
  const { expiration, zone } = terms
  switch (expiration.kind) {
    case 'afterDays':
      return {
        endAt: addDays(endAt, expiration.days, zone),
        notBefore: addDays(endAt, -expiration.days, zone),
      }
    case 'afterHours':
      return {
        endAt: addHours(endAt, expiration.hours),
        notBefore: addHours(endAt, -expiration.hours),
      }
    case 'onDate': {
      const limit = endOfDate(expiration.date, zone)
      return endAt < limit
        ? { endAt: limit, notBefore: null }
        : refuse(
            'not-allowed',
            'extension.fixed-date',
            `Policy ${terms.displayName} ends all access on ${expiration.date}, so there is nothing to extend to; ask an administrator of the package.`,
            { endAt, date: expiration.date },
          )
    }
    case 'never':
      return refuse(
        'not-allowed',
        'extension.no-period',
        `Policy ${terms.displayName} has no period to extend by; ask an administrator of the package to assign it anew.`,
        { endAt },
      )
    default:
      return expiration satisfies never
  }
}

/** The event of an extension that is approved, decided at `now`; refused when there is nothing left to extend. */
export const extend = (
  assignment: AssignmentState,
  request: Pick<RequestState, 'requestId' | 'terms'>,
  now: Instant,
): EntitlementEvent | Refused => {
  const { assignmentId, status, endAt, endVersion } = assignment
  if (status !== 'active' || endAt === null || endAt <= now) {
    return refuse(
      'conflict',
      'approval.assignment-ended',
      `Assignment ${assignmentId} has ended, so it can't be extended any more; the subject can request the package again.`,
      { endAt },
    )
  }
  const end = newEnd(request.terms, endAt)
  if ('ok' in end) return end
  return {
    type: 'AssignmentExtended.v1',
    data: {
      assignmentId,
      requestId: request.requestId,
      previousEndAt: endAt,
      endAt: end.endAt,
      endVersion: endVersion + 1,
      reminders: remindersFor(request.terms, end.endAt, now),
    },
  }
}

const refusalOfAssignment = (
  assignment: AssignmentState,
  state: EntitlementState,
  now: Instant,
): Refused | undefined => {
  const { assignmentId, status, endAt } = assignment
  if (status === 'scheduled') {
    return refuse(
      'not-allowed',
      'extension.not-active',
      `Assignment ${assignmentId} starts at ${assignment.startAt}; it can be extended once it has started.`,
    )
  }
  if (status !== 'active' || (endAt !== null && endAt <= now)) {
    return refuse(
      'conflict',
      'extension.assignment-ended',
      `Assignment ${assignmentId} has ended, so it can't be extended any more; request the package again.`,
      { endAt },
    )
  }
  const pending = pendingRequest(state)
  return pending === undefined
    ? undefined
    : refuse(
        'conflict',
        'extension.already-pending',
        `An extension of this assignment is waiting for approval (${pending.requestId}); wait for the decision, or cancel that request first.`,
        { requestId: pending.requestId },
      )
}

const refusalOfTerms = (
  { requestId, terms }: RequestState,
  { assignmentId, endAt }: AssignmentState,
  now: Instant,
): Refused | undefined => {
  if (!terms.extension.allowed) {
    return refuse(
      'not-allowed',
      'extension.not-allowed',
      `Policy ${terms.displayName}, as it was when ${requestId} was made, doesn't allow extensions; request the package again after the end, or ask an administrator of the package.`,
    )
  }
  if (endAt === null) {
    return refuse(
      'not-allowed',
      'extension.no-end',
      `Assignment ${assignmentId} has no end; there is nothing to extend.`,
    )
  }
  const end = newEnd(terms, endAt)
  if ('ok' in end) return end
  return end.notBefore !== null && now < end.notBefore
    ? refuse(
        'not-allowed',
        'extension.too-early',
        `This assignment runs until ${endAt} and can be extended from ${end.notBefore} on, when no more than one period is left; ask again then.`,
        { from: end.notBefore, endAt },
      )
    : undefined
}

/** The subject asks for more time, under the terms that were pinned when the assignment was requested (S7, S15). */
export const requestExtension = (
  command: RequestExtension,
  state: EntitlementState,
  context: DecisionContext,
  facts: EntitlementFacts,
): Answer =>
  unlessPermitted('RequestExtension', context.actor, facts.actor, {
    subjectId: subjectOf(command.assignmentId),
  }) ??
  withAssignment(state, command.assignmentId, (assignment) => {
    const { now, actor } = context
    const { packageId, subjectId } = state
    const original = findRequest(state, assignment.requestId)
    if (original === undefined || packageId === null || subjectId === null) {
      throw new Error(`assignment ${assignment.assignmentId} comes from no request of its stream`)
    }
    const { terms, policyId, policyVersion, basis } = original
    const refusal =
      refusalOfAssignment(assignment, state, now) ??
      unlessPackageDeleted(packageId, facts) ??
      unlessSubjectThere(subjectId, facts) ??
      refusalOfTerms(original, assignment, now) ??
      unlessJustified(terms, command.justification)
    if (refusal !== undefined) return refusal
    const requestId = nextRequestId(state, packageId, subjectId)
    const needsApproval = terms.extension.allowed && terms.extension.approvalRequired
    const approval = needsApproval ? firstStage(terms, now) : null
    const submitted: EntitlementEvent = {
      type: 'RequestSubmitted.v1',
      data: {
        requestId,
        kind: 'extension',
        packageId,
        subjectId,
        requestorId: actorKey(actor),
        policyId,
        policyVersion,
        terms,
        basis,
        justification: command.justification,
        startAt: null,
        endAt: null,
        assignmentId: assignment.assignmentId,
        approval,
      },
    }
    if (approval !== null) return accept(submitted)
    const extended = extend(assignment, { requestId, terms }, now)
    if ('ok' in extended) return extended
    return accept<EntitlementEvent>(
      submitted,
      {
        type: 'RequestAutoApproved.v1',
        data: { requestId, reason: 'extension-without-approval' },
      },
      extended,
    )
  })
