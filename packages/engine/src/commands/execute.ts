import type { Clock, CommandEnvelope, EventStore, Instant, Refusal } from '@portcullis/core'
import { createCommandHandler, deriveId } from '@portcullis/core'
import type { Directory } from '@portcullis/directory'
import type { Caller, CommandAnswer, OutsideCommand } from '../application.ts'
import { executeCatalogCommand, isCatalogCommand } from './catalogCommands.ts'
import { executeEntitlementCommand, isEntitlementCommand } from './entitlementCommands.ts'
import { createStates, type States } from './facts.ts'
import { executePackageCommand } from './packageCommands.ts'

export interface CommandDependencies {
  readonly store: EventStore
  readonly clock: Clock
  readonly directory: Directory
}

/** What each group of commands works with. */
export interface CommandTools {
  readonly handle: ReturnType<typeof createCommandHandler>
  readonly states: States
  readonly directory: Directory
  readonly now: () => Instant
}

export interface OutsideEnvelope {
  readonly commandId: string
  readonly correlationId?: string
  readonly caller: Caller
}

/** Decides commands from outside: facts from the directory and the log, then the aggregate's rules. */
export const createExecute = (dependencies: CommandDependencies) => {
  const tools: CommandTools = {
    handle: createCommandHandler(dependencies),
    states: createStates(dependencies.store),
    directory: dependencies.directory,
    now: () => dependencies.clock.now(),
  }
  return async (command: OutsideCommand, outside: OutsideEnvelope): Promise<CommandAnswer> => {
    if (isCatalogCommand(command)) return executeCatalogCommand(tools, command, outside)
    if (isEntitlementCommand(command)) return executeEntitlementCommand(tools, command, outside)
    return executePackageCommand(tools, command, outside)
  }
}

export const envelopeOf = (outside: OutsideEnvelope): CommandEnvelope => ({
  commandId: outside.commandId,
  actor: outside.caller.actor,
  ...(outside.correlationId === undefined ? {} : { correlationId: outside.correlationId }),
})

/** The id of a command that follows from another one, in another stream: same outer command, same id. */
export const followingCommandId = (commandId: string, ...step: readonly string[]): string =>
  deriveId('follows', commandId, ...step)

export const refused = (refusal: Refusal): CommandAnswer => ({ ok: false, refusal })
