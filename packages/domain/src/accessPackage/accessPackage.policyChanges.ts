import { accept, type Decision, type DecisionContext, jsonEqual, refuse } from '@portcullis/core'
import type { AccessPackageEvent } from '../events.ts'
import type { PolicyTerms } from '../policyTerms.ts'
import type { AccessPackageFacts } from './accessPackage.facts.ts'
import { type NewPolicy, problemsOfPolicy } from './accessPackage.policies.ts'
import { problem, refuseAll } from './accessPackage.problems.ts'
import { type AccessPackageState, findPolicy, type PolicyState } from './accessPackage.state.ts'
import { unlessPolicyUnused, useOf } from './accessPackage.use.ts'

type Answer = Decision<AccessPackageEvent>

export interface AddPolicy extends NewPolicy {
  readonly type: 'AddPolicy'
  readonly packageId: string
}

export interface ChangePolicy {
  readonly type: 'ChangePolicy'
  readonly packageId: string
  readonly policyId: string
  readonly terms: PolicyTerms
}

export interface SwitchPolicy {
  readonly type: 'EnablePolicy' | 'DisablePolicy'
  readonly packageId: string
  readonly policyId: string
}

export interface RemovePolicy {
  readonly type: 'RemovePolicy'
  readonly packageId: string
  readonly policyId: string
}

const ifPolicy = (
  policyId: string,
  state: AccessPackageState,
  go: (policy: PolicyState) => Answer,
): Answer => {
  const policy = findPolicy(state, policyId)
  return policy === undefined
    ? refuse(
        'not-found',
        'policy.not-found',
        `This access package has no policy ${policyId}; it has ${state.policies.map((known) => known.policyId).join(', ') || 'none'}.`,
        { policyId },
      )
    : go(policy)
}

export const addPolicy = (
  command: AddPolicy,
  state: AccessPackageState,
  { now }: DecisionContext,
  facts: AccessPackageFacts,
): Answer => {
  const { packageId, policyId, enabled, terms } = command
  const existing = findPolicy(state, policyId)
  if (existing?.enabled === enabled && jsonEqual(existing.terms, terms)) return accept()
  const taken = existing !== undefined || state.removedPolicyIds.includes(policyId)
  const conflict = refuse(
    'conflict',
    'policy.already-exists',
    `The id ${policyId} is taken by ${existing === undefined ? 'a policy that was removed' : 'another policy of this package'}; choose another id, or change that policy.`,
    { policyId },
  )
  return (
    refuseAll([
      ...(taken ? [problem('policyId', conflict)] : []),
      ...problemsOfPolicy(command, 'terms', now, facts),
    ]) ??
    accept({
      type: 'PolicyAdded.v1',
      data: { packageId, policyId, policyVersion: 1, enabled, terms },
    })
  )
}

/** S7: counts the policy's version up; who has access by an earlier one keeps its terms. */
export const changePolicy = (
  command: ChangePolicy,
  state: AccessPackageState,
  { now }: DecisionContext,
  facts: AccessPackageFacts,
): Answer => {
  const { packageId, policyId, terms } = command
  return ifPolicy(policyId, state, (policy) => {
    if (jsonEqual(policy.terms, terms)) return accept()
    const policyVersion = policy.policyVersion + 1
    return (
      refuseAll(problemsOfPolicy(command, 'terms', now, facts)) ??
      accept({ type: 'PolicyChanged.v1', data: { packageId, policyId, policyVersion, terms } })
    )
  })
}

/** S16: by a policy that is disabled nobody requests. */
export const switchPolicy = (
  { type, packageId, policyId }: SwitchPolicy,
  state: AccessPackageState,
): Answer =>
  ifPolicy(policyId, state, ({ enabled }) => {
    const enable = type === 'EnablePolicy'
    if (enabled === enable) return accept()
    return accept({
      type: enable ? 'PolicyEnabled.v1' : 'PolicyDisabled.v1',
      data: { packageId, policyId },
    })
  })

export const removePolicy = (
  { type, packageId, policyId }: RemovePolicy,
  state: AccessPackageState,
  facts: AccessPackageFacts,
): Answer =>
  state.removedPolicyIds.includes(policyId)
    ? accept()
    : ifPolicy(
        policyId,
        state,
        () =>
          unlessPolicyUnused(policyId, useOf(type, facts)) ??
          accept({ type: 'PolicyRemoved.v1', data: { packageId, policyId } }),
      )
