import pg from 'pg'
import { allInUse, askAgainAfter, isServerFull, serverIsFull } from './noConnection.ts'

export interface PoolOptions {
  /** Most connections. */
  readonly max: number
  /** Shown by PostgreSQL in pg_stat_activity. */
  readonly applicationName: string
  /**
   * The longest that a query is waited for, milliseconds; as long as it takes when absent. The server may go on with
   * it.
   */
  readonly queryMillis?: number
  /** The longest that a connection is waited for, milliseconds; 10,000 when absent. */
  readonly waitMillis?: number
  /** The schema where names without one are looked for; the server's default when absent. */
  readonly searchPath?: string
  /** Called when an idle connection breaks; the pool has already dropped it. */
  readonly onError?: (error: Error) => void
  /**
   * Called when the server has no connection left, once until one could be had again; it is asked for again meanwhile.
   */
  readonly onFull?: (error: Error) => void
}

/** What runs statements: a pool or one connection, inside a transaction or not. */
export type Sql = Pick<pg.PoolClient, 'query'>

type Connected = Parameters<Parameters<pg.Pool['connect']>[0]>

type Done = (...connected: Connected) => void

/**
 * A pool that waits for a connection as long where the server has none left as where all of its own are in use, and
 * says which it was.
 */
class PatientPool extends pg.Pool {
  private readonly limits: PoolOptions & { readonly waitMillis: number }
  private full = false

  constructor(config: pg.PoolConfig, limits: PoolOptions & { readonly waitMillis: number }) {
    super(config)
    this.limits = limits
  }

  override connect(): Promise<pg.PoolClient>
  override connect(done: Done): void
  override connect(done?: Done): Promise<pg.PoolClient> | undefined {
    if (done !== undefined) {
      this.attempt(done, performance.now() + this.limits.waitMillis, 0)
      return undefined
    }
    return new Promise((resolve, reject) => {
      this.connect((error, client) => {
        if (client === undefined) reject(error)
        else resolve(client)
      })
    })
  }

  private attempt(done: Done, giveUpAt: number, number: number): void {
    super.connect((error, client, release) => {
      if (client !== undefined) {
        this.full = false
        done(error, client, release)
      } else if (!isServerFull(error)) {
        done(this.explain(error), client, release)
      } else if (performance.now() >= giveUpAt) {
        done(serverIsFull(error, this.limits.waitMillis), client, release)
      } else {
        if (!this.full) this.limits.onFull?.(error)
        this.full = true
        setTimeout(() => this.attempt(done, giveUpAt, number + 1), askAgainAfter(number + 1))
      }
    })
  }

  private explain(error: Error | undefined): Error | undefined {
    // pg gives it no code.
    return error?.message === 'timeout exceeded when trying to connect'
      ? allInUse(this.limits, this.limits.waitMillis)
      : error
  }
}

/** By a statement, which the pool waits for: poolers refuse it among the options of a connection. */
const lookIn = (schema: string) => async (client: pg.ClientBase) => {
  await client.query(`set search_path to ${pg.escapeIdentifier(schema)}`)
}

/**
 * A pool of connections. Types are read as pg does by default: int8 comes back as text, so that nothing is rounded.
 * Who asks for a connection and can't have one in time gets a NoConnection, which says why.
 * @param url as in `postgresql://user:password@host:5432/database`
 */
export const createPool = (url: string, options: PoolOptions): pg.Pool => {
  const { waitMillis = 10_000 } = options
  const pool = new PatientPool(
    {
      connectionString: url,
      max: options.max,
      application_name: options.applicationName,
      connectionTimeoutMillis: waitMillis,
      keepAlive: true,
      ...(options.queryMillis === undefined ? {} : { query_timeout: options.queryMillis }),
      ...(options.searchPath === undefined ? {} : { onConnect: lookIn(options.searchPath) }),
    },
    { ...options, waitMillis },
  )
  // One that breaks in somebody's hands fails their statement, now or the next one. Not everybody listens to the
  // connection itself (Kysely doesn't); then too the process would end.
  pool.on('connect', (client) => {
    client.on('error', () => {})
  })
  // An idle connection that breaks is replaced when next needed; without a listener the process would end.
  // Those of a pool that has ended may still be on their way out when their server stops: that is no news.
  pool.on('error', (error) => {
    if (!pool.ending) options.onError?.(error)
  })
  return pool
}

/**
 * Runs `work` in a transaction: commits what it did, or rolls all back and throws what it threw.
 * A connection that can't even roll back is thrown away.
 */
export const inTransaction = async <Result>(
  pool: pg.Pool,
  work: (sql: Sql) => Promise<Result>,
): Promise<Result> => {
  const client = await pool.connect()
  let broken = false
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => {
      broken = true
    })
    throw error
  } finally {
    client.release(broken)
  }
}
