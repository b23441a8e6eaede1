import {
  accept,
  actorKey,
  type DecisionContext,
  type Instant,
  type Refused,
  refuse,
} from '@portcullis/core'
import type { PolicyApplication } from '../eligibility/eligibility.ts'
import type { EntitlementEvent } from '../events.ts'
import { unlessPermitted } from '../permissions/permissions.ts'
import { expirationEnd } from '../time.ts'
import type { Basis } from './entitlement.events.ts'
import type { EntitlementFacts } from './entitlement.facts.ts'
import { assignmentStarted, nextAssignmentId, nextRequestId } from './entitlement.request.ts'
import {
  type Answer,
  unlessFree,
  unlessPackageThere,
  unlessSubjectThere,
} from './entitlement.rules.ts'
import type { EntitlementState } from './entitlement.state.ts'

export interface AssignDirectly {
  readonly type: 'AssignDirectly'
  readonly packageId: string
  readonly subjectId: string
  readonly policyId: string
  readonly startAt: string | null
  readonly endAt: string | null
  readonly justification: string | null
}

/**
 * By which right: under a policy for no one, anybody may be assigned by an administrator; under the others only those
 * who are in their scope.
 */
const basisOf = (policy: PolicyApplication, actorId: string): Basis | Refused => {
  if (policy.terms.requestors.kind === 'none') return { kind: 'administrator', id: actorId }
  return (
    policy.basis ??
    refuse(
      'not-allowed',
      'assignment.policy-not-applicable',
      `Policy ${policy.terms.displayName} doesn't apply to the subject: ${policy.reason ?? 'it is for others'}; choose another policy, or one for direct assignment by administrators.`,
      { policyId: policy.policyId, reason: policy.reason },
    )
  )
}

interface Span {
  readonly startAt: Instant
  readonly endAt: Instant | null
}

/** S18: start and end are optional; without an end the policy's expiration counts from the start. */
const spanOf = (
  command: AssignDirectly,
  policy: PolicyApplication,
  now: Instant,
): Span | Refused => {
  const { terms } = policy
  const startAt = command.startAt ?? now
  if (startAt < now) {
    return refuse(
      'invalid',
      'assignment.start-in-past',
      `startAt ${startAt} is in the past (it is ${now}); leave it out to start at once.`,
      { startAt },
    )
  }
  if (command.endAt === null) {
    const endAt = expirationEnd(terms.expiration, startAt, terms.zone)
    return endAt !== null && endAt <= startAt
      ? refuse(
          'not-allowed',
          'assignment.end-passed',
          `Access by policy ${terms.displayName} ends for everybody at ${endAt}, which isn't after the start ${startAt}; give an endAt, or choose another policy.`,
          { startAt, endAt },
        )
      : { startAt, endAt }
  }
  const { endAt } = command
  if (endAt <= now) {
    return refuse(
      'invalid',
      'assignment.end-in-past',
      `endAt ${endAt} isn't in the future (it is ${now}); choose a later one, or leave it out.`,
      { endAt },
    )
  }
  return endAt <= startAt
    ? refuse(
        'invalid',
        'assignment.end-before-start',
        `endAt ${endAt} isn't after startAt ${startAt}; choose a later end or an earlier start.`,
        { startAt, endAt },
      )
    : { startAt, endAt }
}

/**
 * An administrator of the package assigns it without a request (S18), under any policy of the package, enabled or not:
 * "enabled" says whether people may ask, not whether administrators may give.
 */
export const assignDirectly = (
  command: AssignDirectly,
  state: EntitlementState,
  { now, actor }: DecisionContext,
  facts: EntitlementFacts,
): Answer => {
  const { packageId, subjectId, policyId, justification } = command
  const refusal =
    unlessPermitted('AssignDirectly', actor, facts.actor) ??
    unlessPackageThere(packageId, facts) ??
    unlessSubjectThere(subjectId, facts) ??
    unlessFree(state)
  if (refusal !== undefined) return refusal
  const policy = facts.package.policies.find((known) => known.policyId === policyId)
  if (policy === undefined) {
    return refuse(
      'not-found',
      'assignment.policy-not-found',
      `This access package has no policy ${policyId}; it has ${facts.package.policies.map((known) => known.policyId).join(', ') || 'none'}.`,
      { policyId },
    )
  }
  const basis = basisOf(policy, actorKey(actor))
  if ('ok' in basis) return basis
  const span = spanOf(command, policy, now)
  if ('ok' in span) return span
  const { policyVersion, terms } = policy
  const requestId = nextRequestId(state, packageId, subjectId)
  const beginning = {
    assignmentId: nextAssignmentId(state, packageId, subjectId),
    requestId,
    packageId,
    subjectId,
    policyId,
    policyVersion,
  }
  return accept<EntitlementEvent>(
    {
      type: 'RequestSubmitted.v1',
      data: {
        requestId,
        kind: 'direct',
        packageId,
        subjectId,
        requestorId: actorKey(actor),
        policyId,
        policyVersion,
        terms,
        basis,
        justification,
        startAt: command.startAt,
        endAt: command.endAt,
        assignmentId: null,
        approval: null,
      },
    },
    { type: 'RequestAutoApproved.v1', data: { requestId, reason: 'direct-assignment' } },
    span.startAt > now
      ? {
          type: 'AssignmentScheduled.v1',
          data: { ...beginning, startAt: span.startAt, endAt: span.endAt },
        }
      : assignmentStarted(beginning, terms, span.endAt, now),
  )
}
