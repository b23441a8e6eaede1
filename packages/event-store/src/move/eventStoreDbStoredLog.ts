import type { RecordedEvent as RecordedThere } from '@eventstore/db-client'
import {
  type EventMetadata,
  type JsonObject,
  type NewEvent,
  NO_STREAM,
  type Position,
  START,
} from '@portcullis/core'
import { EventStoreClosed } from '../errors.ts'
import { appendOnce } from '../eventstoredb/append.ts'
import { backOff } from '../eventstoredb/backOff.ts'
import { connectTo, EventStoreDbUnusable } from '../eventstoredb/connection.ts'
import { isPassing, toStoreError, typeOf } from '../eventstoredb/failures.ts'
import { CAUGHT_UP, openLogReader } from '../eventstoredb/logReader.ts'
import { lastEventOf, prefixesOf } from '../eventstoredb/ourLog.ts'
import { withoutRecordedAt } from '../eventstoredb/recordedAt.ts'
import { CHECK_MILLIS, checkServer, openServer } from '../eventstoredb/server.ts'
import { LogChanged, type StoredEvent, type StoredLog } from './storedLog.ts'

export interface EventStoreDbStoredLogOptions {
  /** As of the event store's options. */
  readonly url: string
  readonly streamPrefix: string
  readonly categories: readonly string[]
}

const PAGE = 500
/** Events and characters of JSON in one append: well below the megabyte that a server takes. */
const MOST_EVENTS = 200
const MOST_CHARACTERS = 200_000

/**
 * The log in EventStoreDB, as it is stored. It takes no time of recording from outside, so the first store's goes along in the metadata, as `recordedAt`.
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

  const append = async (events: readonly StoredEvent[]): Promise<void> => {
    const [first] = events
    if (first === undefined) return
    const { stream, revision } = first
    const written = events.map(
      ({ id, type, data, metadata, recordedAt }): NewEvent => ({
        id,
        type,
        data,
        // As it was checked when it was first written, and one thing more.
        metadata: { ...metadata, recordedAt } as object as EventMetadata,
      }),
    )
    try {
      await appendOnce(
        server,
        `${prefix}${stream}`,
        revision === 0n ? NO_STREAM : revision - 1n,
        written,
      )
    } catch (error) {
      if (typeOf(error) === 'wrong-expected-version')
        throw new LogChanged(name, `stream ${stream} is not at the revision before ${revision}`)
      throw toStoreError(`append to ${stream}`, error, server.hosts)
    }
  }

  return {
    name,
    pages: async function* (after) {
      const again = backOff(closed)
      let position = after
      for (;;) {
        const reader = openLogReader(server.client, prefixes, position, PAGE * 2)
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
            throw toStoreError('read the log', error, server.hosts)
        } finally {
          await reader.close()
        }
      }
    },
    end: async () => {
      const last = await lastEventOf(server, prefixes, START)
      const position = last?.position?.commit ?? START
      return { position, events: position === START ? 0 : undefined }
    },
    // One append after the other: a server promises no order between two that are under way, and the order of the whole log is kept.
    fill: async (events) => {
      let run: StoredEvent[] = []
      let characters = 0
      for (const event of events) {
        const size = JSON.stringify(event.data).length + JSON.stringify(event.metadata).length
        const previous = run.at(-1)
        const goesOn =
          previous !== undefined &&
          previous.stream === event.stream &&
          run.length < MOST_EVENTS &&
          characters + size <= MOST_CHARACTERS
        if (!goesOn) {
          await append(run)
          run = []
          characters = 0
        }
        run.push(event)
        characters += size
      }
      await append(run)
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
