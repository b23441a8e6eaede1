import {
  type AccessPackageCommand,
  type AccessPackageFacts,
  type AccessPackageState,
  type ActorFacts,
  accessPackageDecider,
  accessPackageStream,
  catalogDecider,
  catalogStream,
  type PolicyTerms,
  type ResourceRoleRef,
} from '@portcullis/domain'
import type { CommandAnswer } from '../application.ts'
import { actorFactsOf } from './facts.ts'
import {
  type CommandTools,
  envelopeOf,
  followingCommandId,
  type OutsideEnvelope,
  refused,
} from './tools.ts'

/**
 * Decides a command on an access package. A resource that isn't in the catalog yet, and that the actor may add, is added to the catalog first (S4):
 * the package's decision is tried out before, so that a refused package leaves the catalog as it was.
 */
export const executePackageCommand = async (
  tools: CommandTools,
  command: AccessPackageCommand,
  outside: OutsideEnvelope,
): Promise<CommandAnswer> => {
  const joining = await resourcesToAdd(tools, command, outside)
  const handlePackage = () =>
    tools.handle({
      stream: accessPackageStream(command.packageId),
      decider: accessPackageDecider,
      command,
      envelope: envelopeOf(outside),
      facts: (state) => factsFor(tools, command, outside, state, []),
    })
  if (joining.length > 0) {
    const refusal = await refusalOf(tools, command, outside, joining)
    if (refusal !== undefined) return refused(refusal)
    for (const { catalogId, resourceId } of joining) {
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
      if (!added.ok) return refused(added.refusal)
    }
  }
  const outcome = await handlePackage()
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

/** The package's decision as if the resources were in the catalog already; undefined when it is accepted. */
const refusalOf = async (
  tools: CommandTools,
  command: AccessPackageCommand,
  outside: OutsideEnvelope,
  joining: readonly { readonly resourceId: string }[],
) => {
  const state = await tools.states.package(command.packageId)
  const facts = await factsFor(
    tools,
    command,
    outside,
    state,
    joining.map(({ resourceId }) => resourceId),
  )
  const decision = accessPackageDecider.decide(
    command,
    state,
    { now: tools.now(), actor: outside.caller.actor },
    facts,
  )
  return decision.ok ? undefined : decision.refusal
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

/** Resources that the command names, that the catalog lacks and that the actor may bring in: owns them, and is User administrator or Catalog owner (S4). */
const resourcesToAdd = async (
  tools: CommandTools,
  command: AccessPackageCommand,
  { caller }: OutsideEnvelope,
): Promise<readonly { readonly catalogId: string; readonly resourceId: string }[]> => {
  const named = [...new Set(rolesOf(command).map(({ resourceId }) => resourceId))]
  if (named.length === 0) return []
  const catalogId = catalogIdOf(command, await tools.states.package(command.packageId))
  const [catalog, actor] = await Promise.all([
    tools.states.catalog(catalogId),
    actorFactsOf(tools, caller, catalogId),
  ])
  if (!mayBringIn(actor)) return []
  const missing = named.filter((id) => !catalog.resourceIds.includes(id))
  const resources = await tools.directory.resources(missing)
  return missing
    .filter(
      (id) =>
        caller.actor.kind === 'service' || resources.get(id)?.ownerIds.includes(caller.actor.id),
    )
    .map((resourceId) => ({ catalogId, resourceId }))
}

const mayBringIn = (actor: ActorFacts): boolean =>
  actor.directoryRoles.includes('UserAdministrator') || actor.catalogRoles.includes('CatalogOwner')

const factsFor = async (
  tools: CommandTools,
  command: AccessPackageCommand,
  { caller }: OutsideEnvelope,
  state: AccessPackageState,
  aboutToJoin: readonly string[],
): Promise<AccessPackageFacts> => {
  const { directory } = tools
  const catalogId = catalogIdOf(command, state)
  const roles = rolesOf(command)
  const named = [...new Set(roles.map(({ resourceId }) => resourceId))]
  const [actor, catalog, resources, policies] = await Promise.all([
    actorFactsOf(tools, caller, catalogId),
    tools.states.catalog(catalogId),
    directory.resources(named),
    policyFacts(tools, termsOf(command)),
  ])
  return {
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
  }
}

/** Which principals and directories of the policies the directory doesn't know or doesn't allow. */
const policyFacts = async (
  { directory }: CommandTools,
  terms: readonly PolicyTerms[],
): Promise<Pick<AccessPackageFacts, 'unknownPrincipals' | 'refusedDirectories'>> => {
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
