import type { DirectoryRole } from '@portcullis/domain'
import { EXIT } from '@portcullis/runtime'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { command, outputOf } from '../cli/commandKinds.ts'
import { CommandFailed } from '../cli/output.ts'
import { importFolder } from '../directory/import.ts'
import { timelapse } from '../timelapse/timelapse.ts'
import { migrate } from './migrate.ts'
import { type Part, start } from './start.ts'
import { token } from './token.ts'

/** The longest that a token may be good for: a leap year. */
const MOST_HOURS = 366 * 24

const hours = (text: string): number => {
  const number = Number(text)
  if (!(number > 0 && number <= MOST_HOURS))
    throw new InvalidArgumentError(`It is not a number above 0 and up to ${MOST_HOURS}.`)
  return number
}

/** Running the engine, and what it is given: the directory, tokens. */
export const addEngineCommands = (program: Command): void => {
  command(program, 'start', 'run the engine until Ctrl-C')
    .argument('[part]', 'what this process runs: all, api or worker', 'all')
    .option('--no-sample', 'do not load the sample organisation into an empty embedded database')
    .action((part: string, flags) => {
      const parts: readonly Part[] = ['all', 'api', 'worker']
      const known = parts.find((each) => each === part)
      if (known === undefined)
        throw new CommandFailed(`part: ${part} is not one of ${parts.join(', ')}`, EXIT.usage)
      return start(known, flags, outputOf(flags))
    })

  command(
    program,
    'migrate',
    'bring the tables up to date and end; start does so too, where its role may',
  ).action((flags) => migrate(flags, outputOf(flags)))

  command(
    program,
    'import',
    'import a folder of people, groups, resources and external directories',
  )
    .argument('<folder>')
    .option('--dry-run', 'check everything, say what would go, write nothing', false)
    .option('--allow-removals', 'take away as much as the files say', false)
    .option('--allow-no-administrator', 'leave nobody enabled who is User administrator', false)
    .option('--as <person>', 'who imports, as the log names them; PORTCULLIS_AS otherwise')
    .action((folder: string, flags) => importFolder(folder, flags, outputOf(flags)))

  command(program, 'token', 'print a token for the HTTP API')
    .option('--as <person>', 'for this person of the directory')
    .option('--service <name>', 'for an upstream service')
    .addOption(
      new Option('--role <role...>', "a service's directory roles").choices([
        'UserAdministrator',
        'CatalogCreator',
        'MetricsReader',
      ] satisfies DirectoryRole[]),
    )
    .option('--hours <hours>', 'how long it is good for', hours, 12)
    .action((flags) => {
      if ((flags.as === undefined) === (flags.service === undefined))
        throw new CommandFailed('name either --as <person> or --service <name>', EXIT.usage)
      return token(flags, outputOf(flags))
    })

  command(program, 'timelapse', 'play a quarter of the sample organisation in seconds')
    .option('--quiet', 'only the checks at the end', false)
    .action((flags) => timelapse(flags, outputOf(flags)))
}
