import type { Actor, DecisionContext, Instant } from '@portcullis/core'
import type { PolicyApplication } from '../eligibility/eligibility.ts'
import type { EntitlementFacts } from '../entitlement/entitlement.facts.ts'
import type { ActorFacts } from '../permissions/standings.ts'
import type { PolicyTerms } from '../policyTerms.ts'

// Examples for specs, here and in the packages that build on the domain. Each is valid as it stands and takes changes.

export const ZONE = 'Europe/Berlin'

/** Directory group `eng` may request, group `leads` approves within 14 days, 30 days, extension without approval. */
export const exampleTerms = (changes: Partial<PolicyTerms> = {}): PolicyTerms => ({
  displayName: 'Engineers',
  description: '',
  requestors: { kind: 'directory', principals: [{ kind: 'group', id: 'eng' }] },
  requestorJustification: false,
  approval: {
    required: true,
    stages: [
      {
        approvers: [{ kind: 'group', id: 'leads' }],
        timeoutDays: 14,
        approverJustification: false,
      },
    ],
  },
  expiration: { kind: 'afterDays', days: 30 },
  extension: { allowed: true, approvalRequired: false },
  zone: ZONE,
  ...changes,
})

/** Policy `standard`, enabled, in force for the subject through group `eng`. */
export const exampleApplication = (
  terms: Partial<PolicyTerms> = {},
  changes: Partial<PolicyApplication> = {},
): PolicyApplication => ({
  policyId: 'standard',
  policyVersion: 1,
  enabled: true,
  terms: exampleTerms(terms),
  basis: { kind: 'group', id: 'eng' },
  reason: null,
  ...changes,
})

export const NO_ROLES: ActorFacts = { directoryRoles: [], catalogRoles: [] }
export const USER_ADMINISTRATOR: ActorFacts = {
  directoryRoles: ['UserAdministrator'],
  catalogRoles: [],
}

/** A package with the policies, an enabled subject, an actor without roles. */
export const exampleFacts = (
  policies: readonly PolicyApplication[] = [exampleApplication()],
  changes: Partial<EntitlementFacts> = {},
): EntitlementFacts => ({
  actor: NO_ROLES,
  package: { exists: true, policies },
  subject: { exists: true, enabled: true },
  approverBasis: null,
  ...changes,
})

export const user = (id: string): Actor => ({ kind: 'user', id })
export const service = (id: string): Actor => ({ kind: 'service', id })
export const ENGINE_ACTOR: Actor = { kind: 'system', id: 'engine' }

/** What a decision is told besides the command. */
export const at = (now: Instant, actor: Actor = ENGINE_ACTOR): DecisionContext => ({ now, actor })

export { checkStorable } from './storable.ts'
