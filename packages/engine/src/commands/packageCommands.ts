import type { Resource } from '@portcullis/directory'
import {
  type AccessPackageCommand,
  type AccessPackageFacts,
  type AccessPackageState,
  type ActorFacts,
  accessPackageDecider,
  accessPackageStream,
  type CatalogState,
  catalogDecider,
  catalogStream,
  type PolicyTerms,
  type ResourceRoleRef,
} from '@portcullis/domain'
import type { CommandAnswer } from '../application.ts'
import { actorFactsOf, personOf, rolesIn } from './facts.ts'
import {
  type CommandTools,
  envelopeOf,
  followingCommandId,
  type OutsideEnvelope,
  refused,
} from './tools.ts'

/** Decides a command on an access package. */
export const executePackageCommand = async (
  tools: CommandTools,
  command: AccessPackageCommand,
  outside: OutsideEnvelope,
): Promise<CommandAnswer> => {
  const outcome = await tools.handle({
    stream: accessPackageStream(command.packageId),
    decider: accessPackageDecider,
    command,
    envelope: envelopeOf(outside),
    facts: (state) => bringInAndGather(tools, command, outside, state),
  })
  if (!outcome.ok) return refused(outcome.refusal)
  return {
    ok: true,
    commandId: outside.commandId,
    position: outcome.position,
    repeated: outcome.repeated,
    result: {
      packageId: command.packageId,
      ...('policyId' in command ? { policyId: command.policyId } : {}),
    },
  }
}

/**
 * The facts of a command that hasn't been decided before. A resource that isn't in the catalog yet, and that the actor may add, is added to the catalog first (S4):
 * the package's decision is tried out before, so that a refused package leaves the catalog as it was.
 */
const bringInAndGather = async (
  tools: CommandTools,
  command: AccessPackageCommand,
  outside: OutsideEnvelope,
  state: AccessPackageState,
): Promise<AccessPackageFacts> => {
  const found = await lookUp(tools, command, outside, state)
  const joining = resourcesToAdd(outside, found)
  const facts = factsFrom(found, joining)
  if (joining.length === 0) return facts
  const context = { now: tools.now(), actor: outside.caller.actor }
  // Refused: the handler will come to the same answer.
  if (!accessPackageDecider.decide(command, state, context, facts).ok) return facts
  for (const resourceId of joining) {
    const { catalogId } = found
    const added = await tools.handle({
      stream: catalogStream(catalogId),
      decider: catalogDecider,
      command: { type: 'AddResource', catalogId, resourceId },
      envelope: {
        ...envelopeOf(outside),
        commandId: followingCommandId(outside.commandId, 'add-resource', resourceId),
        correlationId: outside.correlationId ?? outside.commandId,
      },
      facts: async () => ({
        actor: await actorFactsOf(tools, outside.caller, catalogId),
        resource: { exists: true, ownedByActor: true },
      }),
    })
    // The actor lost the right meanwhile: the package is decided by what is in the catalog.
    if (!added.ok) return factsFrom(await lookUp(tools, command, outside, state), [])
  }
  return facts
}

const catalogIdOf = (command: AccessPackageCommand, state: AccessPackageState): string =>
  command.type === 'CreateAccessPackage' ? command.catalogId : state.catalogId

const rolesOf = (command: AccessPackageCommand): readonly ResourceRoleRef[] => {
  if (command.type === 'CreateAccessPackage') return command.resourceRoles
  if (command.type === 'AddResourceRole') return [command]
  return []
}

const termsOf = (command: AccessPackageCommand): readonly PolicyTerms[] => {
  if (command.type === 'CreateAccessPackage') return command.policies.map(({ terms }) => terms)
  return 'terms' in command ? [command.terms] : []
}

/** What the log and the directory say of everything that a command names. */
interface Found {
  readonly catalogId: string
  readonly catalog: CatalogState
  readonly actor: ActorFacts
  /** Ids of the resources that the command names, each once. */
  readonly named: readonly string[]
  readonly resources: ReadonlyMap<string, Resource>
  readonly policies: PolicyFacts
}

const lookUp = async (
  tools: CommandTools,
  command: AccessPackageCommand,
  { caller }: OutsideEnvelope,
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

/** Resources that the command names, that the catalog lacks and that the actor may bring in: owns them, and is User administrator or Catalog owner (S4). */
const resourcesToAdd = (
  { caller }: OutsideEnvelope,
  { actor, catalog, named, resources }: Found,
): readonly string[] => {
  if (!mayBringIn(actor)) return []
  return named.filter(
    (id) =>
      !catalog.resourceIds.includes(id) &&
      (caller.actor.kind === 'service' || resources.get(id)?.ownerIds.includes(caller.actor.id)),
  )
}

const mayBringIn = (actor: ActorFacts): boolean =>
  actor.directoryRoles.includes('UserAdministrator') || actor.catalogRoles.includes('CatalogOwner')

const factsFrom = (
  { actor, catalog, named, resources, policies }: Found,
  aboutToJoin: readonly string[],
): AccessPackageFacts => ({
  actor,
  catalog: {
    exists: catalog.catalogId !== null,
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

/** Which principals and directories of the policies the directory doesn't know or doesn't allow. */
const policyFacts = async (
  { directory }: CommandTools,
  terms: readonly PolicyTerms[],
): Promise<PolicyFacts> => {
  const principals = terms.flatMap(({ requestors, approval }) => [
    ...(requestors.kind === 'directory' ? requestors.principals : []),
    ...(approval.required ? approval.stages.flatMap(({ approvers }) => approvers) : []),
  ])
  const ids = (kind: 'user' | 'group') => [
    ...new Set(principals.filter((principal) => principal.kind === kind).map(({ id }) => id)),
  ]
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
