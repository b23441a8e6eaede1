import { createRequire } from 'node:module'
import { Command } from 'commander'
import { addAssignCommand } from './assign.ts'
import { addAssignmentCommands } from './assignment.ts'
import { addCatalogCommands } from './catalog.ts'
import { addConnectorCommands } from './connector.ts'
import { addDirectoryCommands } from './directory.ts'
import { addDriftCommands } from './drift.ts'
import { addEngineCommands } from './engine.ts'
import { addFulfilmentCommands } from './fulfilment.ts'
import { addLeaverCommands } from './leavers.ts'
import { addLogCommands } from './log.ts'
import { addPackageCommands } from './package.ts'
import { addPolicyCommands } from './policy.ts'
import { addProblemCommands } from './problems.ts'
import { addPromiseCommands } from './promises.ts'
import { addQueueCommands } from './queues.ts'
import { addReprocessCommand } from './reprocess.ts'
import { addRequestCommands } from './requests.ts'
import { addRollOutCommands } from './rollOut.ts'
import { addWhyCommand } from './why.ts'

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
