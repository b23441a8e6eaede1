import { type Position, START } from '@portcullis/core'
import { eventSchemasByStream } from '@portcullis/domain'
import { type Log, QUEUES } from '@portcullis/engine'
import {
  EventStoreDbUnusable,
  EventStoreUnavailable,
  type Moved,
  type MoveProgress,
  moveLog,
  openEventStoreDbStoredLog,
  openPostgresStoredLog,
  type StoredLog,
} from '@portcullis/event-store'
import { inspectRedis, wipeJobs } from '@portcullis/jobs'
import { createPool, inTransaction, useAlone } from '@portcullis/postgres'
import {
  changeLog,
  logOfCheckpoints,
  migrateSubscriptions,
  readCheckpoints,
} from '@portcullis/subscriptions'
import { createProjections, type OnProgress, resetViews } from '@portcullis/views'
import type pg from 'pg'
import { type Config, ConfigError } from './config.ts'
import { openDatabase } from './database.ts'
import { EventStoreUnreachable, nameOfLog, openEventStore } from './eventStore.ts'
import { jobsServerOf } from './redis.ts'
import { systemClock } from './systemClock.ts'

export const moveTargets = ['eventstoredb', 'postgresql'] as const
export type MoveTarget = (typeof moveTargets)[number]

/** There is nothing to move, or it is there already; nothing was done. */
export class MoveRefused extends Error {
  readonly code = 'move.refused'
  constructor(message: string) {
    super(message)
    this.name = 'MoveRefused'
  }
}

/** A move of the log between the database and the EventStoreDB that the configuration names, while no engine runs. */
export interface LogMove {
  readonly source: Pick<StoredLog, 'name'>
  readonly target: Pick<StoredLog, 'name'>
  /** @throws NotACopy, LogChanged, LogOutOfOrder, EventStoreUnavailable */
  copy(options: {
    readonly dryRun: boolean
    readonly onProgress: (progress: MoveProgress) => void
  }): Promise<Moved>
  /**
   * After a copy: lets the database follow the new log. Reactors go on behind the same event, views are thrown away and
   * filled anew, jobs are thrown away and found by the next sweep.
   * Killed in between, the next start of an engine fills the views.
   */
  follow(onProgress: OnProgress): Promise<void>
  close(): Promise<void>
}

const APPLICATION = { applicationName: 'portcullis move' } as const

/** @throws ConfigError, DatabaseUnreachable, EventStoreUnreachable, DatabaseInUse while an engine runs, MoveRefused */
export const openMove = async (config: Config, to: MoveTarget, log: Log): Promise<LogMove> => {
  const { eventStore } = config
  if (eventStore === undefined)
    throw new ConfigError([
      `EVENTSTORE_URL must name the EventStoreDB that the log is moved ${to === 'eventstoredb' ? 'to' : 'from'}`,
    ])
  const opened: { close(): Promise<unknown> }[] = []
  const close = async (): Promise<void> => {
    for (const each of opened.toReversed()) await each.close()
  }
  try {
    const database = await openDatabase(config, 'own', log)
    opened.push({ close: database.stop })
    const use = await useAlone(database.url, APPLICATION)
    opened.push({ close: use.end })
    const pool = createPool(database.url, { max: 2, ...APPLICATION })
    opened.push({ close: () => pool.end() })
    await migrateSubscriptions(pool)
    await unlessFollowed(pool, to)
    const inPostgres = await openPostgresStoredLog(database.url)
    opened.push(inPostgres)
    const inEventStoreDb = await openThere(eventStore)
    opened.push(inEventStoreDb)
    const [source, target] =
      to === 'eventstoredb' ? [inPostgres, inEventStoreDb] : [inEventStoreDb, inPostgres]
    if ((await source.end()).position === START)
      throw new MoveRefused(`the log in ${source.name} is empty: there is nothing to move`)
    return {
      source,
      target,
      copy: (options) => moveLog({ source, target, ...options }),
      follow: (onProgress) =>
        follow({
          config: { ...config, eventStore: to === 'eventstoredb' ? eventStore : undefined },
          databaseUrl: database.url,
          pool,
          source,
          target,
          log,
          onProgress,
        }),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const openThere = async (eventStore: NonNullable<Config['eventStore']>): Promise<StoredLog> => {
  try {
    return await openEventStoreDbStoredLog({
      url: eventStore.url,
      streamPrefix: eventStore.prefix,
      categories: Object.keys(eventSchemasByStream),
    })
  } catch (error) {
    if (error instanceof EventStoreDbUnusable)
      throw new ConfigError([`EVENTSTORE_URL: ${error.message}`])
    if (error instanceof EventStoreUnavailable) throw new EventStoreUnreachable(error)
    throw error
  }
}

const unlessFollowed = async (pool: pg.Pool, to: MoveTarget): Promise<void> => {
  const followed = await logOfCheckpoints(pool)
  if (followed?.split(':')[0] === to)
    throw new MoveRefused(
      `this database follows the log ${followed} already: there is nothing to move`,
    )
}

const follow = async ({
  config,
  databaseUrl,
  pool,
  source,
  target,
  log,
  onProgress,
}: {
  readonly config: Config
  readonly databaseUrl: string
  readonly pool: pg.Pool
  readonly source: StoredLog
  readonly target: StoredLog
  readonly log: Log
  readonly onProgress: OnProgress
}): Promise<void> => {
  // Before anything is changed: what can't be reached can't be wiped.
  if (config.redisUrl !== undefined) await inspectRedis(config.redisUrl, config.redisPrefix)
  const store = await openEventStore(config, databaseUrl, log)
  try {
    const name = await nameOfLog(config, store)
    if (name === undefined) throw new MoveRefused(`the log in ${target.name} is empty`)
    const reactors = [...(await readCheckpoints(pool)).values()].filter(
      (checkpoint) => !checkpoint.name.startsWith('projection.'),
    )
    const moved = await Promise.all(
      reactors.map(async (reactor) => ({
        name: reactor.name,
        from: reactor.position,
        to: await samePlace(source, target, reactor.position),
      })),
    )
    await inTransaction(pool, async (tx) => {
      await resetViews(tx)
      await changeLog(tx, name, moved)
    })
    await wipeJobs(jobsServerOf(config, databaseUrl), Object.values(QUEUES))
    await createProjections({ pool, store, clock: systemClock }).migrate(onProgress)
  } finally {
    await store.close()
  }
}

/** Where the event at a position of one log is in the other. */
const samePlace = async (
  source: StoredLog,
  target: StoredLog,
  position: Position,
): Promise<Position> => {
  if (position === START) return START
  const place = await source.placeAt(position)
  const found = place && (await target.positionOf(place))
  if (found === undefined)
    throw new Error(`the event at position ${position} of ${source.name} is not in ${target.name}`)
  return found
}
