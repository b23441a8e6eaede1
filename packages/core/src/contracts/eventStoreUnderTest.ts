import { z } from 'zod'
import type { EventBatch, EventStore } from '../eventStore.ts'
import type { NewEvent, RecordedEvent } from '../events.ts'
import { deriveId, eventId } from '../ids.ts'

/** A fresh, empty log with one client of it, made with the codec of {@link contractEventSchemas}. */
export interface EventStoreUnderTest {
  readonly store: EventStore
  /**
   * A second client of the same log, with connections of its own, as another process would have; closed by the suite.
   */
  another(): Promise<EventStore>
  /** Ends the log, after the clients were closed. */
  stop(): Promise<void>
}

const data = z.object({ n: z.int(), text: z.string().exactOptional() })

/** The events that the suite appends. */
export const contractEventSchemas = { 'Counted.v1': data, 'Noted.v1': data } as const

/** An event of the suite; the same arguments give the same event id. */
export const contractEvent = (
  stream: string,
  n: number,
  more: { readonly type?: keyof typeof contractEventSchemas; readonly text?: string } = {},
): NewEvent => {
  const commandId = deriveId('contract', stream, n)
  return {
    type: more.type ?? 'Counted.v1',
    data: { n, ...(more.text === undefined ? {} : { text: more.text }) },
    id: eventId(commandId, stream, 0),
    metadata: {
      commandId,
      correlationId: commandId,
      actor: { kind: 'service', id: 'contract' },
      at: '2026-11-23T21:18:00.000Z',
    },
  }
}

/** `[from, from + 1, … to]` as events of one stream. */
export const contractEvents = (stream: string, from: number, to: number): readonly NewEvent[] =>
  Array.from({ length: to - from + 1 }, (_, index) => contractEvent(stream, from + index))

/** Everything in the log, page by page. */
export const wholeLog = async (store: EventStore): Promise<readonly RecordedEvent[]> => {
  const events: RecordedEvent[] = []
  let after = 0n
  for (;;) {
    const page = await store.readAll({ after, limit: 500 })
    events.push(...page.events)
    after = page.position
    if (page.caughtUp) return events
  }
}

/** A subscription under way, with what it has seen so far. */
export interface Following {
  readonly batches: readonly EventBatch[]
  events(): readonly RecordedEvent[]
  /** Ends it and waits for its end. */
  end(): Promise<void>
}

/** Follows the log in the background until told to end. */
export const follow = (
  store: EventStore,
  options: {
    readonly after?: bigint
    readonly batchSize?: number
    readonly types?: readonly string[]
  } = {},
): Following => {
  const controller = new AbortController()
  const batches: EventBatch[] = []
  const run = async (): Promise<void> => {
    const subscription = store.subscribe({
      after: options.after ?? 0n,
      batchSize: options.batchSize ?? 100,
      ...(options.types === undefined ? {} : { types: options.types }),
      signal: controller.signal,
    })
    for await (const batch of subscription) batches.push(batch)
  }
  const done = run()
  // The one who ends it gets the error; until then it must not count as unhandled.
  done.catch(() => {})
  return {
    batches,
    events: () => batches.flatMap((batch) => batch.events),
    end: async () => {
      controller.abort()
      await done
    },
  }
}
