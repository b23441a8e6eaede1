import type pg from 'pg'
import type { Sql } from './pool.ts'

export interface AdvisoryLock {
  /** Keeps locks of different kinds apart. */
  readonly space: number
  readonly name: string
  /**
   * How long the work may go on before the next one no longer waits for it, milliseconds: the connection of one that
   * hangs ends.
   */
  readonly holdMillis: number
  /** Milliseconds after which waiting is given up; longer than `holdMillis`. */
  readonly waitMillis: number
}

/**
 * Runs `work` when nobody else, in any process of the database, runs work of that name: waits for its turn, and takes
 * one connection of the pool meanwhile.
 * The turn ends with the work, with the connection, and after `holdMillis`; the work must bear a second one beside it.
 * @throws what the work throws; errors of PostgreSQL when the turn doesn't come in time (55P03), or the signal aborts
 *   before
 */
export const withAdvisoryLock = async <Result>(
  pool: pg.Pool,
  lock: AdvisoryLock,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> => {
  signal.throwIfAborted()
  const client = await pool.connect()
  let left = false
  /** Nobody who stops waits for others' work: the statement under way fails with its connection. */
  const leave = (): void => {
    left = true
    client.release(true)
  }
  try {
    signal.addEventListener('abort', leave, { once: true })
    await begin(client, lock).finally(() => signal.removeEventListener('abort', leave))
    return await work()
  } finally {
    if (!left) {
      // A connection that can't even roll back is thrown away; the turn has ended with it.
      const broken = await client.query('rollback').then(
        () => false,
        () => true,
      )
      client.release(broken)
    }
  }
}

/**
 * In a transaction that does nothing else, so that a pooler keeps it at one connection, and the server ends it when
 * nothing is heard from it.
 */
const begin = async (
  sql: Sql,
  { space, name, holdMillis, waitMillis }: AdvisoryLock,
): Promise<void> => {
  await sql.query(`begin; set local lock_timeout = ${waitMillis}`)
  await sql.query(
    `select pg_advisory_xact_lock($1, hashtext($2)), set_config('idle_in_transaction_session_timeout', $3, true)`,
    [space, name, String(holdMillis)],
  )
}
