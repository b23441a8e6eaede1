import { type RebuildProgress, UnknownProjection } from '@portcullis/views'
import { configFrom, withRuntime } from '../context.ts'
import { CommandFailed, EXIT, type Output, table } from '../output.ts'

interface Flags {
  readonly data?: string
}

/** Where each projection is, and whether it stands still. Exit code 1 when one does. */
export const projectionStatus = (flags: Flags, output: Output): Promise<void> =>
  withRuntime(configFrom(flags), output, async ({ projections }) => {
    const all = await projections.status()
    const rows = all.map(({ name, version, position, head, state, error }) => [
      name,
      `v${version}`,
      state,
      position,
      head,
      error ?? '',
    ])
    await output.print(
      table(['projection', 'version', 'state', 'position', 'head', 'error'], rows),
      {
        projections: all,
      },
    )
    const paused = all.filter(({ state }) => state === 'paused').map(({ name }) => name)
    if (paused.length > 0) throw new CommandFailed(`paused: ${paused.join(', ')}`)
  })

/** Fills a view anew from the log while the old one serves, then swaps them. Nobody gets a mail and no connector is called (promise 8). */
export const rebuildProjection = (name: string, flags: Flags, output: Output): Promise<void> =>
  withRuntime(configFrom(flags), output, ({ projections }) =>
    knownOnly(async () => {
      const result = await projections.rebuild(name, (progress) =>
        output.note(progressLine(progress)),
      )
      await output.print(`${name} is rebuilt and live`, plain(result))
    }),
  )

/** Fills a copy of a view from the log and compares it with the live one. Exit code 1 when they differ. */
export const verifyProjection = (name: string, flags: Flags, output: Output): Promise<void> =>
  withRuntime(configFrom(flags), output, ({ projections }) =>
    knownOnly(async () => {
      const result = await projections.verify(name, (progress) =>
        output.note(progressLine(progress)),
      )
      await output.print(
        result.equal ? `${name}: the rebuilt view equals the live one` : `${name}: DIFFERENT`,
        plain(result),
      )
      if (!result.equal) throw new CommandFailed(`${name} does not equal its rebuilt copy`)
    }),
  )

const knownOnly = async (work: () => Promise<void>): Promise<void> => {
  try {
    await work()
  } catch (error) {
    if (error instanceof UnknownProjection) throw new CommandFailed(error.message, EXIT.usage)
    throw error
  }
}

const progressLine = ({ name, position, target, events }: RebuildProgress): string =>
  `${name}: position ${position} of ${target}, ${events} events applied`

/** Positions as text: JSON has no bigint. */
const plain = (result: object): object =>
  JSON.parse(
    JSON.stringify(result, (_key, value: unknown) =>
      typeof value === 'bigint' ? value.toString() : value,
    ),
  )
