import type { Runtime } from '@portcullis/runtime'
import { EXIT } from '@portcullis/runtime'
import { createPauses, type Pauses, type Skip, SkipRefused } from '@portcullis/subscriptions'
import { UnknownProjection } from '@portcullis/views'
import { configFrom, withRuntime } from '../cli/context.ts'
import { CommandFailed, type Output } from '../cli/output.ts'
import { table } from '../cli/table.ts'

interface Flags {
  readonly data?: string
}

/** Lets a projection or reactor that is paused try its event again. Exit code 1 when it isn't paused. */
export const resume = (name: string, flags: Flags, output: Output): Promise<void> =>
  withPauses(flags, output, async (pauses, runtime) => {
    const resumed = await pauses.resume(await checkpointsOf(runtime, name))
    if (resumed.length === 0) throw new CommandFailed(`${name} is not paused`)
    await output.print(
      `${name} tries its event again; \`portcullis projection status\` shows how it goes`,
      { name, resumed },
    )
  })

/**
 * Lets a projection or reactor that is paused go on behind its event, by order of a User administrator, which is
 * recorded for ever.
 * Exit code 1 when it isn't paused there, or the person may not.
 */
export const skip = (
  name: string,
  flags: Flags & { readonly position: bigint; readonly as?: string; readonly why: string },
  output: Output,
): Promise<void> =>
  withPauses(flags, output, async (pauses, runtime) => {
    const by = await administrator(runtime, flags.as ?? process.env.PORTCULLIS_AS)
    const reason = flags.why.trim()
    if (reason === '') throw new CommandFailed('--why: say why it is left out', EXIT.usage)
    const order = { position: flags.position, by, reason }
    const names = await checkpointsOf(runtime, name)
    const done = await pauses.skip(names, order).catch((error: unknown) => {
      if (error instanceof SkipRefused)
        throw new CommandFailed(`${name}: ${error.message}`, EXIT.failed, { code: error.code })
      throw error
    })
    runtime.log.warn(
      { subscription: done.subscription, position: done.position, event: done.event.id, by },
      'an event was skipped',
    )
    await output.print(
      `${name} goes on behind ${done.event.type} of ${done.event.stream} (position ${done.position}), which it leaves out; \`portcullis projection skipped\` keeps account of it`,
      done,
    )
  })

/** What was left out, by whom and why, newest first. */
export const listSkipped = (
  flags: Flags & { readonly limit: number },
  output: Output,
): Promise<void> =>
  withPauses(flags, output, async (pauses) => {
    const skipped = await pauses.skipped(flags.limit)
    const heads = ['at', 'by', 'subscription', 'position', 'event', 'stream', 'reason', 'error']
    await output.print(
      skipped.length === 0 ? 'Nothing was ever skipped.' : table(heads, skipped.map(rowOf)),
      { skipped },
    )
  })

const rowOf = ({ at, by, subscription, position, event, reason, error }: Skip) => [
  at,
  by,
  subscription,
  position,
  event.type,
  event.stream,
  reason,
  error,
]

const withPauses = (
  flags: Flags,
  output: Output,
  work: (pauses: Pauses, runtime: Runtime) => Promise<void>,
): Promise<void> =>
  withRuntime(configFrom(flags), output, (runtime) => work(createPauses(runtime), runtime))

/** @param name as `projection status` shows it, a reactor's without the word */
const checkpointsOf = async (
  { projections, reactors }: Runtime,
  name: string,
): Promise<readonly string[]> => {
  const reactor = reactors.checkpointOf(name)
  if (reactor !== undefined) return [reactor]
  try {
    return await projections.checkpointsOf(name)
  } catch (error) {
    if (error instanceof UnknownProjection)
      throw new CommandFailed(`${error.message}, and the reactors jobs, mail`, EXIT.usage)
    throw error
  }
}

/** @throws CommandFailed when that isn't an enabled User administrator of the directory */
const administrator = async ({ directory }: Runtime, id: string | undefined): Promise<string> => {
  if (id === undefined || id === '')
    throw new CommandFailed('say who orders it with --as <person> (or PORTCULLIS_AS)', EXIT.usage)
  const person = await directory.person(id)
  if (person?.enabled === true && person.directoryRoles.includes('UserAdministrator')) return id
  throw new CommandFailed(
    `${id} may not skip an event: that takes a User administrator of the directory`,
  )
}
