import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { askAgainAfter, isServerFull, serverIsFull } from './noConnection.ts'

export interface SessionOptions {
  /** As in `postgresql://user:password@host:5432/database`. */
  readonly url: string
  /** Shown by PostgreSQL in pg_stat_activity. */
  readonly applicationName: string
  /** The longest that a statement is waited for, milliseconds; as long as it takes when absent. */
  readonly queryMillis?: number
  /** How long a server without a connection left is asked again, milliseconds; not at all when absent. */
  readonly waitMillis?: number
  /** Told once when that is waited for. */
  readonly onFull?: (error: Error) => void
}

/** How long processes that start wait for a server that others have filled. */
export const START_WAIT_MILLIS = 60_000

/**
 * One connection for a purpose of its own. Losing it shows in the statement under way and in the event `end`.
 * @throws NoConnection when the server has none left, errors of connecting
 */
export const connectSession = async (options: SessionOptions): Promise<pg.Client> => {
  const { url, applicationName, queryMillis, waitMillis = 0, onFull } = options
  const giveUpAt = performance.now() + waitMillis
  for (let attempt = 0; ; attempt += 1) {
    const client = new pg.Client({
      connectionString: url,
      application_name: applicationName,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      ...(queryMillis === undefined ? {} : { query_timeout: queryMillis }),
    })
    // Without a listener the process would end.
    client.on('error', () => {})
    try {
      await client.connect()
      return client
    } catch (error) {
      client.end().catch(() => {})
      if (!isServerFull(error)) throw error
      if (performance.now() >= giveUpAt) throw serverIsFull(error, waitMillis)
      if (attempt === 0) onFull?.(error)
      await delay(askAgainAfter(attempt + 1))
    }
  }
}
