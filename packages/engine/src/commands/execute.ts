import type { Clock, EventStore } from '@portcullis/core'
import { createCommandHandler } from '@portcullis/core'
import type { Directory } from '@portcullis/directory'
import type { CommandAnswer, OutsideCommand } from '../application.ts'
import { executeCatalogCommand, isCatalogCommand } from './catalogCommands.ts'
import { executeEntitlementCommand, isEntitlementCommand } from './entitlementCommands.ts'
import { createStates } from './facts.ts'
import { executePackageCommand } from './packageCommands.ts'
import type { CommandTools, OutsideEnvelope } from './tools.ts'

export interface CommandDependencies {
  readonly store: EventStore
  readonly clock: Clock
  readonly directory: Directory
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
