import type { EntitlementFacts } from '@portcullis/domain'

/** Who reconcile's own events say they are by. */
export const ENGINE = { kind: 'system', id: 'reconcile' } as const

/** Commands of the engine itself rely on nothing but the stream. */
export const ENGINE_FACTS: EntitlementFacts = {
  actor: { directoryRoles: [], catalogRoles: [] },
  package: { exists: true, policies: [] },
  subject: { exists: true, enabled: true },
  approverBasis: null,
}
