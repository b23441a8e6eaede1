import { accept, type Decision, type DecisionContext, type Refused, refuse } from '@portcullis/core'
import type { AccessPackageEvent } from '../events.ts'
import { isPermitted } from '../permissions/permissions.ts'
import type { AccessPackageFacts } from './accessPackage.facts.ts'
import type { AccessPackageState } from './accessPackage.state.ts'
import { type ResourceRoleRef, sameRole } from './resourceRole.ts'

type Answer = Decision<AccessPackageEvent>

/**
 * When a change of roles is rolled out to those who have the package already (S5, S6): at once, which is what absent
 * means, or once somebody releases it.
 */
export interface RollOutChoice {
  readonly rollOut?: 'now' | 'held'
}

export interface AddResourceRole extends ResourceRoleRef, RollOutChoice {
  readonly type: 'AddResourceRole'
  readonly packageId: string
}

export interface RemoveResourceRole extends ResourceRoleRef, RollOutChoice {
  readonly type: 'RemoveResourceRole'
  readonly packageId: string
}

/**
 * A resource that isn't in the package's catalog is shown to those who may add any: the others don't learn whether
 * there is such a resource, nor its roles.
 */
const isShown = (resourceId: string, { actor }: DecisionContext, facts: AccessPackageFacts) =>
  facts.catalog.resourceIds.includes(resourceId) ||
  isPermitted('AddResourceOfOthers', actor, facts.actor)

/** A role can be conferred when the directory knows it and its resource is in the package's catalog (S4). */
export const refusalOfRole = (
  { resourceId, roleId }: ResourceRoleRef,
  catalogId: string,
  context: DecisionContext,
  facts: AccessPackageFacts,
): Refused | undefined => {
  const notInCatalog = () =>
    refuse(
      'not-allowed',
      'package.resource-not-in-catalog',
      `Resource ${resourceId} isn't in catalog ${catalogId}, and a package confers only what is (S4); a User administrator, or a Catalog owner who owns the resource, can add it.`,
      { resourceId, catalogId },
    )
  if (!isShown(resourceId, context, facts)) return notInCatalog()
  const resource = facts.resources.find((known) => known.resourceId === resourceId)
  if (resource?.exists !== true) {
    return refuse(
      'not-found',
      'package.resource-not-found',
      `The directory knows no resource with the id ${resourceId}; check the id, or import the resource first.`,
      { resourceId },
    )
  }
  if (!resource.roleIds.includes(roleId)) {
    return refuse(
      'not-found',
      'package.role-not-found',
      `Resource ${resourceId} has no role ${roleId}; it has ${resource.roleIds.join(', ') || 'none'}.`,
      { resourceId, roleId, roleIds: resource.roleIds },
    )
  }
  return facts.catalog.resourceIds.includes(resourceId) ? undefined : notInCatalog()
}

/**
 * A change of the roles, and whether it is rolled out automatically. One package has one roll-out to come at a time: a
 * change that is made while another is held back waits with it, and one that is to be held keeps back what hasn't
 * started yet, since each version confers all of the one before.
 */
const changeRole = (
  command: AddResourceRole | RemoveResourceRole,
  state: AccessPackageState,
): Answer => {
  const { packageId, resourceId, roleId } = command
  const rolesVersion = state.rolesVersion + 1
  const held = command.rollOut === 'held' || state.rollOut.waiting === 'held'
  return accept<AccessPackageEvent>(
    { type: held ? 'RollOutHeld.v1' : 'RollOutQueued.v1', data: { packageId, rolesVersion } },
    {
      type: command.type === 'AddResourceRole' ? 'ResourceRoleAdded.v1' : 'ResourceRoleRemoved.v1',
      data: { packageId, resourceId, roleId, rolesVersion },
    },
  )
}

export const addResourceRole = (
  command: AddResourceRole,
  state: AccessPackageState,
  context: DecisionContext,
  facts: AccessPackageFacts,
): Answer => {
  if (state.resourceRoles.some((role) => sameRole(role, command))) return accept()
  return refusalOfRole(command, state.catalogId, context, facts) ?? changeRole(command, state)
}

export const removeResourceRole = (
  command: RemoveResourceRole,
  state: AccessPackageState,
): Answer =>
  state.resourceRoles.some((role) => sameRole(role, command))
    ? changeRole(command, state)
    : accept()
