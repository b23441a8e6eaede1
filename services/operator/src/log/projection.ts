import { EXIT } from '@portcullis/runtime'
import { NotPartitionable, type RebuildProgress, UnknownProjection } from '@portcullis/views'
import { configFrom, withRuntime } from '../cli/context.ts'
import { CommandFailed, type Output } from '../cli/output.ts'
import { table } from '../cli/table.ts'

interface Flags {
  readonly data?: string
}

/**
 * Where each projection and each reactor is, which process runs it, and whether it is paused. Exit code 1 when one
 * does.
 */
export const projectionStatus = (flags: Flags, output: Output): Promise<void> =>
  withRuntime(configFrom(flags), output, async (runtime) => {
    const projections = await runtime.projections.status()
    const reactors = await runtime.reactors.status()
    const all = [
      ...projections.map((one) => ({ ...one, version: `v${one.version}`, name: named(one) })),
      ...reactors.map((one) => ({ ...one, name: `reactor ${one.name}`, version: '' })),
    ]
    const heads = ['projection', 'version', 'state', 'position', 'head', 'owner', 'since', 'error']
    const rows = all.map(({ name, version, state, position, head, owner, ownedSince, error }) => [
      name,
      version,
      state,
      position,
      head,
      owner ?? '',
      ownedSince ?? '',
      error ?? '',
    ])
    await output.print(table(heads, rows), { projections, reactors })
    const paused = all.filter(({ state }) => state === 'paused').map(({ name }) => name)
    if (paused.length > 0) throw new CommandFailed(`paused: ${paused.join(', ')}`)
  })

/**
 * Fills a view anew from the log while the old one serves, then swaps them. Nobody gets a mail and no connector is
 * called (promise 8).
 */
export const rebuildProjection = (
  name: string,
  flags: Flags & { readonly partitions?: number },
  output: Output,
): Promise<void> =>
  withRuntime(configFrom(flags), output, ({ projections }) =>
    knownOnly(async () => {
      const result = await projections.rebuild(
        name,
        (progress) => output.note(progressLine(progress)),
        flags.partitions,
      )
      const { partitions } = result
      const parts = partitions === 1 ? '' : `, kept up to date in ${partitions} parts`
      await output.print(`${name} is rebuilt and live${parts}`, plain(result))
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

const named = ({ name, partitions }: { name: string; partitions: number }): string =>
  partitions === 1 ? name : `${name} in ${partitions} parts`

const knownOnly = async (work: () => Promise<void>): Promise<void> => {
  try {
    await work()
  } catch (error) {
    if (error instanceof UnknownProjection || error instanceof NotPartitionable)
      throw new CommandFailed(error.message, EXIT.usage)
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
