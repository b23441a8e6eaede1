import { setTimeout as delay } from 'node:timers/promises'
import {
  type AppendAllOptions,
  type EventStore,
  isRevisionConflict,
  type ReadAllOptions,
  type StreamAppend,
} from '@portcullis/core'
import { createPool, databaseFailure, migrate } from '@portcullis/postgres'
import { checkAppends, soleOutcome } from '../appends.ts'
import type { Codec } from '../codec.ts'
import { EventStoreUnavailable } from '../errors.ts'
import { createLogSignal } from '../logSignal.ts'
import { followLog } from '../subscription.ts'
import {
  type Append,
  type AppendOutcome,
  type AppendSession,
  createAppendSession,
} from './appendSession.ts'
import { createConnection } from './connection.ts'
import { createGroupCommit } from './groupCommit.ts'
import { createLogNotifications } from './logNotifications.ts'
import { createLogTail, type Written } from './logTail.ts'
import { createReader } from './reader.ts'
import { waitAfter } from './retries.ts'
import { migrations, PART } from './schema.ts'

export interface PostgresEventStoreOptions {
  /** As in `postgresql://user:password@host:5432/database`. */
  readonly url: string
  readonly codec: Codec
  /** Shown by PostgreSQL; `portcullis events` when absent. */
  readonly applicationName?: string
  /** Most connections for reading; 4 when absent. There are two more: one appends, one listens. */
  readonly readers?: number
  /** Told when a connection was lost and when it is back. */
  readonly log?: (message: string) => void
}

/** The safety net under the wake-ups. */
const POLL_MS = 1_000
/**
 * How long a subscription lets a log that grows fast grow before it reads on: each batch costs its readers a
 * transaction.
 */
const LINGER_MS = 50
/** How long an append waits for a server that restarts. */
const PATIENCE_MS = 10_000
const STATEMENT_MS = 30_000

/**
 * The event store on PostgreSQL; brings its table up to date first.
 * Appends are on disk when they resolve. When the connection dies before the answer, the append is sent once more: the
 * same events at the same place are never written twice.
 * @throws MigrationError; errors of connecting. Appends and reads throw EventStoreUnavailable while the server can't be
 *   reached
 */
export const createPostgresEventStore = async (
  options: PostgresEventStoreOptions,
): Promise<EventStore> => {
  const { url, codec, applicationName = 'portcullis events', log = () => {} } = options
  const pool = createPool(url, { max: options.readers ?? 4, applicationName })
  try {
    await migrate(pool, PART, migrations)
  } catch (error) {
    await pool.end()
    throw error
  }
  const reader = createReader(pool, codec)
  const signal = createLogSignal()
  const notifications = createLogNotifications({ url, applicationName, signal, head: reader.head })
  const tail = createLogTail()
  const closing = new AbortController()

  const writer = createConnection({
    url,
    applicationName: `${applicationName} append`,
    statementTimeoutMs: STATEMENT_MS,
    prepare: async (client) => {
      // The append functions rely on each of their statements seeing what is committed when it begins. Acknowledged
      // means on disk, whatever the server's default is. The arrays of a group differ in length, its plan doesn't.
      await client.query(`set default_transaction_isolation = 'read committed';
        set plan_cache_mode = force_generic_plan;
        select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`)
    },
  })

  let session: AppendSession | undefined
  const send = async (group: readonly Append[]): Promise<readonly AppendOutcome[]> => {
    const client = await writer.get()
    if (session?.client !== client) {
      session = createAppendSession(client)
      tail.clear()
    }
    try {
      return await session.append(group)
    } catch (error) {
      if (databaseFailure(error) === 'connection') writer.discard(client)
      throw error
    }
  }

  const commit = async (group: readonly Append[]): Promise<readonly AppendOutcome[]> => {
    const giveUpAt = performance.now() + PATIENCE_MS
    for (let failures = 0; ; failures += 1) {
      try {
        const outcomes = await send(group)
        tail.add(written(group, outcomes))
        let last = 0n
        for (const outcome of outcomes)
          if ('position' in outcome && outcome.position > last) last = outcome.position
        if (last > 0n) notifications.announce(last)
        return outcomes
      } catch (error) {
        if (databaseFailure(error) !== 'connection') throw error
        if (performance.now() > giveUpAt) throw new EventStoreUnavailable('appending', error)
        await delay(waitAfter(failures + 1))
      }
    }
  }
  const appends = createGroupCommit(commit, (error) => databaseFailure(error) === 'content')
  const appendAll = async (
    asked: readonly StreamAppend[],
    options?: AppendAllOptions,
  ): Promise<readonly AppendOutcome[]> => {
    checkAppends(asked)
    return appends.appendAll(
      asked.map(({ stream, expected, events }) => ({
        stream,
        expected,
        events: events.map(codec.encode),
        given: events,
      })),
      options,
    )
  }

  const readPatiently = async (read: ReadAllOptions, abort: AbortSignal) => {
    for (let failures = 0; ; failures += 1) {
      try {
        const batch = tail.read(read) ?? (await reader.readAll(read))
        if (failures > 0) log('the event store is back')
        return batch
      } catch (error) {
        if (!(error instanceof EventStoreUnavailable)) throw error
        if (abort.aborted) return { events: [], position: read.after, caughtUp: true }
        if (failures === 0) log(error.message)
        await delay(waitAfter(failures + 1), undefined, { signal: abort }).catch(() => {})
      }
    }
  }

  return {
    append: async (stream, expected, events) =>
      soleOutcome(await appendAll([{ stream, expected, events }])),
    appendAll,
    ...reader,
    subscribe: (subscribe) => {
      notifications.listen()
      const abort = AbortSignal.any([subscribe.signal, closing.signal])
      return followLog(
        {
          readAll: (read) => readPatiently(read, abort),
          signal,
          closed: closing.signal,
          pollMs: POLL_MS,
          lingerMs: LINGER_MS,
        },
        subscribe,
      )
    },
    close: async () => {
      closing.abort()
      await appends.close()
      await notifications.close()
      await writer.close()
      await pool.end()
    },
  }
}

/** What of a group was written just now. */
const written = (
  group: readonly Append[],
  outcomes: readonly AppendOutcome[],
): readonly Written[] =>
  group.flatMap(({ stream, events, given }, index): readonly Written[] => {
    const outcome = outcomes[index]
    if (outcome === undefined || isRevisionConflict(outcome) || outcome.repeated) return []
    let bytes = 0
    for (const { data, metadata } of events) bytes += data.length + metadata.length
    const { position, revision } = outcome
    return [{ stream, events: given, bytes, position, revision }]
  })
