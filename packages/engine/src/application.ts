import type {
  AccessPackageCommand,
  CatalogCommand,
  EntitlementCommand,
  LeaversCommand,
} from '@portcullis/domain'
import type { Caller } from './caller.ts'
import type { AssignMany, BulkAnswer } from './commands/assignMany.ts'
import type { CommandAnswer } from './commands/commandAnswer.ts'
import type { FulfilmentCommand, FulfilmentReport } from './commands/fulfilment.ts'
import type { ReprocessCommand } from './commands/reprocess.ts'
import type { ReprocessFailedCommand } from './commands/reprocessFailed.ts'
import type { DriftCommand } from './commands/startScan.ts'
import type { PackageValidation } from './commands/validatePackage.ts'
import type { Queries } from './queries/queries.ts'

/** Commands that somebody outside may send; timers and reconcile have their own way in. */
export type OutsideCommand =
  | CatalogCommand
  | AccessPackageCommand
  | ReprocessCommand
  | FulfilmentCommand
  | ReprocessFailedCommand
  | DriftCommand
  | LeaversCommand
  | Extract<
      EntitlementCommand,
      {
        type:
          | 'SubmitRequest'
          | 'AssignDirectly'
          | 'RequestExtension'
          | 'DecideApproval'
          | 'CancelRequest'
          | 'RemoveAssignment'
      }
    >

/**
 * What the HTTP API and the CLI talk to. Each query checks what the actor may see (S3) and answers undefined for "not
 * there, or not yours".
 */
export interface Application extends Queries {
  execute(
    command: OutsideCommand,
    envelope: {
      readonly commandId: string
      readonly correlationId?: string
      readonly caller: Caller
    },
  ): Promise<CommandAnswer>

  /** Assigns an access package to many at once; each is accepted or refused separately (S18). */
  assignMany(
    command: AssignMany,
    envelope: {
      readonly commandId: string
      readonly correlationId?: string
      readonly caller: Caller
    },
  ): Promise<BulkAnswer>

  /** The connector of the resource that an operation is on; undefined when there is none. */
  connectorOf(fulfilmentId: string): Promise<string | undefined>

  /**
   * A target says how an operation went, by a callback whose signature has been checked. Said twice, it is the same
   * command.
   * @param connector that of {@link Application.connectorOf}, whose secret it was signed with
   */
  receiveCallback(
    report: FulfilmentReport,
    connector: string,
    correlationId?: string,
  ): Promise<CommandAnswer>

  /** What creating a package would come to; writes nothing (S17). */
  validatePackage(
    caller: Caller,
    command: Extract<AccessPackageCommand, { type: 'CreateAccessPackage' }>,
  ): Promise<PackageValidation>
}
