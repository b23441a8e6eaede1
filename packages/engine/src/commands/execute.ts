import type { Clock, EventStore, Tracing } from '@portcullis/core'
import { createCommandHandler } from '@portcullis/core'
import type { Directory } from '@portcullis/directory'
import { isEngineOnly, notPermitted } from '@portcullis/domain'
import type { DriftRecords } from '@portcullis/provisioning'
import type { PeopleViews, Projections, Views } from '@portcullis/views'
import { createStates } from '../facts/states.ts'
import { assignMany } from './assignMany.ts'
import { executeCatalogCommand } from './catalogCommands.ts'
import type { CommandAnswer } from './commandAnswer.ts'
import { createCommandKeys } from './commandKeys.ts'
import type { Commands } from './commands.ts'
import { executeEntitlementCommand } from './entitlementCommands.ts'
import { connectorOf, executeFulfilment, receiveCallback } from './fulfilment.ts'
import { executeLeaversCommand } from './leaverCommands.ts'
import { createOutsideWay } from './outside.ts'
import type { OutsideCommand } from './outsideCommand.ts'
import { executePackageCommand } from './packageCommands.ts'
import { executeReprocess } from './reprocess.ts'
import { executeReprocessFailed } from './reprocessFailed.ts'
import { executeDriftCommand } from './startScan.ts'
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
export const createExecute = (dependencies: CommandDependencies): Commands => {
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

type Executor<Command> = (
  tools: CommandTools,
  command: Command,
  outside: Outside,
) => Promise<CommandAnswer>

/** Who carries out each command that somebody outside may send. One that is missing here doesn't compile. */
const EXECUTORS: {
  readonly [Type in OutsideCommand['type']]: Executor<
    Extract<OutsideCommand, { readonly type: Type }>
  >
} = {
  CreateCatalog: executeCatalogCommand,
  RenameCatalog: executeCatalogCommand,
  AddCatalogOwner: executeCatalogCommand,
  RemoveCatalogOwner: executeCatalogCommand,
  AddPackageManager: executeCatalogCommand,
  RemovePackageManager: executeCatalogCommand,
  AddResource: executeCatalogCommand,
  RemoveResource: executeCatalogCommand,
  CreateAccessPackage: executePackageCommand,
  EditAccessPackage: executePackageCommand,
  AddResourceRole: executePackageCommand,
  RemoveResourceRole: executePackageCommand,
  PauseRollOut: executePackageCommand,
  ResumeRollOut: executePackageCommand,
  ReleaseRollOut: executePackageCommand,
  CancelRollOut: executePackageCommand,
  AddPolicy: executePackageCommand,
  ChangePolicy: executePackageCommand,
  EnablePolicy: executePackageCommand,
  DisablePolicy: executePackageCommand,
  RemovePolicy: executePackageCommand,
  DeleteAccessPackage: executePackageCommand,
  SubmitRequest: executeEntitlementCommand,
  AssignDirectly: executeEntitlementCommand,
  RequestExtension: executeEntitlementCommand,
  DecideApproval: executeEntitlementCommand,
  CancelRequest: executeEntitlementCommand,
  RemoveAssignment: executeEntitlementCommand,
  ReprocessRequest: executeReprocess,
  ReprocessAssignment: executeReprocess,
  ReprocessPackage: executeReprocessFailed,
  ReprocessEverything: executeReprocessFailed,
  ReportFulfilment: executeFulfilment,
  StartDriftScan: executeDriftCommand,
  ReleaseLeaverEndings: executeLeaversCommand,
}

const dispatch = <Type extends OutsideCommand['type']>(
  tools: CommandTools,
  command: Extract<OutsideCommand, { readonly type: Type }>,
  outside: Outside,
): Promise<CommandAnswer> => EXECUTORS[command.type as Type](tools, command, outside)
