import { setTimeout as delay } from 'node:timers/promises'
import { codeOf } from '@portcullis/core'
import { createPool } from '@portcullis/postgres'
import {
  type PgPool,
  type PgPoolClient,
  PostgresConnection,
  PostgresQueueBackend,
  runMigrations,
} from 'bullmq'
import type { BullBackend } from './backend.ts'

/** The PostgreSQL schema of BullMQ's tables. Holds nothing that can't be thrown away. */
export const JOBS_SCHEMA = 'portcullis_jobs'

/** Undefined schema, table, function, type or column: the tables were dropped, or are another version's. */
const MISSING = new Set(['3F000', '42P01', '42883', '42704', '42703'])

/**
 * How long a worker waits after a failed fetch. Without it, it would ask a server that is starting up thousands of
 * times a second.
 */
const AFTER_FAILED_FETCH_MILLIS = 500

/**
 * How long a connection is waited for: less than an answer of the queue is (`answerMillis`), so that the error says
 * what was missing.
 */
const WAIT_MILLIS = 4_000

type PgListenClient = Awaited<ReturnType<PostgresConnection['getListenClient']>>

type Pool = ReturnType<typeof createPool>

/**
 * One pool for all queues of the process, one connection of which listens. Gets ready as often as it has to; BullMQ's
 * own would fail for ever after one failure.
 */
class JobsConnection extends PostgresConnection {
  /** BullMQ takes a pool of others to be for its default one. */
  override readonly schema = JOBS_SCHEMA
  private readonly connections: Pool
  private prepared: Promise<void> | undefined
  private listener: { readonly client: PgListenClient; readonly inTurn: PgListenClient } | undefined
  /** Resolvers of one promise for each connection of the pool that the server still knows. */
  private readonly open = new Map<unknown, PromiseWithResolvers<void>>()

  constructor(pool: Pool) {
    // BullMQ's own description of such a pool; pg's says of events more than fits it.
    super(pool as PgPool)
    this.connections = pool
    pool.on('connect', (client) => this.open.set(client, Promise.withResolvers<void>()))
    pool.on('remove', (client) => {
      this.open.get(client)?.resolve()
      this.open.delete(client)
    })
  }

  override waitUntilReady(): Promise<void> {
    this.prepared ??= migrate(this.pool).catch((error) => {
      this.prepared = undefined
      throw error
    })
    return this.prepared
  }

  /** Every worker says LISTEN on it, whenever it likes; pg wants one statement after the other. */
  override async getListenClient(): Promise<PgListenClient> {
    // BullMQ would open another connection, which nobody ever closes.
    if (this.isClosing) throw new Error('the connection to the queue is closed')
    const client = await super.getListenClient()
    if (client !== this.listener?.client) this.listener = { client, inTurn: inTurn(client) }
    return this.listener.inTurn
  }

  /**
   * The pool says that it has ended before its connections have: a server that is stopped right then would call that a
   * fault.
   */
  override async close(): Promise<void> {
    await super.close()
    if (!this.connections.ending) await this.connections.end()
    await Promise.all([...this.open.values()].map(({ promise }) => promise))
  }

  async repair(error: unknown): Promise<boolean> {
    if (!MISSING.has(codeOf(error) ?? '')) return false
    this.prepared = undefined
    await this.waitUntilReady()
    return true
  }
}

const inTurn = (client: PgListenClient): PgListenClient => {
  let last: Promise<unknown> = Promise.resolve()
  const query: PgListenClient['query'] = (text, parameters) => {
    const next = last.then(() => client.query(text, parameters))
    last = next.catch(() => undefined)
    return next
  }
  return new Proxy(client, {
    get: (target, key) => (key === 'query' ? query : Reflect.get(target, key)),
  })
}

interface StalledOptions {
  readonly lockDuration?: number
  readonly stalledInterval?: number
}

class PatientBackend extends PostgresQueueBackend {
  private readonly shared: JobsConnection

  constructor(shared: JobsConnection, queue: string, options: object) {
    super(shared, queue, { ...options, connection: {} })
    this.shared = shared
  }

  /** BullMQ would let an idle worker sleep for an hour, and counts on never missing a notification. */
  override get maximumBlockTimeout(): number {
    return 10
  }

  override waitUntilReady(): Promise<void> {
    return this.shared.waitUntilReady()
  }

  /** The connection is everybody's; it is closed at the very end. */
  override close(): Promise<void> {
    this.closing ??= Promise.resolve()
    return this.closing
  }

  /**
   * BullMQ keeps in absolute time when it looked last and until when a job is its worker's: after a clock that was
   * ahead, jobs of processes that are gone would be theirs until it gets there once more.
   */
  override async moveStalledJobsToWait(): Promise<string[]> {
    const { lockDuration = 30_000, stalledInterval = 30_000 } = this.opts as StalledOptions
    const now = Date.now()
    await this.shared.pool.query(
      `with unlooked as (
         delete from "${JOBS_SCHEMA}".meta where queue = $1 and field = 'stalled-check' and value::bigint > $2)
       update "${JOBS_SCHEMA}".job set locked_until_ms = $3 where queue = $1 and state = 'active' and locked_until_ms > $4`,
      // A worker that lives says so again before its lock ends.
      [this.queueName, now + stalledInterval, now + lockDuration, now + 2 * lockDuration],
    )
    return super.moveStalledJobsToWait()
  }

  /**
   * One after the other: BullMQ would hold the rows of all jobs until the last one is extended, while its look for
   * stalled jobs marks every active one in an order of its own.
   * Where both hold what the other wants next, the server ends one of them (deadlock).
   */
  override async extendLocks(ids: string[], tokens: string[], duration: number): Promise<string[]> {
    const lost: string[] = []
    for (const [index, id] of ids.entries())
      if ((await this.extendLock(id, tokens[index] ?? '', duration)) !== 1) lost.push(id)
    return lost
  }

  override async moveToActive(
    ...args: Parameters<PostgresQueueBackend['moveToActive']>
  ): ReturnType<PostgresQueueBackend['moveToActive']> {
    try {
      return await super.moveToActive(...args)
    } catch (error) {
      await this.shared.repair(error).catch(() => false)
      await delay(AFTER_FAILED_FETCH_MILLIS)
      throw error
    }
  }
}

/**
 * BullMQ on PostgreSQL.
 * @param url `postgres://…`; its user must be allowed to create a schema
 * @param maxConnections of all queues together, from 2: one of them listens
 * @param onError connections that break; reported, never fatal
 */
export const createPostgresBullBackend = (
  url: string,
  maxConnections: number,
  onError: (error: Error) => void,
): BullBackend => {
  const connection = new JobsConnection(
    createPool(url, {
      max: Math.max(2, maxConnections),
      applicationName: 'portcullis-jobs',
      searchPath: JOBS_SCHEMA,
      waitMillis: WAIT_MILLIS,
      queryMillis: 30_000,
      onFull: onError,
    }),
  )
  // Every queue and worker listens to its errors.
  connection.setMaxListeners(0)
  connection.on('error', onError)
  return {
    prefixOf: () => JOBS_SCHEMA,
    factory: (name, options) => new PatientBackend(connection, name, options),
    prepare: () => connection.waitUntilReady(),
    repair: (error) => connection.repair(error),
    close: () => connection.close(),
  }
}

/** Creates or upgrades BullMQ's tables. Tables without a ledger are a wiped queue's: they are dropped and made anew. */
const migrate = async (pool: PgPool): Promise<void> => {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query(`select pg_advisory_xact_lock(hashtext('${JOBS_SCHEMA}.prepare'))`)
    if (await isWiped(client)) await client.query(`drop schema "${JOBS_SCHEMA}" cascade`)
    await client.query('commit')
    await runMigrations(client, JOBS_SCHEMA)
    client.release()
  } catch (error) {
    // Whatever transaction it is in ends with the connection.
    client.release(true)
    throw error
  }
}

const isWiped = async (client: PgPoolClient): Promise<boolean> => {
  const { rows } = await client.query<{ tables: boolean; ledger: boolean }>(
    `select to_regclass('"${JOBS_SCHEMA}".job') is not null as tables,
            to_regclass('"${JOBS_SCHEMA}".migration') is not null as ledger`,
  )
  const [found] = rows
  if (found?.tables !== true) return false
  if (!found.ledger) return true
  const ledger = await client.query(`select 1 from "${JOBS_SCHEMA}".migration limit 1`)
  return ledger.rows.length === 0
}
