import { actorKey } from '@portcullis/core'
import {
  type CatalogCommand,
  type CatalogFacts,
  catalogDecider,
  catalogStream,
} from '@portcullis/domain'
import { actorFactsOf } from '../facts/states.ts'
import type { CommandAnswer } from './commandAnswer.ts'
import { type CommandTools, envelopeOf, type Outside, refused } from './tools.ts'

export const executeCatalogCommand = async (
  tools: CommandTools,
  command: CatalogCommand,
  outside: Outside,
): Promise<CommandAnswer> => {
  const outcome = await tools.handle({
    stream: catalogStream(command.catalogId),
    decider: catalogDecider,
    command,
    envelope: envelopeOf(outside),
    admit: outside.admit,
    facts: () => factsFor(tools, command, outside),
  })
  if (!outcome.ok) return refused(outcome.refusal)
  return {
    ok: true,
    commandId: outside.commandId,
    position: outcome.position,
    repeated: outcome.repeated,
    result: { catalogId: command.catalogId },
  }
}

const factsFor = async (
  tools: CommandTools,
  command: CatalogCommand,
  { caller }: Outside,
): Promise<CatalogFacts> => {
  const { directory } = tools
  const actor = await actorFactsOf(tools, caller, command.catalogId)
  if ('personId' in command)
    return { actor, personExists: (await directory.person(command.personId)) !== undefined }
  if ('resourceId' in command) {
    const resource = (await directory.resources([command.resourceId])).get(command.resourceId)
    return {
      actor,
      resource: {
        exists: resource !== undefined,
        ownedByActor: resource?.ownerIds.includes(actorKey(caller.actor)) ?? false,
      },
    }
  }
  return { actor }
}
