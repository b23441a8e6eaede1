import {
  type AppendResult,
  type EventStore,
  type ExpectedRevision,
  type NewEvent,
  NO_STREAM,
  type Position,
  type ReadAllOptions,
  type RecordedEvent,
  type Revision,
  RevisionConflict,
  type StreamAppend,
} from '@portcullis/core'
import { checkAppends, soleOutcome } from '../appends.ts'
import type { Codec } from '../codec.ts'
import { EventStoreClosed, PositionBeyondLog } from '../errors.ts'
import { createLogSignal, type LogSignal } from '../logSignal.ts'
import { followLog } from '../subscription.ts'

/** The events; outlives the stores that are opened on it, as a database would. */
export interface MemoryLog {
  readonly all: RecordedEvent[]
  readonly streams: Map<string, RecordedEvent[]>
  readonly signal: LogSignal
}

export const createMemoryLog = (): MemoryLog => ({
  all: [],
  streams: new Map(),
  signal: createLogSignal(),
})

/** An append whose events are as they would be read, but for their positions. */
interface Prepared {
  readonly stream: string
  readonly expected: ExpectedRevision
  /** Where the first event would go. */
  readonly next: number
  readonly recorded: readonly RecordedEvent[]
}

/**
 * An event store without a disk, for specs and simulations. No timers: everything happens in the caller's turn.
 * Events go through the codec and through JSON, so that what can't be stored fails here too; what is read is frozen.
 * @param options.log one that another store of the same process has open; a new one when absent
 */
export const createMemoryEventStore = (options: {
  readonly codec: Codec
  readonly log?: MemoryLog
}): EventStore => {
  const { codec, log = createMemoryLog() } = options
  const closing = new AbortController()

  const record = (stream: string, revision: number, event: NewEvent): RecordedEvent => {
    const encoded = codec.encode(event)
    return deepFreeze({
      type: encoded.type,
      data: JSON.parse(encoded.data),
      metadata: JSON.parse(encoded.metadata),
      id: encoded.id,
      stream,
      revision: BigInt(revision),
      position: 0n,
    })
  }

  const prepare = ({ stream, expected, events }: StreamAppend): Prepared => {
    const next = expected === NO_STREAM ? 0 : Number(expected) + 1
    return {
      stream,
      expected,
      next,
      recorded: events.map((event, index) => record(stream, next + index, event)),
    }
  }
  const write = ({
    stream,
    expected,
    next,
    recorded,
  }: Prepared): AppendResult | RevisionConflict => {
    const existing = log.streams.get(stream) ?? []
    if (next !== existing.length) {
      const last = lastOfRepeat(existing, next, recorded)
      if (last !== undefined)
        return { revision: last.revision, position: last.position, repeated: true }
      return new RevisionConflict(stream, expected, existing.at(-1)?.revision ?? NO_STREAM)
    }
    const placed = recorded.map((event, index) =>
      Object.freeze({ ...event, position: BigInt(log.all.length + index + 1) }),
    )
    log.all.push(...placed)
    existing.push(...placed)
    log.streams.set(stream, existing)
    const position: Position = BigInt(log.all.length)
    log.signal.announce(position)
    return { revision: BigInt(next + recorded.length - 1), position, repeated: false }
  }
  const appendAll = (
    appends: readonly StreamAppend[],
  ): readonly (AppendResult | RevisionConflict)[] => {
    if (closing.signal.aborted) throw new EventStoreClosed()
    checkAppends(appends)
    return appends.map(prepare).map(write)
  }
  const readStream = (stream: string, after: Revision = -1n): readonly RecordedEvent[] =>
    (log.streams.get(stream) ?? []).slice(Number(after) + 1)

  const readAll = ({ after, limit, types }: ReadAllOptions) => {
    const head = BigInt(log.all.length)
    if (after > head) throw new PositionBeyondLog(after, head)
    const events: RecordedEvent[] = []
    let position = Number(after)
    while (position < log.all.length && events.length < limit) {
      const event = log.all[position]
      if (event !== undefined && (types === undefined || types.includes(event.type)))
        events.push(event)
      position += 1
    }
    return { events, position: BigInt(position), caughtUp: position === log.all.length }
  }

  return {
    append: async (stream, expected, events) =>
      soleOutcome(appendAll([{ stream, expected, events }])),
    appendAll: async (appends) => appendAll(appends),
    readStream: async (stream, after) => readStream(stream, after),
    readStreams: async (asks) => asks.map(({ stream, after }) => readStream(stream, after)),
    readAll: async (read) => readAll(read),
    head: async () => BigInt(log.all.length),
    newest: async () => log.all.at(-1),
    subscribe: (subscribe) =>
      followLog(
        { readAll: async (read) => readAll(read), signal: log.signal, closed: closing.signal },
        subscribe,
      ),
    close: async () => closing.abort(),
  }
}

/** The last of these very events, where they already are at the places that they would have taken. */
const lastOfRepeat = (
  existing: readonly RecordedEvent[],
  from: number,
  events: readonly RecordedEvent[],
): RecordedEvent | undefined => {
  const there = existing.slice(from, from + events.length)
  const same = there.length === events.length && there.every((e, i) => e.id === events[i]?.id)
  return same ? there.at(-1) : undefined
}

const deepFreeze = <T extends object>(value: T): T => {
  for (const inner of Object.values(value))
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner)
  return Object.freeze(value)
}
