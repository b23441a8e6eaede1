import type { RecordedEvent as RecordedThere } from '@eventstore/db-client'
import type {
  EventBatch,
  Position,
  ReadAllOptions,
  RecordedEvent,
  SubscribeOptions,
} from '@portcullis/core'
import { EventStoreClosed } from '../errors.ts'
import { isPassing, toStoreError } from './failures.ts'
import { CAUGHT_UP, type LogItem, type LogReader, openLogReader } from './logReader.ts'
import type { OurLog } from './ourLog.ts'
import { createRetries } from './retries.ts'
import type { EventStoreServer } from './server.ts'

/** A page of `$all`: reads until it is full, or the server says that there is no more. */
export const readPage = async (
  server: EventStoreServer,
  log: OurLog,
  { after, limit, types }: ReadAllOptions,
): Promise<EventBatch> => {
  const { clients, closed } = server
  await log.unlessBeyondEnd(after)
  const wanted = log.isWanted(types)
  const reader = openLogReader(clients, log.prefixes, after, limit)
  const events: RecordedEvent[] = []
  let position = after
  try {
    while (events.length < limit) {
      const items = await reader.next(limit - events.length, closed)
      if (items === undefined) throw new EventStoreClosed()
      for (const item of items) {
        if (item === CAUGHT_UP) return { events, position, caughtUp: true }
        const at = log.positionOf(item)
        if (at <= position) continue
        position = at
        if (wanted(item)) events.push(log.recorded(item))
      }
    }
    return { events, position, caughtUp: false }
  } catch (error) {
    throw toStoreError('read the log', error, server, after)
  } finally {
    await reader.close()
  }
}

/**
 * Catch-up, then live. A subscription that is dropped is made anew, with a growing pause, from behind the last event
 * that was given out.
 */
export async function* followLog(
  server: EventStoreServer,
  log: OurLog,
  { after, batchSize, types, signal }: SubscribeOptions,
  note: (message: string) => void,
): AsyncGenerator<EventBatch, void, undefined> {
  const { clients, hosts, closed } = server
  const ended = AbortSignal.any([signal, closed])
  const wanted = log.isWanted(types)
  const again = createRetries(ended)
  let position = after
  await log.unlessBeyondEnd(after)
  while (!ended.aborted) {
    const reader = openLogReader(clients, log.prefixes, position, batchSize * 2)
    try {
      for await (const { events, caughtUp } of batches(reader, position, batchSize, ended)) {
        again.worked()
        const last = events.at(-1)
        if (last !== undefined) position = log.positionOf(last)
        yield { events: events.filter(wanted).map(log.recorded), position, caughtUp }
      }
    } catch (error) {
      if (ended.aborted) return
      if (!isPassing(error) || !(await again.wait()))
        throw toStoreError('follow the log', error, server, position)
      note(`a subscription to the event store at ${hosts} was dropped and is made anew`)
    } finally {
      await reader.close()
    }
  }
}

interface Seen {
  readonly events: readonly RecordedThere[]
  readonly caughtUp: boolean
}

/** Full batches until the end is reached, then whatever has come. Events that come twice are given out once. */
async function* batches(
  reader: LogReader,
  after: Position,
  size: number,
  signal: AbortSignal,
): AsyncGenerator<Seen, void, undefined> {
  let position = after
  let seen: RecordedThere[] = []
  let live = false
  let told = false
  while (!signal.aborted) {
    const items: readonly LogItem[] | undefined = await reader.next(size - seen.length, signal)
    if (items === undefined) return
    for (const item of items) {
      if (item === CAUGHT_UP) live = true
      else if (item.position !== undefined && item.position.commit > position) {
        position = item.position.commit
        seen.push(item)
      }
    }
    const full = seen.length >= size
    // An end that was reached exactly with a full batch is told by an empty one.
    const news = seen.length > 0 ? live || full : live && !told && position > after
    if (!news || signal.aborted) continue
    told = live
    const events = seen
    seen = []
    yield { events, caughtUp: live }
  }
}
