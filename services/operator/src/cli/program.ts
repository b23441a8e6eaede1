import { createRequire } from 'node:module'
import { Command } from 'commander'
import { addAssignCommand } from '../assign/assignCommand.ts'
import { addAssignmentCommands } from '../assignment/assignmentCommand.ts'
import { addCatalogCommands } from '../catalog/catalogCommand.ts'
import { addConnectorCommands } from '../connector/connectorCommand.ts'
import { addDirectoryCommands } from '../directory/directoryCommand.ts'
import { addLeaverCommands } from '../directory/leaversCommand.ts'
import { addDriftCommands } from '../drift/driftCommand.ts'
import { addEngineCommands } from '../engine/engineCommands.ts'
import { addFulfilmentCommands } from '../fulfilment/fulfilmentCommand.ts'
import { addReprocessCommand } from '../fulfilment/reprocessCommand.ts'
import { addLogCommands } from '../log/logCommands.ts'
import { addPackageCommands } from '../package/packageCommand.ts'
import { addPolicyCommands } from '../policy/policyCommand.ts'
import { addProblemCommands } from '../problems/problemsCommand.ts'
import { addPromiseCommands } from '../promises/promisesCommand.ts'
import { addQueueCommands } from '../queues/queuesCommand.ts'
import { addRequestCommands } from '../request/requestCommands.ts'
import { addWhyCommand } from '../request/whyCommand.ts'
import { addRollOutCommands } from '../rollOut/rollOutCommand.ts'

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }

/** The whole command line. Nothing runs before it is given words to parse. */
export const createProgram = (): Command => {
  const program = new Command('portcullis')
    .description('The access engine and everything to operate it.')
    .version(version)
    .showHelpAfterError('(--help says what there is)')
    .exitOverride()
    // What follows a subcommand is the subcommand's: `mails` and `mails check` both have --json.
    .enablePositionalOptions()
    .addHelpText(
      'after',
      `
Configuration comes from the environment: PORTCULLIS_DATA, PORTCULLIS_PORT, DATABASE_URL, REDIS_URL, SMTP_URL …; see docs/reference/configuration.md.
Exit codes: 0 done · 1 refused or failed · 2 wrong usage or configuration · 3 the engine or its database can't be reached · 4 held: more would go than may.`,
    )
  addEngineCommands(program)
  addRequestCommands(program)
  addCatalogCommands(program)
  addPackageCommands(program)
  addRollOutCommands(program)
  addReprocessCommand(program)
  addPolicyCommands(program)
  addAssignCommand(program)
  addAssignmentCommands(program)
  addFulfilmentCommands(program)
  addWhyCommand(program)
  addProblemCommands(program)
  addDirectoryCommands(program)
  addConnectorCommands(program)
  addDriftCommands(program)
  addLeaverCommands(program)
  addLogCommands(program)
  addPromiseCommands(program)
  addQueueCommands(program)
  return program
}
