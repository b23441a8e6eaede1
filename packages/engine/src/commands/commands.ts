import type { AccessPackageCommand } from '@portcullis/domain'
import type { Caller } from '../caller.ts'
import type { AssignMany, BulkAnswer } from './assignMany.ts'
import type { CommandAnswer } from './commandAnswer.ts'
import type { FulfilmentReport } from './fulfilment.ts'
import type { OutsideCommand } from './outsideCommand.ts'
import type { PackageValidation } from './validatePackage.ts'

/** What somebody outside may have done. */
export interface Commands {
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
   * @param connector that of {@link Commands.connectorOf}, whose secret it was signed with
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
