import type { DecisionContext, Refusal } from '@portcullis/core'
import { type AssignDirectly, assignDirectly } from './entitlement.direct.ts'
import type { EntitlementFacts } from './entitlement.facts.ts'
import { initialEntitlement } from './entitlement.state.ts'

/**
 * What many direct assignments at once (S18) are refused for as a whole: what even somebody new, enabled and within
 * every policy's scope would be refused for.
 * Undefined when each subject is to be asked about.
 */
export const refusalForEverybody = (
  command: AssignDirectly,
  context: DecisionContext,
  facts: Pick<EntitlementFacts, 'actor' | 'package'>,
): Refusal | undefined => {
  const policies = facts.package.policies.map((policy) => ({
    ...policy,
    basis: { kind: 'user' as const, id: command.subjectId },
    reason: null,
  }))
  const decision = assignDirectly(command, initialEntitlement(), context, {
    actor: facts.actor,
    package: { ...facts.package, policies },
    subject: { exists: true, enabled: true },
    approverBasis: null,
  })
  return decision.ok ? undefined : decision.refusal
}
