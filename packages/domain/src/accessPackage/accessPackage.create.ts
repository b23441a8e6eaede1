import { accept, type Decision, type DecisionContext, type Refused, refuse } from '@portcullis/core'
import type { AccessPackageEvent } from '../events.ts'
import { type CommandName, unlessPermitted } from '../permissions/permissions.ts'
import type { AccessPackageFacts } from './accessPackage.facts.ts'
import { type NewPolicy, problemsOfPolicy, problemsOfTerms } from './accessPackage.policies.ts'
import { type Problem, problem, refuseAll } from './accessPackage.problems.ts'
import { refusalOfRole } from './accessPackage.roles.ts'
import type { AccessPackageState } from './accessPackage.state.ts'
import { type ResourceRoleRef, sameRole } from './resourceRole.ts'

export interface CreateAccessPackage {
  readonly type: 'CreateAccessPackage'
  readonly packageId: string
  readonly catalogId: string
  readonly displayName: string
  readonly description: string
  readonly hidden: boolean
  /** All or nothing with the package (S17). */
  readonly resourceRoles: readonly ResourceRoleRef[]
  readonly policies: readonly NewPolicy[]
}

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

/** The later one of each pair of the same. */
const repeated = <Item>(
  items: readonly Item[],
  same: (left: Item, right: Item) => boolean,
): readonly { readonly item: Item; readonly index: number }[] =>
  items
    .map((item, index) => ({ item, index }))
    .filter(({ item, index }) => items.slice(0, index).some((earlier) => same(earlier, item)))

const problemsOfRepetition = ({
  resourceRoles,
  policies,
}: CreateAccessPackage): readonly Problem[] => [
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
  { resourceRoles, catalogId }: CreateAccessPackage,
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
 * Everything that is wrong with a package that is to be created (S2, S4, S17): creating refuses with the whole list,
 * validating only answers it.
 * Who may not create packages in the catalog learns nothing of what the directory and the log know.
 */
export const problemsOfCreation = (
  command: CreateAccessPackage,
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
  command: CreateAccessPackage,
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
