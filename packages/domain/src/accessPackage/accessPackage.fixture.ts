import { specify } from '@portcullis/core/testing'
import type { AccessPackageEvent } from '../events.ts'
import type { ActorFacts } from '../permissions/standings.ts'
import type { PolicyTerms } from '../policyTerms.ts'
import { at, checkStorable, exampleTerms, user } from '../testing/index.ts'
import type { AccessPackageCommand } from './accessPackage.commands.ts'
import { accessPackageDecider } from './accessPackage.decide.ts'
import type { AccessPackageFacts, PackageUse } from './accessPackage.facts.ts'

// One package's events and commands, for its specs.

export const NOW = '2026-05-01T08:00:00.000Z'
export const packageId = 'tools'
export const catalogId = 'infra'
export const role = { resourceId: 'repo', roleId: 'member' }
export const terms = exampleTerms()
export const OWNER: ActorFacts = { directoryRoles: [], catalogRoles: ['CatalogOwner'] }
export const MANAGER: ActorFacts = { directoryRoles: [], catalogRoles: ['AccessPackageManager'] }
export const CREATOR: ActorFacts = { directoryRoles: ['CatalogCreator'], catalogRoles: [] }

export const created = (changes: object = {}): AccessPackageEvent => ({
  type: 'AccessPackageCreated.v1',
  data: {
    packageId,
    catalogId,
    displayName: 'Tools',
    description: '',
    hidden: false,
    ...changes,
  },
})
export const roleAdded = (rolesVersion = 1, ref = role): AccessPackageEvent => ({
  type: 'ResourceRoleAdded.v1',
  data: { packageId, ...ref, rolesVersion },
})
export const roleRemoved = (rolesVersion: number, ref = role): AccessPackageEvent => ({
  type: 'ResourceRoleRemoved.v1',
  data: { packageId, ...ref, rolesVersion },
})
export const rollOut = (
  what: 'Queued' | 'Held' | 'Started' | 'Paused' | 'Resumed',
  rolesVersion: number,
): AccessPackageEvent => ({ type: `RollOut${what}.v1`, data: { packageId, rolesVersion } })
export const policyAdded = (policyId = 'standard', enabled = true): AccessPackageEvent => ({
  type: 'PolicyAdded.v1',
  data: { packageId, policyId, policyVersion: 1, enabled, terms },
})
export const deleted: AccessPackageEvent = { type: 'AccessPackageDeleted.v1', data: { packageId } }

export const defaultFacts: AccessPackageFacts = {
  actor: OWNER,
  catalog: { exists: true, displayName: 'Infra', resourceIds: ['repo', 'wiki'] },
  resources: [
    { resourceId: 'repo', exists: true, roleIds: ['member', 'owner'] },
    { resourceId: 'away', exists: true, roleIds: ['member'] },
  ],
  unknownPrincipals: [],
  refusedDirectories: [],
  use: null,
  rollingOut: null,
}
export const UNUSED: PackageUse = {
  delivering: 0,
  delivered: 0,
  partiallyDelivered: 0,
  scheduled: 0,
  pendingRequests: 0,
}
export const given = (...events: AccessPackageEvent[]) => ({
  when: (command: AccessPackageCommand, facts: Partial<AccessPackageFacts> = {}, now = NOW) => {
    const outcome = specify(accessPackageDecider)
      .given(events)
      .when(command, at(now, user('olga')), { ...defaultFacts, ...facts })
    checkStorable(outcome.decision)
    return outcome
  },
})
export type Create = Extract<AccessPackageCommand, { type: 'CreateAccessPackage' }>
export const create = (changes: Partial<Create> = {}): Create => ({
  type: 'CreateAccessPackage',
  packageId,
  catalogId,
  displayName: 'Tools',
  description: '',
  hidden: false,
  resourceRoles: [],
  policies: [],
  ...changes,
})
export const newPolicy = (changes: Partial<PolicyTerms>) => ({
  policyId: 'standard',
  enabled: true,
  terms: exampleTerms(changes),
})
