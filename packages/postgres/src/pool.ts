import pg from 'pg'

export interface PoolOptions {
  /** Most connections. */
  readonly max: number
  /** Shown by PostgreSQL in pg_stat_activity. */
  readonly applicationName: string
  /** The longest that a query is waited for, milliseconds; as long as it takes when absent. The server may go on with it. */
  readonly queryMillis?: number
  /** Called when an idle connection breaks; the pool has already dropped it. */
  readonly onError?: (error: Error) => void
}

/** What runs statements: a pool or one connection, inside a transaction or not. */
export type Sql = Pick<pg.PoolClient, 'query'>

/**
 * A pool of connections. Types are read as pg does by default: int8 comes back as text, so that nothing is rounded.
 * @param url as in `postgresql://user:password@host:5432/database`
 */
export const createPool = (url: string, options: PoolOptions): pg.Pool => {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max,
    application_name: options.applicationName,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    ...(options.queryMillis === undefined ? {} : { query_timeout: options.queryMillis }),
  })
  // One that breaks in somebody's hands fails their statement, now or the next one. Not everybody listens to the connection itself (Kysely doesn't); then too the process would end.
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
  // The connection may die between two statements; the next statement says so, this listener only keeps the process alive.
  const ignore = (): void => {}
  client.on('error', ignore)
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
    client.off('error', ignore)
    client.release(broken)
  }
}
