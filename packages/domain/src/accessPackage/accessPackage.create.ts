import { accept, type Decision, type DecisionContext, refuse } from '@portcullis/core'
import type { AccessPackageEvent } from '../events.ts'
import { type CommandName, isPermitted, unlessPermitted } from '../permissions/permissions.ts'
import type {
  AccessPackageCommand,
  AccessPackageFacts,
  ResourceRoleRef,
} from './accessPackage.commands.ts'
import { problemsOfPolicy, problemsOfTerms } from './accessPackage.policies.ts'
import { type Problem, problem, type Refused, refuseAll } from './accessPackage.problems.ts'
import { type AccessPackageState, sameRole } from './accessPackage.state.ts'

/** S2, S3: may the actor send this in the package's catalog? */
export const unlessAllowed = (
  name: CommandName,
  catalogId: string,
  { actor }: DecisionContext,
  facts: AccessPackageFacts,
): Refused | undefined => {
  const { displayName } = facts.catalog
  return unlessPermitted(name, actor, { ...facts.actor, catalog: { id: catalogId, displayName } })
}

/** A resource that isn't in the package's catalog is shown to who may add any: the others don't learn whether there is such a resource, nor its roles. */
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

/** The later one of each pair of the same. */
const repeated = <Item>(
  items: readonly Item[],
  same: (left: Item, right: Item) => boolean,
): readonly { readonly item: Item; readonly index: number }[] =>
  items
    .map((item, index) => ({ item, index }))
    .filter(({ item, index }) => items.slice(0, index).some((earlier) => same(earlier, item)))

type Create = Extract<AccessPackageCommand, { type: 'CreateAccessPackage' }>

const problemsOfRepetition = ({ resourceRoles, policies }: Create): readonly Problem[] => [
  ...repeated(resourceRoles, sameRole).map(({ item, index }) =>
    problem(
      `resourceRoles[${index}]`,
      refuse(
        'invalid',
        'package.duplicate-role',
        `Role ${item.roleId} of ${item.resourceId} is named twice; name it once.`,
        { resourceId: item.resourceId, roleId: item.roleId },
      ),
    ),
  ),
  ...repeated(policies, (left, right) => left.policyId === right.policyId).map(
    ({ item: { policyId }, index }) =>
      problem(
        `policies[${index}].policyId`,
        refuse(
          'invalid',
          'policy.duplicate-id',
          `Two policies have the id ${policyId}; give each its own.`,
          { policyId },
        ),
      ),
  ),
]

const problemsOfRoles = (
  { resourceRoles, catalogId }: Create,
  context: DecisionContext,
  facts: AccessPackageFacts,
): readonly Problem[] =>
  resourceRoles.flatMap((role, index) => {
    const refused = refusalOfRole(role, catalogId, context, facts)
    if (refused === undefined) return []
    const field = refused.refusal.code === 'package.role-not-found' ? 'roleId' : 'resourceId'
    return [problem(`resourceRoles[${index}].${field}`, refused)]
  })

/**
 * Everything that is wrong with a package that is to be created (S2, S4, S17): creating refuses with the whole list, validating only answers it.
 * Who may not create packages in the catalog learns nothing of what the directory and the log know.
 */
export const problemsOfCreation = (
  command: Create,
  state: AccessPackageState,
  context: DecisionContext,
  facts: AccessPackageFacts,
): readonly Problem[] => {
  const { packageId, catalogId, policies } = command
  const { now } = context
  const ownWords = [
    ...problemsOfRepetition(command),
    ...policies.flatMap((policy, index) =>
      problemsOfTerms(policy, `policies[${index}].terms`, now),
    ),
  ]
  // Before it is looked whether there is such a catalog.
  const notAllowed = unlessAllowed('CreateAccessPackage', catalogId, context, facts)
  if (notAllowed !== undefined) return [problem('catalogId', notAllowed), ...ownWords]
  if (!facts.catalog.exists) {
    const unknown = refuse(
      'not-found',
      'catalog.not-found',
      `There is no catalog with the id ${catalogId}; check the id, or leave it out for the built-in one.`,
      { catalogId },
    )
    return [problem('catalogId', unknown), ...ownWords]
  }
  // What became of a package of another catalog is nothing to them; that its id is taken can't be kept from them.
  const isGone = state.deleted && state.catalogId === catalogId
  const taken =
    state.packageId === null
      ? []
      : [
          problem(
            'packageId',
            refuse(
              'conflict',
              'package.already-exists',
              `The id ${packageId} is taken by an access package${isGone ? ' that has been deleted' : ''}; choose another id.`,
            ),
          ),
        ]
  return [
    ...taken,
    ...problemsOfRepetition(command),
    ...problemsOfRoles(command, context, facts),
    ...policies.flatMap((policy, index) =>
      problemsOfPolicy(policy, `policies[${index}].terms`, now, facts),
    ),
  ]
}

/** S2, S17: the package with its roles and policies, all or nothing. */
export const createAccessPackage = (
  command: Create,
  state: AccessPackageState,
  context: DecisionContext,
  facts: AccessPackageFacts,
): Decision<AccessPackageEvent> => {
  const refused = refuseAll(problemsOfCreation(command, state, context, facts))
  if (refused !== undefined) return refused
  const { packageId, catalogId, displayName, description, hidden } = command
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
