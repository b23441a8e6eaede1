import type { AccessPackageEvent } from '../events.ts'
import type { PolicyTerms } from '../policyTerms.ts'
import {
  evolveRollOut,
  initialRollOut,
  type RoleChange,
  type RollOutState,
} from './accessPackage.rollOut.ts'
import { type ResourceRoleRef, sameRole } from './resourceRole.ts'

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
  /** Every change of the roles, in order: what they were at any version. */
  readonly roleChanges: readonly RoleChange[]
  readonly rollOut: RollOutState
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
  roleChanges: [],
  rollOut: initialRollOut,
  policies: [],
  removedPolicyIds: [],
  deleted: false,
})

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

const changeRoles = (
  state: AccessPackageState,
  event: Extract<AccessPackageEvent, { type: 'ResourceRoleAdded.v1' | 'ResourceRoleRemoved.v1' }>,
  resourceRoles: readonly ResourceRoleRef[],
): AccessPackageState => {
  const { resourceId, roleId, rolesVersion } = event.data
  const change = event.type === 'ResourceRoleAdded.v1' ? 'added' : 'removed'
  return {
    ...state,
    rolesVersion,
    resourceRoles,
    roleChanges: [...state.roleChanges, { rolesVersion, resourceId, roleId, change }],
    rollOut: evolveRollOut(state.rollOut, event),
  }
}

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
      const { resourceId, roleId } = event.data
      return changeRoles(state, event, [...state.resourceRoles, { resourceId, roleId }])
    }
    case 'ResourceRoleRemoved.v1': {
      const left = state.resourceRoles.filter((role) => !sameRole(role, event.data))
      return changeRoles(state, event, left)
    }
    case 'RollOutQueued.v1':
    case 'RollOutHeld.v1':
    case 'RollOutStarted.v1':
    case 'RollOutPaused.v1':
    case 'RollOutResumed.v1':
    case 'RollOutCancelled.v1':
      return { ...state, rollOut: evolveRollOut(state.rollOut, event) }
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
