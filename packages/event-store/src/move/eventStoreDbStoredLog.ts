import type { RecordedEvent as RecordedThere } from '@eventstore/db-client'
import {
  type EventMetadata,
  type JsonObject,
  NO_STREAM,
  type Position,
  START,
} from '@portcullis/core'
import { EventStoreClosed } from '../errors.ts'
import { connectTo, EventStoreDbUnusable } from '../eventstoredb/connection.ts'
import { isPassing, toStoreError, typeOf } from '../eventstoredb/failures.ts'
import { CAUGHT_UP, openLogReader } from '../eventstoredb/logReader.ts'
import { lastEventOf, prefixesOf } from '../eventstoredb/ourLog.ts'
import { withoutRecordedAt } from '../eventstoredb/recordedAt.ts'
import { createRetries } from '../eventstoredb/retries.ts'
import { CHECK_MILLIS, checkServer, openServer } from '../eventstoredb/server.ts'
import { appendInOrder, type OrderedAppend } from './orderedAppends.ts'
import { type Run, runsOf } from './runs.ts'
import { LogChanged, type StoredEvent, type StoredLog } from './storedLog.ts'

export interface EventStoreDbStoredLogOptions {
  /** As of the event store's options. */
  readonly url: string
  readonly streamPrefix: string
  readonly categories: readonly string[]
}

const PAGE = 1_000

/**
 * The log in EventStoreDB, as it is stored. It takes no time of recording from outside, so the first store's goes along
 * in the metadata, as `recordedAt`.
 * @throws EventStoreDbUnusable, EventStoreUnavailable as the event store
 */
export const openEventStoreDbStoredLog = async (
  options: EventStoreDbStoredLogOptions,
): Promise<StoredLog> => {
  const prefix = options.streamPrefix
  const prefixes = prefixesOf(prefix, options.categories)
  const connection = connectTo(options.url)
  const server = openServer(connection)
  await checkServer(connection, prefixes, CHECK_MILLIS).catch(async (error: unknown) => {
    await server.close()
    throw error
  })
  const name = `EventStoreDB at ${server.hosts}`
  const { closed } = server

  const stored = (event: RecordedThere): StoredEvent => {
    const { data, metadata } = event
    if (event.position === undefined || typeof data !== 'object' || data instanceof Uint8Array)
      throw new EventStoreDbUnusable(
        `event ${event.id} of stream ${event.streamId} at ${server.hosts} isn't JSON: it is not of Portcullis. Give EVENTSTORE_PREFIX a value that nobody else's streams begin with`,
      )
    const taken = withoutRecordedAt(metadata as object as JsonObject)
    return {
      stream: event.streamId.slice(prefix.length),
      revision: event.revision,
      position: event.position.commit,
      id: event.id,
      type: event.type,
      data: data as object as JsonObject,
      metadata: taken.metadata,
      recordedAt: taken.recordedAt ?? event.created.toISOString().replace('Z', '000Z'),
    }
  }

  const toAppend = (events: Run): OrderedAppend => {
    const [{ stream, revision }] = events
    return {
      stream: `${prefix}${stream}`,
      expected: revision === 0n ? NO_STREAM : revision - 1n,
      events: events.map(({ id, type, data, metadata, recordedAt }) => ({
        id,
        type,
        data,
        // As it was checked when it was first written, and one thing more.
        metadata: { ...metadata, recordedAt } as object as EventMetadata,
      })),
    }
  }

  const append = async (runs: readonly Run[]): Promise<void> => {
    try {
      await appendInOrder(server, runs.map(toAppend))
    } catch (error) {
      if (typeOf(error) === 'wrong-expected-version')
        throw new LogChanged(
          name,
          `one of its streams isn't where this move has left it: ${error instanceof Error ? error.message : ''}`,
        )
      throw toStoreError('append', error, server)
    }
  }

  return {
    name,
    pages: async function* (after) {
      const again = createRetries(closed)
      let position = after
      for (;;) {
        const reader = openLogReader(server.clients, prefixes, position, PAGE * 2)
        try {
          for (;;) {
            const items = await reader.next(PAGE, closed)
            if (items === undefined) throw new EventStoreClosed()
            const page: StoredEvent[] = []
            for (const item of items) {
              if (item === CAUGHT_UP) continue
              const event = stored(item)
              // What comes twice is given out once.
              if (event.position > position) page.push(event)
              position = page.at(-1)?.position ?? position
            }
            again.worked()
            if (page.length > 0) yield page
            if (items.includes(CAUGHT_UP)) return
          }
        } catch (error) {
          if (!isPassing(error) || !(await again.wait()))
            throw toStoreError('read the log', error, server, position)
        } finally {
          await reader.close()
        }
      }
    },
    end: async () => {
      const { mine: last } = await lastEventOf(server, prefixes, START)
      const position = last?.position?.commit ?? START
      return { position, events: position === START ? 0 : undefined }
    },
    fill: async (events) => {
      for (const runs of runsOf(events)) await append(runs)
    },
    placeAt: async (position) => {
      const [found] = await server.collect('read the log', (client) =>
        client.readAll({ fromPosition: { commit: position, prepare: position }, maxCount: 1 }),
      )
      return found?.position?.commit === position &&
        prefixes.some((one) => found.streamId.startsWith(one))
        ? { stream: found.streamId.slice(prefix.length), revision: found.revision }
        : undefined
    },
    positionOf: async ({ stream, revision }): Promise<Position | undefined> => {
      const [found] = await server.collect(`read ${stream}`, (client) =>
        client.readStream(`${prefix}${stream}`, { fromRevision: revision, maxCount: 1 }),
      )
      return found?.revision === revision ? found.position?.commit : undefined
    },
    close: () => server.close(),
  }
}
