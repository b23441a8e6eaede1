import type { AccessPackageEvent } from '../events.ts'
import type { PolicyTerms } from '../policyTerms.ts'
import type { ResourceRoleRef } from './accessPackage.commands.ts'

export interface PolicyState {
  readonly policyId: string
  readonly policyVersion: number
  readonly enabled: boolean
  readonly terms: PolicyTerms
}

export interface AccessPackageState {
  /** Null while there is no such package. */
  readonly packageId: string | null
  readonly catalogId: string
  readonly displayName: string
  readonly description: string
  readonly hidden: boolean
  /** Counts the changes of the roles; 0 before the first. */
  readonly rolesVersion: number
  readonly resourceRoles: readonly ResourceRoleRef[]
  readonly policies: readonly PolicyState[]
  /** Their ids are not given again: old requests name them. */
  readonly removedPolicyIds: readonly string[]
  readonly deleted: boolean
}

export const initialAccessPackage = (): AccessPackageState => ({
  packageId: null,
  catalogId: '',
  displayName: '',
  description: '',
  hidden: false,
  rolesVersion: 0,
  resourceRoles: [],
  policies: [],
  removedPolicyIds: [],
  deleted: false,
})

export const sameRole = (left: ResourceRoleRef, right: ResourceRoleRef): boolean =>
  left.resourceId === right.resourceId && left.roleId === right.roleId

/** The policy as it is now; undefined when there is none with that id. */
export const findPolicy = (state: AccessPackageState, policyId: string): PolicyState | undefined =>
  state.policies.find((policy) => policy.policyId === policyId)

/** Is there such a package, and is it still there? */
export const packageExists = (state: AccessPackageState): boolean =>
  state.packageId !== null && !state.deleted

const changePolicy = (
  state: AccessPackageState,
  policyId: string,
  change: Partial<PolicyState>,
): AccessPackageState => ({
  ...state,
  policies: state.policies.map((policy) =>
    policy.policyId === policyId ? { ...policy, ...change } : policy,
  ),
})

export const evolveAccessPackage = (
  state: AccessPackageState,
  event: AccessPackageEvent,
): AccessPackageState => {
  switch (event.type) {
    case 'AccessPackageCreated.v1':
      return { ...state, ...event.data }
    case 'AccessPackageRenamed.v1': {
      const { displayName, description } = event.data
      return { ...state, displayName, description }
    }
    case 'AccessPackageHidden.v1':
      return { ...state, hidden: true }
    case 'AccessPackageShown.v1':
      return { ...state, hidden: false }
    case 'ResourceRoleAdded.v1': {
      const { resourceId, roleId, rolesVersion } = event.data
      const resourceRoles = [...state.resourceRoles, { resourceId, roleId }]
      return { ...state, rolesVersion, resourceRoles }
    }
    case 'ResourceRoleRemoved.v1': {
      const { rolesVersion } = event.data
      const resourceRoles = state.resourceRoles.filter((role) => !sameRole(role, event.data))
      return { ...state, rolesVersion, resourceRoles }
    }
    case 'PolicyAdded.v1': {
      const { policyId, policyVersion, enabled, terms } = event.data
      const policies = [...state.policies, { policyId, policyVersion, enabled, terms }]
      return { ...state, policies }
    }
    case 'PolicyChanged.v1': {
      const { policyId, policyVersion, terms } = event.data
      return changePolicy(state, policyId, { policyVersion, terms })
    }
    case 'PolicyEnabled.v1':
      return changePolicy(state, event.data.policyId, { enabled: true })
    case 'PolicyDisabled.v1':
      return changePolicy(state, event.data.policyId, { enabled: false })
    case 'PolicyRemoved.v1': {
      const { policyId } = event.data
      return {
        ...state,
        policies: state.policies.filter((policy) => policy.policyId !== policyId),
        removedPolicyIds: [...state.removedPolicyIds, policyId],
      }
    }
    case 'AccessPackageDeleted.v1':
      return { ...state, deleted: true }
    default:
      event satisfies never
      return state
  }
}
