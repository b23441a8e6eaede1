import { formatPosition, parsePosition, type RecordedEvent, START } from '@portcullis/core'
import { EXIT } from '@portcullis/runtime'
import { configFrom, withRuntime } from '../cli/context.ts'
import { CommandFailed, type Output } from '../cli/output.ts'

export interface TailFlags {
  readonly data?: string
  /** Position after which to begin; the last `last` events when absent. */
  readonly after?: string
  readonly last: number
  readonly follow: boolean
  readonly type?: readonly string[]
}

const PAGE = 500

const asJson = (event: RecordedEvent): object => ({
  ...event,
  revision: event.revision.toString(),
  position: formatPosition(event.position),
})

const asLine = ({ position, metadata, type, stream, data }: RecordedEvent): string =>
  `${position.toString().padStart(8)}  ${metadata.at}  ${type.padEnd(28)} ${stream}  by ${metadata.actor.id}\n          ${JSON.stringify(data)}`

/** Prints events of the log in order; with `follow`, goes on until interrupted. */
export const tailEvents = (flags: TailFlags, output: Output): Promise<void> =>
  withRuntime(configFrom(flags), output, async ({ store }) => {
    const after = flags.after === undefined ? undefined : parsePosition(flags.after)
    if (flags.after !== undefined && after === undefined)
      throw new CommandFailed(
        `--after: ${flags.after} is not a position (decimal digits)`,
        EXIT.usage,
      )
    const head = await store.head()
    const from = after ?? (head > BigInt(flags.last) ? head - BigInt(flags.last) : START)
    const types = flags.type === undefined ? {} : { types: flags.type }
    const print = (event: RecordedEvent) => output.print(asLine(event), asJson(event))
    if (flags.follow) {
      const stop = new AbortController()
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
      const subscription = { after: from, batchSize: PAGE, signal: stop.signal, ...types }
      for await (const batch of store.subscribe(subscription))
        for (const event of batch.events) await print(event)
      return
    }
    for (let position = from; ; ) {
      const batch = await store.readAll({ after: position, limit: PAGE, ...types })
      for (const event of batch.events) await print(event)
      position = batch.position
      if (batch.caughtUp) return
    }
  })

/** Prints every event of one stream: what has happened to a request, a package, a grant. */
export const showStream = (
  stream: string,
  flags: { readonly data?: string },
  output: Output,
): Promise<void> =>
  withRuntime(configFrom(flags), output, async ({ store }) => {
    const events = await store.readStream(stream)
    if (events.length === 0)
      throw new CommandFailed(
        `there is no stream ${stream}; streams are named catalog-<id>, accessPackage-<id>, entitlement-<package>.<person> and grant-<resource>.<role>.<person>`,
      )
    for (const event of events) await output.print(asLine(event), asJson(event))
  })
