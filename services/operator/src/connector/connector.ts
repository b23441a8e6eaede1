import { errorText } from '@portcullis/engine'
import {
  type Ability,
  type Connector,
  ConnectorError,
  type ConnectorsConfig,
} from '@portcullis/provisioning'
import { EXIT, listConnectors, openConnectors, systemClock } from '@portcullis/runtime'
import { configFrom, noteLog } from '../cli/context.ts'
import { CommandFailed, type Output } from '../cli/output.ts'
import { table } from '../cli/table.ts'

interface Flags {
  readonly data?: string
}

/** What a trial of one connector came to. */
type Outcome =
  | { readonly ready: true; readonly abilities?: readonly Ability[] }
  | {
      readonly ready: false
      readonly code: string
      readonly message: string
      readonly transient: boolean
    }

/** What is configured; nothing is opened, and no secret is read. */
export const connectorList = async (flags: Flags, output: Output): Promise<void> => {
  const connectors = (await listConnectors(configFrom(flags))).map(described)
  const rows = connectors.map(({ name, kind, target }) => [name, kind, target])
  await output.print(table(['connector', 'kind', 'target'], rows), { connectors })
}

/**
 * Tries the connectors, side by side; nothing is changed in a target. Needs no engine and no database.
 * @param names all when empty
 * @throws CommandFailed exit code 1 when one isn't ready, 2 for a name that isn't configured
 */
export const connectorTest = async (
  names: readonly string[],
  flags: Flags & { readonly seconds: number },
  output: Output,
): Promise<void> => {
  const config = configFrom(flags)
  const configured = await listConnectors(config)
  const unknown = names.find((name) => !configured.some((one) => one.name === name))
  if (unknown !== undefined) {
    const known = configured.map(({ name }) => name).join(', ')
    throw new CommandFailed(
      `there is no connector ${unknown} in the configuration; there are ${known}`,
      EXIT.usage,
    )
  }
  const connectors = await openConnectors(config, { clock: systemClock, log: noteLog(output) })
  const chosen = configured.filter(({ name }) => names.length === 0 || names.includes(name))
  const tried = await Promise.all(
    chosen.map(async (entry) => ({
      ...described(entry),
      ...(await outcomeOf(connectors.get(entry.name), flags.seconds)),
    })),
  )
  const rows = tried.map((one) => [one.name, one.kind, one.target, toldAs(one)])
  const told = [table(['connector', 'kind', 'target', 'is'], rows), ...abilitiesOf(tried)]
  await output.print(told.join('\n\n'), { connectors: tried })
  const failed = tried.filter(({ ready }) => !ready).map(({ name }) => name)
  if (failed.length > 0) {
    // A target that hangs would keep this process for as long as its connector waits.
    setTimeout(() => process.exit(EXIT.failed), FAREWELL_MILLIS)
    throw new CommandFailed(`not ready: ${failed.join(', ')}`)
  }
  for (const connector of connectors.values()) await connector.close()
}

const FAREWELL_MILLIS = 500

const outcomeOf = async (connector: Connector | undefined, seconds: number): Promise<Outcome> => {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const said = `no answer within ${seconds} seconds; try again with --seconds, or see what the target does`
    late.reject(new ConnectorError('connector.timeout', said, { transient: true }))
  }, seconds * 1000)
  try {
    await Promise.race([connector?.probe(), late.promise])
    const signal = AbortSignal.timeout(seconds * 1000)
    const abilities = await Promise.race([connector?.abilities?.(signal), late.promise])
    return { ready: true, ...(abilities === undefined ? {} : { abilities }) }
  } catch (error) {
    const message = errorText(error)
    if (!(error instanceof ConnectorError))
      return { ready: false, code: 'connector.failed', message, transient: true }
    return { ready: false, code: error.code, message: error.message, transient: error.transient }
  } finally {
    clearTimeout(timer)
  }
}

/** What was found that ready targets do or don't, where targets of their kind differ. */
const abilitiesOf = (
  tried: readonly (Outcome & { readonly name: string })[],
): readonly string[] => {
  const rows = tried.flatMap((one) =>
    one.ready
      ? (one.abilities ?? []).map(
          ({ ability, can, where }) => [one.name, ability, can, where ?? ''] as const,
        )
      : [],
  )
  if (rows.length === 0) return []
  const unread = rows.filter(([, ability, can]) => ability === 'read-back' && can !== 'yes')
  const wheres = rows.some(([, , , where]) => where !== '')
  return [
    wheres
      ? table(['connector', 'ability', 'found', 'of'], rows)
      : table(
          ['connector', 'ability', 'found'],
          rows.map((row) => row.slice(0, 3)),
        ),
    ...unread.map(([name, , can, where]) =>
      can === 'no'
        ? where !== ''
          ? `${name}: some there don't tell who has what; the target's word that a change was made there counts (receipt "acknowledged")`
          : `${name}: nothing there tells who has what; its word that a change was made counts (receipt "acknowledged")`
        : `${name}: nobody was found there who has anything, so it isn't known whether it tells who has what`,
    ),
  ]
}

const toldAs = (outcome: Outcome): string =>
  outcome.ready
    ? 'ready'
    : `NOT READY${outcome.transient ? ' for now' : ''}: ${outcome.message} (${outcome.code})`

const described = (entry: ConnectorsConfig[number]) => ({
  name: entry.name,
  kind: entry.kind,
  target: targetOf(entry),
})

const targetOf = (entry: ConnectorsConfig[number]): string => {
  switch (entry.kind) {
    case 'file':
      return entry.path
    case 'scim':
      return entry.baseUrl
    case 'ldap':
    case 'webhook':
      return entry.url
  }
}
