import type { Resource } from '@portcullis/directory'
import {
  type AccessPackageCommand,
  type AccessPackageFacts,
  type AccessPackageState,
  type ActorFacts,
  type CatalogState,
  isPermitted,
  type PolicyTerms,
  type Principal,
  principalsOf,
  type ResourceRoleRef,
} from '@portcullis/domain'
import type { Caller } from '../caller.ts'
import { personOf, rolesIn } from '../facts/states.ts'
import type { CommandTools } from './tools.ts'

const catalogIdOf = (command: AccessPackageCommand, state: AccessPackageState): string =>
  command.type === 'CreateAccessPackage' ? command.catalogId : state.catalogId

const rolesOf = (command: AccessPackageCommand): readonly ResourceRoleRef[] => {
  if (command.type === 'CreateAccessPackage') return command.resourceRoles
  if (command.type === 'AddResourceRole') return [command]
  return []
}

export const termsOf = (command: AccessPackageCommand): readonly PolicyTerms[] => {
  if (command.type === 'CreateAccessPackage') return command.policies.map(({ terms }) => terms)
  return 'terms' in command ? [command.terms] : []
}

/** What the log and the directory say of everything that a command names. */
export interface Found {
  readonly catalogId: string
  readonly catalog: CatalogState
  readonly actor: ActorFacts
  /** Ids of the resources that the command names, each once. */
  readonly named: readonly string[]
  readonly resources: ReadonlyMap<string, Resource>
  readonly policies: PolicyFacts
}

export const lookUp = async (
  tools: Pick<CommandTools, 'directory' | 'states'>,
  command: AccessPackageCommand,
  caller: Caller,
  state: AccessPackageState,
): Promise<Found> => {
  const { directory, states } = tools
  const catalogId = catalogIdOf(command, state)
  const named = [...new Set(rolesOf(command).map(({ resourceId }) => resourceId))]
  const [person, catalog, resources, policies] = await Promise.all([
    personOf(directory, caller.actor),
    states.catalog(catalogId),
    directory.resources(named),
    policyFacts(tools, termsOf(command)),
  ])
  return {
    catalogId,
    catalog,
    actor: rolesIn(catalog, caller, person),
    named,
    resources,
    policies,
  }
}

/**
 * Resources that the command names, that the catalog lacks and that the actor may bring in: owns them, and is User
 * administrator or Catalog owner (S4).
 */
export const resourcesToAdd = (
  caller: Caller,
  { actor, catalog, named, resources }: Found,
): readonly string[] => {
  if (!isPermitted('AddResource', caller.actor, actor)) return []
  return named.filter(
    (id) =>
      !catalog.resourceIds.includes(id) &&
      resources.has(id) &&
      (caller.actor.kind === 'service' || resources.get(id)?.ownerIds.includes(caller.actor.id)),
  )
}

/** @param aboutToJoin resources that are added to the catalog before the package is written */
export const factsFrom = (
  { actor, catalog, named, resources, policies }: Found,
  aboutToJoin: readonly string[],
): AccessPackageFacts => ({
  actor,
  use: null,
  rollingOut: null,
  catalog: {
    exists: catalog.catalogId !== null,
    displayName: catalog.displayName,
    resourceIds: [...catalog.resourceIds, ...aboutToJoin],
  },
  resources: named.map((resourceId) => {
    const resource = resources.get(resourceId)
    return {
      resourceId,
      exists: resource !== undefined,
      roleIds: resource?.roles.map(({ id }) => id) ?? [],
    }
  }),
  ...policies,
})

type PolicyFacts = Pick<AccessPackageFacts, 'unknownPrincipals' | 'refusedDirectories'>

/** Ids of the users or of the groups that terms name, each once. */
const principalIds = (terms: readonly PolicyTerms[]) => (kind: 'user' | 'group') => [
  ...new Set(
    terms
      .flatMap(principalsOf)
      .filter(({ principal }) => principal.kind === kind)
      .map(({ principal }) => principal.id),
  ),
]

/**
 * Groups without enabled members, and people who are disabled, of those that policies name: approvers and requestors
 * that nobody is.
 */
export const nobodyBehind = async (
  { directory, now }: Pick<CommandTools, 'directory' | 'now'>,
  terms: readonly PolicyTerms[],
): Promise<readonly Principal[]> => {
  const ids = principalIds(terms)
  const [people, emptyGroups] = await Promise.all([
    directory.people(ids('user')),
    directory.groupsWithoutMembers(ids('group'), now()),
  ])
  return [
    ...emptyGroups.map((id) => ({ kind: 'group' as const, id })),
    ...[...people.values()]
      .filter(({ enabled }) => !enabled)
      .map(({ id }) => ({ kind: 'user' as const, id })),
  ]
}

/** Which principals and directories of the policies the directory doesn't know or doesn't allow. */
const policyFacts = async (
  { directory }: Pick<CommandTools, 'directory'>,
  terms: readonly PolicyTerms[],
): Promise<PolicyFacts> => {
  const ids = principalIds(terms)
  const directoryIds = [
    ...new Set(
      terms.flatMap(({ requestors }) =>
        requestors.kind === 'external' ? requestors.directoryIds : [],
      ),
    ),
  ]
  const [people, groups, directories] = await Promise.all([
    directory.people(ids('user')),
    directory.groups(ids('group')),
    directory.externalDirectories(directoryIds),
  ])
  return {
    unknownPrincipals: [
      ...ids('user')
        .filter((id) => !people.has(id))
        .map((id) => ({ kind: 'user', id })),
      ...ids('group')
        .filter((id) => !groups.has(id))
        .map((id) => ({ kind: 'group', id })),
      ...directoryIds
        .filter((id) => !directories.has(id))
        .map((id) => ({ kind: 'externalDirectory', id })),
    ],
    refusedDirectories: directoryIds.filter((id) => directories.get(id)?.allowed === false),
  }
}
