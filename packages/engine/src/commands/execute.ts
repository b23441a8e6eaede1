import type { Clock, EventStore, Tracing } from '@portcullis/core'
import { createCommandHandler } from '@portcullis/core'
import type { Directory } from '@portcullis/directory'
import { isEngineOnly, notPermitted } from '@portcullis/domain'
import type { DriftRecords } from '@portcullis/provisioning'
import type { PeopleViews, Projections, Views } from '@portcullis/views'
import type { Application, OutsideCommand } from '../application.ts'
import { assignMany } from './assignMany.ts'
import { executeCatalogCommand, isCatalogCommand } from './catalogCommands.ts'
import type { CommandAnswer } from './commandAnswer.ts'
import { createCommandKeys } from './commandKeys.ts'
import { executeEntitlementCommand, isEntitlementCommand } from './entitlementCommands.ts'
import { createStates } from './facts.ts'
import {
  connectorOf,
  executeFulfilment,
  isFulfilmentCommand,
  receiveCallback,
} from './fulfilment.ts'
import { executeLeaversCommand, isLeaversCommand } from './leaverCommands.ts'
import { createOutsideWay } from './outside.ts'
import { executePackageCommand } from './packageCommands.ts'
import { executeReprocess, isReprocessCommand } from './reprocess.ts'
import { executeReprocessFailed, isReprocessFailed } from './reprocessFailed.ts'
import { executeDriftCommand, isDriftCommand } from './startScan.ts'
import type { CommandTools, Outside } from './tools.ts'
import { validatePackage } from './validatePackage.ts'

export interface CommandDependencies {
  readonly store: EventStore
  readonly clock: Clock
  readonly directory: Directory
  readonly views: Views
  readonly projections: Projections
  readonly driftRecords: DriftRecords
  readonly peopleViews: PeopleViews
  readonly tracing?: Tracing
}

const NO_ROLES = { directoryRoles: [], catalogRoles: [] }

/** Decides commands from outside: facts from the directory and the log, then the aggregate's rules. */
export const createExecute = (
  dependencies: CommandDependencies,
): Pick<
  Application,
  'execute' | 'assignMany' | 'validatePackage' | 'connectorOf' | 'receiveCallback'
> => {
  const tools: CommandTools = {
    store: dependencies.store,
    views: dependencies.views,
    projections: dependencies.projections,
    handle: createCommandHandler(dependencies),
    states: createStates(dependencies.store),
    directory: dependencies.directory,
    driftRecords: dependencies.driftRecords,
    leaversWithAccess: () => dependencies.peopleViews.leaversWithAccess(),
    now: () => dependencies.clock.now(),
  }
  const outsideWay = createOutsideWay(tools, createCommandKeys(dependencies.views))
  return {
    execute: async (command, envelope) => {
      // Types say that it can't be; a command may have come from elsewhere as text. One without a row in the matrix
      // doesn't compile here (S3).
      if (isEngineOnly(command.type)) return notPermitted(command.type, NO_ROLES)
      return outsideWay(command, envelope, (own, outside) => dispatch(own, command, outside))
    },
    assignMany: (command, envelope) =>
      outsideWay({ type: 'AssignMany', ...command }, envelope, (own, outside) =>
        assignMany(own, command, outside),
      ),
    connectorOf: (id) => connectorOf(tools, id),
    receiveCallback: (report, connector, correlationId) =>
      receiveCallback(tools, report, connector, correlationId),
    validatePackage: (caller, command) => validatePackage(tools, command, caller),
  }
}

const dispatch = async (
  tools: CommandTools,
  command: OutsideCommand,
  outside: Outside,
): Promise<CommandAnswer> => {
  if (isReprocessCommand(command)) return executeReprocess(tools, command, outside)
  if (isFulfilmentCommand(command)) return executeFulfilment(tools, command, outside)
  if (isReprocessFailed(command)) return executeReprocessFailed(tools, command, outside)
  if (isLeaversCommand(command)) return executeLeaversCommand(tools, command, outside)
  if (isDriftCommand(command)) return executeDriftCommand(tools, command, outside)
  if (isCatalogCommand(command)) return executeCatalogCommand(tools, command, outside)
  if (isEntitlementCommand(command)) return executeEntitlementCommand(tools, command, outside)
  return executePackageCommand(tools, command, outside)
}
