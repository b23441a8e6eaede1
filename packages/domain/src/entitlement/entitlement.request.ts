import {
  accept,
  actorKey,
  type DecisionContext,
  type Instant,
  type Refusal,
  type Refused,
  refuse,
} from '@portcullis/core'
import { mayRequestBy, type PolicyApplication, sentenceOf } from '../eligibility/eligibility.ts'
import type { EntitlementEvent } from '../events.ts'
import { unlessPermitted } from '../permissions/permissions.ts'
import type { PolicyTerms } from '../policyTerms.ts'
import { assignmentId, entitlementId, requestId } from '../streams.ts'
import { addDays, expirationEnd } from '../time.ts'
import type { Basis } from './entitlement.events.ts'
import type { EntitlementFacts } from './entitlement.facts.ts'
import {
  type Answer,
  isBlank,
  remindersFor,
  unlessFree,
  unlessPackageSeen,
  unlessSubjectThere,
} from './entitlement.rules.ts'
import type { EntitlementState } from './entitlement.state.ts'

export interface SubmitRequest {
  readonly type: 'SubmitRequest'
  readonly packageId: string
  readonly subjectId: string
  /** Needed when more than one policy applies (S9). */
  readonly policyId: string | null
  readonly justification: string | null
}

type Chosen = { readonly policy: PolicyApplication; readonly basis: Basis }

const named = ({ policyId, terms }: PolicyApplication) => ({
  policyId,
  displayName: terms.displayName,
})

const applying = (policy: PolicyApplication): readonly Chosen[] =>
  mayRequestBy(policy) && policy.basis !== null ? [{ policy, basis: policy.basis }] : []

const namedPolicy = (
  policyId: string,
  policies: readonly PolicyApplication[],
): Chosen | Refused => {
  const policy = policies.find((known) => known.policyId === policyId)
  if (policy === undefined) {
    return refuse(
      'not-found',
      'request.policy-not-found',
      `This access package has no policy ${policyId}; leave it out to have it chosen.`,
      { policyId },
    )
  }
  const [chosen] = applying(policy)
  if (chosen !== undefined) return chosen
  return policy.enabled
    ? refuse(
        'not-allowed',
        'request.policy-not-applicable',
        `Policy ${policy.terms.displayName} doesn't apply to the subject: ${sentenceOf(policy)}; choose another policy, or ask an administrator of the package.`,
        { policyId, reason: sentenceOf(policy) },
      )
    : refuse(
        'not-allowed',
        'request.policy-disabled',
        `Policy ${policy.terms.displayName} is disabled (S16); choose another policy, or ask an administrator of the package to enable it.`,
        { policyId },
      )
}

/** S9: the one that applies; when several do, the requestor says which. */
const choosePolicy = (
  policyId: string | null,
  policies: readonly PolicyApplication[],
): Chosen | Refused => {
  if (policyId !== null) return namedPolicy(policyId, policies)
  const candidates = policies.flatMap(applying)
  const [only] = candidates
  if (only === undefined) {
    const reasons = policies.map((policy) => ({ ...named(policy), reason: sentenceOf(policy) }))
    return refuse(
      'not-allowed',
      'request.no-policy-applies',
      `No policy of this access package lets the subject request it${reasons.map(({ displayName, reason }) => `; ${displayName}: ${reason}`).join('')}. Ask an administrator of the package.`,
      { policies: reasons },
    )
  }
  return candidates.length === 1
    ? only
    : refuse(
        'invalid',
        'request.policy-needed',
        `Several policies apply (${candidates.map(({ policy }) => policy.terms.displayName).join(', ')}); name the one to request by.`,
        { policies: candidates.map(({ policy }) => named(policy)) },
      )
}

/** S12. */
export const unlessJustified = (
  terms: PolicyTerms,
  justification: string | null,
): Refused | undefined =>
  terms.requestorJustification && isBlank(justification)
    ? refuse(
        'invalid',
        'request.justification-needed',
        `Policy ${terms.displayName} asks for a justification; say why the access is needed.`,
      )
    : undefined

/** What opens the first stage, or null where nobody has to approve. */
export const firstStage = (
  terms: PolicyTerms,
  now: Instant,
): { readonly stage: 1; readonly decideBy: Instant } | null => {
  const days = terms.approval.required ? terms.approval.stages[0]?.timeoutDays : undefined
  return days === undefined ? null : { stage: 1, decideBy: addDays(now, days, terms.zone) }
}

interface Beginning {
  readonly assignmentId: string
  readonly requestId: string
  readonly packageId: string
  readonly subjectId: string
  readonly policyId: string
  readonly policyVersion: number
}

/** A new assignment from now on. */
export const assignmentStarted = (
  beginning: Beginning,
  terms: PolicyTerms,
  endAt: Instant | null,
  now: Instant,
): EntitlementEvent => ({
  type: 'AssignmentStarted.v1',
  data: {
    ...beginning,
    startedAt: now,
    endAt,
    endVersion: 1,
    reminders: remindersFor(terms, endAt, now),
  },
})

/** The id that the next assignment of this subject and package gets. */
export const nextAssignmentId = (
  state: EntitlementState,
  packageId: string,
  subjectId: string,
): string => assignmentId(entitlementId(packageId, subjectId), state.assignments.length + 1)

/** The id that the next request of this subject and package gets. */
export const nextRequestId = (
  state: EntitlementState,
  packageId: string,
  subjectId: string,
): string => requestId(entitlementId(packageId, subjectId), state.requests.length + 1)

/**
 * A subject asks for a package (S9, S10, S12, S14, S16). The policy's terms are pinned whole, so that later changes of
 * it touch only new requests (S7).
 */
export const submitRequest = (
  command: SubmitRequest,
  state: EntitlementState,
  { now, actor }: DecisionContext,
  facts: EntitlementFacts,
): Answer => {
  const { packageId, subjectId, justification } = command
  const refusal =
    unlessPermitted('SubmitRequest', actor, facts.actor, { subjectId }) ??
    // First of themselves, so that it is the same whether there is such a package or not.
    unlessSubjectThere(subjectId, facts) ??
    unlessPackageSeen(packageId, state, facts) ??
    unlessFree(state)
  if (refusal !== undefined) return refusal
  const chosen = choosePolicy(command.policyId, facts.package.policies)
  if (!('policy' in chosen)) return chosen
  const { basis } = chosen
  const { policyId, policyVersion, terms } = chosen.policy
  const notJustified = unlessJustified(terms, justification)
  if (notJustified !== undefined) return notJustified
  const endAt = expirationEnd(terms.expiration, now, terms.zone)
  if (endAt !== null && endAt <= now) {
    return refuse(
      'not-allowed',
      'request.end-passed',
      `Access by policy ${terms.displayName} ended for everybody at ${endAt}; choose another policy, or ask an administrator of the package to change the date.`,
      { endAt },
    )
  }
  const id = nextRequestId(state, packageId, subjectId)
  const approval = firstStage(terms, now)
  const submitted: EntitlementEvent = {
    type: 'RequestSubmitted.v1',
    data: {
      requestId: id,
      kind: 'new',
      packageId,
      subjectId,
      requestorId: actorKey(actor),
      policyId,
      policyVersion,
      terms,
      basis,
      justification,
      startAt: null,
      endAt: null,
      assignmentId: null,
      approval,
    },
  }
  if (approval !== null) return accept(submitted)
  const beginning = {
    assignmentId: nextAssignmentId(state, packageId, subjectId),
    requestId: id,
    packageId,
    subjectId,
    policyId,
    policyVersion,
  }
  return accept<EntitlementEvent>(
    submitted,
    {
      type: 'RequestAutoApproved.v1',
      data: { requestId: id, reason: 'policy-without-approval' },
    },
    assignmentStarted(beginning, terms, endAt, now),
  )
}

/**
 * What a request that names no policy, and gives every justification asked for, would be refused with now.
 * @returns null when it would be accepted
 */
export const refusalToRequest = (
  target: { readonly packageId: string; readonly subjectId: string },
  state: EntitlementState,
  now: Instant,
  facts: Omit<EntitlementFacts, 'actor' | 'approverBasis'>,
): Refusal | null => {
  const answer = submitRequest(
    { type: 'SubmitRequest', ...target, policyId: null, justification: '-' },
    state,
    { now, actor: { kind: 'user', id: target.subjectId } },
    {
      ...facts,
      // The one who asks has been found to see it.
      package: { ...facts.package, shown: true },
      actor: { directoryRoles: [], catalogRoles: [] },
      approverBasis: null,
    },
  )
  return answer.ok ? null : answer.refusal
}
