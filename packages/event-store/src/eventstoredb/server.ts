import type { EventStoreDBClient, RecordedEvent } from '@eventstore/db-client'
import { EventStoreUnavailable } from '../errors.ts'
import { type Connection, EventStoreDbUnusable } from './connection.ts'
import { toStoreError, typeOf } from './failures.ts'
import { createLimit, type Limit } from './limit.ts'
import { CAUGHT_UP, openLogReader } from './logReader.ts'

/** A read under way, as the client gives it. */
type Read = AsyncIterable<{ readonly event?: RecordedEvent }> & { cancel(): Promise<void> }

/** Calls to one server, with its errors as the port's. */
export interface EventStoreServer extends Connection {
  /** Aborts when the store is closed. */
  readonly closed: AbortSignal
  /**
   * Every event of a read, at most so many at once in all; none when there is no such stream.
   * @throws EventStoreUnavailable also when the server falls silent: reads have no deadline of their own
   */
  collect(
    doing: string,
    open: (client: EventStoreDBClient) => Read,
  ): Promise<readonly RecordedEvent[]>
  /** Runs an append, at most so many at once. */
  readonly appends: Limit
  /** Reads a page of the log, at most so many at once. */
  readonly pages: Limit
  /** What is under way is waited for; then connections end. */
  close(): Promise<void>
}

/** Appends in flight at once: an overloaded server refuses rather than waits. */
const APPENDS_AT_ONCE = 48
/** With the appends less than the streams that a connection carries. */
const READS_AT_ONCE = 48
/** Pages of the log read at once: each is a subscription that is broken off. */
const PAGES_AT_ONCE = 32
const SILENCE_MILLIS = 10_000

export const openServer = (connection: Connection): EventStoreServer => {
  const { client, clients } = connection
  const closing = new AbortController()
  const appends = createLimit(APPENDS_AT_ONCE)
  const reads = createLimit(READS_AT_ONCE)
  const pages = createLimit(PAGES_AT_ONCE)
  return {
    ...connection,
    closed: closing.signal,
    appends,
    pages,
    collect: (doing, open) =>
      reads.run(async () => {
        const events: RecordedEvent[] = []
        const read = open(client)
        let silent = false
        let ended = false
        const giveUp = (): void => {
          silent = true
          void read.cancel()
        }
        const timer = setTimeout(giveUp, SILENCE_MILLIS)
        try {
          for await (const { event } of read) {
            timer.refresh()
            if (event !== undefined) events.push(event)
          }
          ended = true
          if (silent) throw new EventStoreUnavailable(doing, new Error('the server fell silent'))
          return events
        } catch (error) {
          ended = typeOf(error) === 'stream-not-found'
          if (ended) return []
          throw toStoreError(doing, error, connection)
        } finally {
          clearTimeout(timer)
          // Leaving the loop doesn't end the call. One that the server ends isn't broken off: to a server
          // many of those in a row look like an attack (HTTP/2 rapid reset), and it closes the connection.
          if (!ended) await read.cancel().catch(() => {})
        }
      }),
    close: async () => {
      closing.abort()
      await Promise.all([appends.idle(), reads.idle(), pages.idle()])
      await Promise.all([client.dispose(), clients.close()])
    },
  }
}

/** How long a server may take to answer at the start. */
export const CHECK_MILLIS = 10_000

/**
 * Asks for what the engine needs, before anything relies on it: an answer, the right to read, and the word that a
 * subscription has caught up.
 * @throws EventStoreUnavailable, EventStoreDbUnusable with the way out
 */
export const checkServer = async (
  connection: Connection,
  prefixes: readonly string[],
  patienceMillis: number,
): Promise<void> => {
  const { clients, hosts } = connection
  const reader = openLogReader(clients, prefixes, 'end', 16)
  const signal = AbortSignal.timeout(patienceMillis)
  try {
    for (;;) {
      const items = await reader.next(16, signal)
      if (items === undefined)
        throw new EventStoreDbUnusable(
          `the server at ${hosts} doesn't say when a subscription has caught up: EventStoreDB 23.10 or newer, or KurrentDB, is needed`,
        )
      if (items.includes(CAUGHT_UP)) return
    }
  } catch (error) {
    throw toStoreError('read $all', error, connection)
  } finally {
    await reader.close()
  }
}
