import {
  type AccessPackageCommand,
  type AccessPackageFacts,
  type AccessPackageState,
  accessPackageDecider,
  accessPackageStream,
  catalogDecider,
  catalogStream,
  type PackageUse,
  type RollOutStanding,
  standingOfRollOut,
  versionsAlike,
  type Warning,
  warningsOf,
} from '@portcullis/domain'
import { actorFactsOf } from '../facts/states.ts'
import { ViewsLagging } from '../viewsLagging.ts'
import type { CommandAnswer } from './commandAnswer.ts'
import { factsFrom, lookUp, nobodyBehind, resourcesToAdd, termsOf } from './packageFacts.ts'
import { type CommandTools, envelopeOf, envelopeOfStep, type Outside, refused } from './tools.ts'

/** Decides a command on an access package. */
export const executePackageCommand = async (
  tools: CommandTools,
  command: AccessPackageCommand,
  outside: Outside,
): Promise<CommandAnswer> => {
  const outcome = await tools.handle({
    stream: accessPackageStream(command.packageId),
    decider: accessPackageDecider,
    command,
    envelope: envelopeOf(outside),
    admit: outside.admit,
    facts: (state) => {
      if (command.type === 'DeleteAccessPackage' || command.type === 'RemovePolicy')
        return countAndGather(tools, command, outside, state)
      return command.type === 'PauseRollOut'
        ? lookWhoWaits(tools, command, outside, state)
        : bringInAndGather(tools, command, outside, state)
    },
  })
  if (!outcome.ok) return refused(outcome.refusal)
  const warnings = await warningsFor(tools, command)
  return {
    ok: true,
    commandId: outside.commandId,
    position: outcome.position,
    repeated: outcome.repeated,
    result: {
      packageId: command.packageId,
      ...('policyId' in command ? { policyId: command.policyId } : {}),
      ...rollOutOf(command, outcome.state),
      ...(warnings === undefined ? {} : { warnings }),
    },
  }
}

/** For commands about the roles: how the change is rolled out. */
const rollOutOf = (
  { type }: AccessPackageCommand,
  { rollOut }: AccessPackageState,
): { readonly rollOut?: RollOutStanding } => {
  const standing = standingOfRollOut(rollOut)
  const isAbout =
    type.endsWith('RollOut') || type === 'AddResourceRole' || type === 'RemoveResourceRole'
  return isAbout && standing !== undefined ? { rollOut: standing } : {}
}

/** What is allowed but probably not meant, as the directory is now; undefined for commands that have none (S17). */
const warningsFor = async (
  tools: CommandTools,
  command: AccessPackageCommand,
): Promise<readonly Warning[] | undefined> => {
  switch (command.type) {
    case 'CreateAccessPackage':
    case 'AddPolicy':
    case 'ChangePolicy':
      return warningsOf(command, await nobodyBehind(tools, termsOf(command)))
    default:
      return undefined
  }
}

/** How long the view of assignments and requests may take to catch up with the log. */
const VIEW_TIMEOUT_MILLIS = 5_000
const UNUSED: PackageUse = {
  delivering: 0,
  delivered: 0,
  partiallyDelivered: 0,
  scheduled: 0,
  pendingRequests: 0,
}

/**
 * The facts of a deletion: what the package, or its policy, is still used for (S24), counted in a view that is as new
 * as the log.
 * What comes in behind the count ends with the package (`endWithPackage`); a policy that is removed still governs what
 * it governed.
 * @throws ViewsLagging when the view doesn't get there in time: nothing is done, the command may be sent again
 */
const countAndGather = async (
  tools: CommandTools,
  command: Extract<AccessPackageCommand, { type: 'DeleteAccessPackage' | 'RemovePolicy' }>,
  outside: Outside,
  state: AccessPackageState,
): Promise<AccessPackageFacts> => {
  const facts = {
    ...factsFrom(await lookUp(tools, command, outside.caller, state), []),
    use: UNUSED,
  }
  const context = { now: tools.now(), actor: outside.caller.actor }
  // Refused whatever the count: nobody has to wait for it.
  if (!accessPackageDecider.decide(command, state, context, facts).ok) return facts
  const head = await tools.store.head()
  if (!(await tools.projections.waitForView('entitlements', head, VIEW_TIMEOUT_MILLIS)))
    throw new ViewsLagging(head)
  const { assignments, requests } = await tools.views.counts(
    command.packageId,
    'policyId' in command ? command.policyId : undefined,
  )
  return {
    ...facts,
    use: {
      delivering: assignments.Delivering ?? 0,
      delivered: assignments.Delivered ?? 0,
      partiallyDelivered: assignments.PartiallyDelivered ?? 0,
      scheduled: assignments.Scheduled ?? 0,
      pendingRequests: requests.PendingApproval ?? 0,
    },
  }
}

/**
 * The facts of a pause: does anybody wait for the roles that are rolled out? The view may be behind; then somebody
 * waits who has them by now, and a pause does no harm.
 */
const lookWhoWaits = async (
  tools: CommandTools,
  command: AccessPackageCommand,
  outside: Outside,
  state: AccessPackageState,
): Promise<AccessPackageFacts> => {
  const { rollOut } = state
  const what = {
    packageId: command.packageId,
    version: rollOut.startedVersion,
    alike: versionsAlike(rollOut),
  }
  const [found, { left }] = await Promise.all([
    lookUp(tools, command, outside.caller, state),
    tools.views.rollOut(what, tools.now()),
  ])
  return { ...factsFrom(found, []), rollingOut: left > 0 }
}

/**
 * The facts of a command that hasn't been decided before. A resource that isn't in the catalog yet, and that the actor
 * may add, is added to the catalog first (S4): the package's decision is tried out before, so that a refused package
 * leaves the catalog as it was.
 */
const bringInAndGather = async (
  tools: CommandTools,
  command: AccessPackageCommand,
  outside: Outside,
  state: AccessPackageState,
): Promise<AccessPackageFacts> => {
  const found = await lookUp(tools, command, outside.caller, state)
  const joining = resourcesToAdd(outside.caller, found)
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
      envelope: envelopeOfStep(outside, 'add-resource', resourceId),
      facts: async () => ({
        actor: await actorFactsOf(tools, outside.caller, catalogId),
        resource: { exists: true, ownedByActor: true },
      }),
    })
    // The actor lost the right meanwhile: the package is decided by what is in the catalog.
    if (!added.ok) return factsFrom(await lookUp(tools, command, outside.caller, state), [])
  }
  return facts
}
