import { readFile } from 'node:fs/promises'
import {
  type Client,
  createClient,
  Refused,
  UnexpectedAnswer,
  Unreachable,
} from '@portcullis/client'
import { dataPaths, EXIT, publicUrlOf } from '@portcullis/runtime'
import { issue } from '../engine/token.ts'
import { configFrom } from './context.ts'
import { CommandFailed, type Output } from './output.ts'

/** What every command that calls the API takes. */
export interface ClientFlags {
  readonly data?: string
  /** Who asks: a person's id; PORTCULLIS_AS when absent. */
  readonly as?: string
  /** A token of another issuer instead; PORTCULLIS_TOKEN when neither is given. */
  readonly token?: string
  /** Where the API is; found in the data folder when absent. */
  readonly url?: string
}

/** What commands that change something take besides. */
export interface ChangeFlags extends ClientFlags {
  readonly commandId?: string
}

/** Somebody waits at a prompt: a moment's outage is bridged, no more. */
const RETRY_POLICY = {
  tries: 5,
  firstDelayMillis: 100,
  longestDelayMillis: 1000,
  totalMillis: 30_000,
}

/**
 * A client of the HTTP API for the one who asks, with a token made from the key of the data folder unless one is given.
 */
export const connect = async (flags: ClientFlags): Promise<Client> =>
  createClient({ ...(await reach(flags)), retryPolicy: RETRY_POLICY })

/** Where the API is, without a slash at the end, and a token for the one who asks. */
export const reach = async (
  flags: ClientFlags,
): Promise<{ readonly url: string; readonly token: string }> => {
  const config = configFrom(flags)
  const url =
    flags.url ??
    config.publicUrl ??
    (await readFile(dataPaths(config.dataDir).address, 'utf8').catch(() => publicUrlOf(config)))
  return {
    url: addressFrom(url.trim()).replace(/\/+$/, ''),
    token: await tokenFor(flags),
  }
}

const addressFrom = (url: string): string => {
  if (/^https?:\/\/[^/]/.test(url) && URL.canParse(url)) return url
  throw new CommandFailed(
    `--url: ${url} is not an address such as https://access.example.org`,
    EXIT.usage,
  )
}

/** Who asks, for texts; undefined where only a token says it. */
export const askerOf = (flags: ClientFlags): string | undefined =>
  flags.token !== undefined ? undefined : (flags.as ?? process.env.PORTCULLIS_AS)

const tokenFor = async (flags: ClientFlags): Promise<string> => {
  const token = flags.token ?? (flags.as === undefined ? process.env.PORTCULLIS_TOKEN : undefined)
  if (token !== undefined && token !== '') return token
  const as = askerOf(flags)
  if (as === undefined || as === '')
    throw new CommandFailed(
      'say who asks with --as <person> (or PORTCULLIS_AS), or give a token with --token (or PORTCULLIS_TOKEN)',
      EXIT.usage,
    )
  return (await issue({ ...dataOf(flags), as, hours: 1 })).token
}

const dataOf = ({ data }: ClientFlags) => (data === undefined ? {} : { data })

/** What a command of the API answers, as far as all do. */
interface Changed {
  readonly commandId: string
  readonly position: string
  readonly repeated: boolean | number
  readonly warnings?: Refused['errors'] | undefined
}

type Sender<Answer> = (client: Client, options: { readonly commandId?: string }) => Promise<Answer>

/**
 * Sends a command, waits until every view shows it, so that whatever is typed next sees it, and prints what it came to.
 * @param text a sentence about the answer, for people
 */
export const change = async <Answer extends Changed>(
  flags: ChangeFlags,
  output: Output,
  send: Sender<Answer>,
  text: (answer: Answer) => string,
): Promise<void> => {
  const client = await connect(flags)
  const answer = await send(
    client,
    flags.commandId === undefined ? {} : { commandId: flags.commandId },
  )
  await client.waitFor(answer.position).catch((error: unknown) => {
    if (!(error instanceof Unreachable)) throw error
    output.note('Done, but the views are behind; lists may show it only in a moment.')
  })
  const before = answer.repeated === true ? ' (as before: this command id was known)' : ''
  await output.print(`${text(answer)}${before}`, answer)
  for (const { path, message } of answer.warnings ?? [])
    output.note(`  warning: ${path} ${message}`)
}

/** What the client throws, as the command line says it: exit code 3 where nothing answers, 1 for the rest. */
export const asCommandFailure = (error: unknown): unknown => {
  if (error instanceof Refused)
    return new CommandFailed(refusalText(error), EXIT.failed, error.problem)
  if (error instanceof Unreachable) {
    const { commandId, problem } = error
    const why =
      problem === undefined
        ? `nothing answers at ${error.url} (${reasonOf(error)}); start the engine first (npm start), or name its address with --url`
        : `${problem.detail} (${problem.status}, ${problem.code})`
    const again =
      commandId === undefined
        ? ''
        : `; to be sure that it is done once, repeat with --command-id ${commandId}`
    return new CommandFailed(`${why}${again}`, EXIT.unreachable, {
      ...(problem ?? {}),
      ...(commandId === undefined ? {} : { commandId }),
    })
  }
  if (error instanceof UnexpectedAnswer)
    return new CommandFailed(error.message, EXIT.failed, { ...error.problem })
  return error
}

const reasonOf = ({ cause, message }: Unreachable): string => {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  return inner instanceof Error ? inner.message : message
}

const refusalText = ({ message, status, code, errors, data }: Refused): string =>
  [
    `${message} (${status}, ${code})`,
    ...errors.map(({ path, message: what }) => `  ${path}: ${what}`),
    ...(code === 'request.policy-needed' ? choicesOf(data) : []),
  ].join('\n')

/** What to add to the command where several policies apply (S9), a line each. */
const choicesOf = ({ policies }: Refused['data']): readonly string[] =>
  Array.isArray(policies)
    ? policies.map(({ policyId, displayName }) => `  --policy ${policyId}: ${displayName}`)
    : []
