import { createRequire } from 'node:module'
import { SigningKeyError } from '@portcullis/api'
import type { DirectoryRole } from '@portcullis/domain'
import { errorText } from '@portcullis/engine'
import { EmbeddedPostgresError } from '@portcullis/postgres'
import { ConnectorsConfigError } from '@portcullis/provisioning'
import { ConfigError, DatabaseUnreachable } from '@portcullis/runtime'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { z } from 'zod'
import { decide, inbox, requestPackage, showRequest } from './commands/access.ts'
import { showStream, tailEvents } from './commands/events.ts'
import { importFolder } from './commands/import.ts'
import { mailLedger } from './commands/mails.ts'
import { projectionStatus, rebuildProjection, verifyProjection } from './commands/projection.ts'
import { type Part, start } from './commands/start.ts'
import { timelapse } from './commands/timelapse.ts'
import { token } from './commands/token.ts'
import { CommandFailed, createOutput, EXIT, type Output } from './output.ts'

const { version } = createRequire(import.meta.url)('../package.json') as { version: string }

const program = new Command('portcullis')
  .description('The access engine and everything to operate it.')
  .version(version)
  .showHelpAfterError('(--help says what there is)')
  .exitOverride()
  .addHelpText(
    'after',
    `
Configuration comes from the environment: PORTCULLIS_DATA, PORTCULLIS_PORT, DATABASE_URL, REDIS_URL, SMTP_URL …; see docs/reference/configuration.md.
Exit codes: 0 done · 1 refused or failed · 2 wrong usage or configuration · 3 the engine or its database can't be reached.`,
  )

/** A subcommand with the options that all have. */
const command = (parent: Command, name: string, description: string): Command =>
  parent
    .command(name)
    .description(description)
    .option('--json', 'one JSON document a line instead of text', false)
    .option('--data <folder>', 'the data folder (PORTCULLIS_DATA)')

const count = (text: string): number => {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number <= 0)
    throw new InvalidArgumentError('It is not a whole number above 0.')
  return number
}

/** The longest that a token may be good for: a leap year. */
const MOST_HOURS = 366 * 24

const hours = (text: string): number => {
  const number = Number(text)
  if (!(number > 0 && number <= MOST_HOURS))
    throw new InvalidArgumentError(`It is not a number above 0 and up to ${MOST_HOURS}.`)
  return number
}

const outputOf = (flags: { readonly json: boolean }): Output => createOutput(flags.json)

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

command(program, 'import', 'import a folder of people, groups, resources and external directories')
  .argument('<folder>')
  .option('--dry-run', 'check everything, write nothing', false)
  .action((folder: string, flags) => importFolder(folder, flags, outputOf(flags)))

command(program, 'token', 'print a token for the HTTP API')
  .option('--as <person>', 'for this person of the directory')
  .option('--service <name>', 'for an upstream service')
  .addOption(
    new Option('--role <role...>', "a service's directory roles").choices([
      'UserAdministrator',
      'CatalogCreator',
    ] satisfies DirectoryRole[]),
  )
  .option('--hours <hours>', 'how long it is good for', hours, 12)
  .action((flags) => {
    if ((flags.as === undefined) === (flags.service === undefined))
      throw new CommandFailed('name either --as <person> or --service <name>', EXIT.usage)
    return token(flags, outputOf(flags))
  })

const client = (parent: Command, name: string, description: string): Command =>
  command(parent, name, description)
    .requiredOption('--as <person>', 'who asks')
    .option('--url <address>', 'where the API is, if not on this machine')

client(program, 'request', 'ask for an access package')
  .argument('<package>')
  .option('--why <text>', 'the justification')
  .option('--policy <id>', 'which policy, where several apply')
  .action((id: string, flags) => requestPackage(id, flags, outputOf(flags)))
client(program, 'inbox', 'requests that wait for your decision').action((flags) =>
  inbox(flags, outputOf(flags)),
)
client(program, 'approve', 'approve a request')
  .argument('<request>')
  .option('--why <text>', 'the justification')
  .action((id: string, flags) => decide('approve', id, flags, outputOf(flags)))
client(program, 'deny', 'deny a request')
  .argument('<request>')
  .option('--why <text>', 'the justification')
  .action((id: string, flags) => decide('deny', id, flags, outputOf(flags)))
client(program, 'show', 'a request with its delivery, mails and history')
  .argument('<request>')
  .option('--no-wait', 'do not wait for the delivery to end')
  .action((id: string, flags) => showRequest(id, flags, outputOf(flags)))

const events = program.command('events').description('look into the log')
command(events, 'tail', 'the last events of the log')
  .option('--after <position>', 'begin after this position')
  .option('--last <count>', 'how many, without --after', count, 20)
  .option('--follow', 'go on as events come, until Ctrl-C', false)
  .option('--type <name...>', 'only these stored names')
  .action((flags) => tailEvents(flags, outputOf(flags)))
command(events, 'show', 'every event of one stream')
  .argument('<stream>')
  .action((stream: string, flags) => showStream(stream, flags, outputOf(flags)))

const projection = program.command('projection').description('the views made from the log')
command(projection, 'status', 'where each one is').action((flags) =>
  projectionStatus(flags, outputOf(flags)),
)
command(projection, 'rebuild', 'fill one anew from the log while the old one serves')
  .argument('<name>')
  .action((name: string, flags) => rebuildProjection(name, flags, outputOf(flags)))
command(projection, 'verify', 'compare one with a copy filled anew')
  .argument('<name>')
  .action((name: string, flags) => verifyProjection(name, flags, outputOf(flags)))

command(program, 'mails', 'what became of each mail, newest first')
  .option('--to <person>', "only this person's")
  .option('--last <count>', 'how many', count, 20)
  .action((flags) => mailLedger(flags, outputOf(flags)))

command(program, 'timelapse', 'play a quarter of the sample organisation in seconds')
  .option('--quiet', 'only the checks at the end', false)
  .action((flags) => timelapse(flags, outputOf(flags)))

/** What goes wrong, in one line where it can be said in one; the exit code tells programs. */
const report = (error: unknown, json: boolean): number => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  const [exitCode, details] = codeOf(error)
  const message = error instanceof z.ZodError ? z.prettifyError(error) : errorText(error)
  process.stderr.write(
    json ? `${JSON.stringify({ error: { message, ...details } })}\n` : `portcullis: ${message}\n`,
  )
  return exitCode
}

const codeOf = (error: unknown): readonly [number, object] => {
  if (error instanceof CommandFailed) return [error.exitCode, error.details]
  const usage = [ConfigError, ConnectorsConfigError, SigningKeyError, z.ZodError]
  const code = error instanceof Error && 'code' in error ? { code: String(error.code) } : {}
  if (usage.some((kind) => error instanceof kind)) return [EXIT.usage, code]
  const unreachable = [EmbeddedPostgresError, DatabaseUnreachable]
  return [unreachable.some((kind) => error instanceof kind) ? EXIT.unreachable : EXIT.failed, code]
}

// Whoever read our output has seen enough, as `head` has.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(EXIT.ok)
})

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = report(error, process.argv.includes('--json'))
}
