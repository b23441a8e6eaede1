import { type EventStore, START } from '@portcullis/core'
import { eventSchemas, eventSchemasByStream, eventUpcasters } from '@portcullis/domain'
import type { Log } from '@portcullis/engine'
import {
  createCodec,
  createEventStoreDbEventStore,
  createPostgresEventStore,
  EventStoreDbUnusable,
  EventStoreUnavailable,
} from '@portcullis/event-store'
import { claimLog, OtherLog } from '@portcullis/subscriptions'
import type pg from 'pg'
import { type Config, ConfigError } from './config.ts'
import { shareConnections } from './connectionShares.ts'

/** Nothing answers where EVENTSTORE_URL says; the message says why, never the address with its password. */
export class EventStoreUnreachable extends Error {
  readonly code = 'event-store.unreachable'
  constructor(cause: Error) {
    super(
      `EVENTSTORE_URL: ${cause.message}; check that the server runs, and the host, the port and tls of the address`,
      { cause },
    )
    this.name = 'EventStoreUnreachable'
  }
}

/**
 * The log: in EventStoreDB where EVENTSTORE_URL says so, else in the database.
 * @throws ConfigError when that server can't be used as it is configured, EventStoreUnreachable when nothing answers
 */
export const openEventStore = async (
  config: Pick<Config, 'databaseConnections' | 'eventStore' | 'redisUrl' | 'queueBoard'>,
  databaseUrl: string,
  log: Log,
): Promise<EventStore> => {
  const { eventStore } = config
  const codec = createCodec(eventSchemas, eventUpcasters)
  const note = (message: string): void => log.warn({}, message)
  if (eventStore === undefined)
    return createPostgresEventStore({
      url: databaseUrl,
      codec,
      readers: shareConnections(config).readers,
      log: note,
    })
  try {
    return await createEventStoreDbEventStore({
      url: eventStore.url,
      streamPrefix: eventStore.prefix,
      categories: Object.keys(eventSchemasByStream),
      codec,
      log: note,
    })
  } catch (error) {
    if (error instanceof EventStoreDbUnusable)
      throw new ConfigError([`EVENTSTORE_URL: ${error.message}`])
    if (error instanceof EventStoreUnavailable) throw new EventStoreUnreachable(error)
    throw error
  }
}

/**
 * Makes sure that the views and reactors of the database are this log's, before and after its first event is written.
 * @param begin writes the first event where there is none
 * @throws ConfigError when they have followed another log; then nothing was written
 */
export const claimLogFor = async (
  config: Pick<Config, 'eventStore'>,
  store: EventStore,
  pool: pg.Pool,
  begin: () => Promise<unknown>,
): Promise<void> => {
  try {
    const name = await nameOfLog(config, store)
    await claimLog(pool, name)
    await begin()
    if (name === undefined) await claimLog(pool, await nameOfLog(config, store))
  } catch (error) {
    if (error instanceof OtherLog) throw new ConfigError([`EVENTSTORE_URL: ${error.message}`])
    throw error
  }
}

/**
 * What tells this log from another one: where it is kept and, in EventStoreDB, its prefix and when it began; undefined
 * as long as it is empty there.
 */
export const nameOfLog = async (
  { eventStore }: Pick<Config, 'eventStore'>,
  store: EventStore,
): Promise<string | undefined> => {
  if (eventStore === undefined) return 'postgresql'
  const { events } = await store.readAll({ after: START, limit: 1 })
  const began = events[0]?.metadata.at
  return began && `eventstoredb:${eventStore.prefix} since ${began}`
}
