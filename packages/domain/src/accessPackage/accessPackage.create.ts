import { accept, type Decision, type DecisionContext, type Refusal, refuse } from '@portcullis/core'
import { DEFAULT_CATALOG_ID, forbidden, hasRole } from '../authorisation.ts'
import type { AccessPackageEvent } from '../events.ts'
import type {
  AccessPackageCommand,
  AccessPackageFacts,
  ResourceRoleRef,
} from './accessPackage.commands.ts'
import { refusalOfPolicies } from './accessPackage.policies.ts'
import { type AccessPackageState, sameRole } from './accessPackage.state.ts'

type Refused = { readonly ok: false; readonly refusal: Refusal }

const PACKAGE_ROLES = ['UserAdministrator', 'CatalogOwner', 'AccessPackageManager'] as const

/** S2, S3: in the built-in catalog a User administrator; elsewhere also its owner or its access package manager. */
export const unlessPackageAdministrator = (
  action: string,
  catalogId: string,
  facts: AccessPackageFacts,
): Refused | undefined => {
  const roles = catalogId === DEFAULT_CATALOG_ID ? (['UserAdministrator'] as const) : PACKAGE_ROLES
  return hasRole(facts.actor, ...roles)
    ? undefined
    : forbidden('package.forbidden', action, roles, `catalog ${catalogId}`)
}

/** A role can be conferred when the directory knows it and its resource is in the package's catalog (S4). */
export const refusalOfRole = (
  { resourceId, roleId }: ResourceRoleRef,
  catalogId: string,
  facts: AccessPackageFacts,
): Refused | undefined => {
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
  return facts.catalog.resourceIds.includes(resourceId)
    ? undefined
    : refuse(
        'not-allowed',
        'package.resource-not-in-catalog',
        `Resource ${resourceId} isn't in catalog ${catalogId}, and a package confers only what is (S4); add it to the catalog first.`,
        { resourceId, catalogId },
      )
}

const firstDuplicate = <Item>(
  items: readonly Item[],
  same: (left: Item, right: Item) => boolean,
): Item | undefined =>
  items.find((item, index) => items.slice(0, index).some((earlier) => same(earlier, item)))

type Create = Extract<AccessPackageCommand, { type: 'CreateAccessPackage' }>

const refusalOfContent = (
  command: Create,
  { now }: DecisionContext,
  facts: AccessPackageFacts,
): Refused | undefined => {
  const { catalogId, resourceRoles, policies } = command
  const role = firstDuplicate(resourceRoles, sameRole)
  if (role !== undefined) {
    return refuse(
      'invalid',
      'package.duplicate-role',
      `Role ${role.roleId} of ${role.resourceId} is named twice; name it once.`,
      { ...role },
    )
  }
  const policy = firstDuplicate(policies, (left, right) => left.policyId === right.policyId)
  if (policy !== undefined) {
    return refuse(
      'invalid',
      'policy.duplicate-id',
      `Two policies have the id ${policy.policyId}; give each its own.`,
      { policyId: policy.policyId },
    )
  }
  for (const wanted of resourceRoles) {
    const refusal = refusalOfRole(wanted, catalogId, facts)
    if (refusal !== undefined) return refusal
  }
  return refusalOfPolicies(policies, now, facts)
}

/** S2, S17: the package with its roles and policies, all or nothing. */
export const createAccessPackage = (
  command: Create,
  state: AccessPackageState,
  context: DecisionContext,
  facts: AccessPackageFacts,
): Decision<AccessPackageEvent> => {
  const { packageId, catalogId, displayName, description, hidden } = command
  if (!facts.catalog.exists) {
    return refuse(
      'not-found',
      'catalog.not-found',
      `There is no catalog with the id ${catalogId}; check the id, or leave it out for the built-in one.`,
      { catalogId },
    )
  }
  const notAllowed = unlessPackageAdministrator('create an access package', catalogId, facts)
  if (notAllowed !== undefined) return notAllowed
  if (state.packageId !== null) {
    return refuse(
      'conflict',
      'package.already-exists',
      `The id ${packageId} is taken by an access package${state.deleted ? ' that has been deleted' : ''}; choose another id.`,
    )
  }
  const refusal = refusalOfContent(command, context, facts)
  if (refusal !== undefined) return refusal
  return accept<AccessPackageEvent>(
    {
      type: 'AccessPackageCreated.v1',
      data: { packageId, catalogId, displayName, description, hidden },
    },
    ...command.resourceRoles.map(({ resourceId, roleId }, index) => ({
      type: 'ResourceRoleAdded.v1' as const,
      data: { packageId, resourceId, roleId, rolesVersion: index + 1 },
    })),
    ...command.policies.map(({ policyId, enabled, terms }) => ({
      type: 'PolicyAdded.v1' as const,
      data: { packageId, policyId, policyVersion: 1 as const, enabled, terms },
    })),
  )
}
