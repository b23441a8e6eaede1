import type { Sql } from './pool.ts'

/** A connection as a client sees it. */
export interface Lent {
  readonly sql: Sql
  /** Of the server process that answered when it was made. */
  readonly processId: number | undefined
  end(): Promise<void>
}

/** Others may give connections back and take them between two questions; hardly so often. */
const ROUNDS = 5

const processOf = async (sql: Sql): Promise<number | undefined> =>
  (await sql.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid

/**
 * Is there a pooler between us and the server in transaction mode, such as PgBouncer with `pool_mode = transaction`?
 * Nothing that lasts a session can be relied on then: neither locks nor LISTEN, and a lock that nobody gives back stays
 * on a connection that goes from hand to hand.
 * Whether anything is in between shows in the process id that the connection was told, which poolers make up. Whether
 * it is in transaction mode: two clients get one process, or one gets two.
 * @param open a new connection
 */
export const lendsByTransaction = async (open: () => Promise<Lent>): Promise<boolean> => {
  const one = await open()
  try {
    const mine = await processOf(one.sql)
    if (one.processId === mine) return false
    const other = await open()
    try {
      for (let round = 0; round < ROUNDS; round += 1) {
        await other.sql.query('begin')
        const theirs = await processOf(other.sql)
        const again = await processOf(one.sql)
        await other.sql.query('commit')
        if (theirs === mine || again !== mine) return true
      }
      return false
    } finally {
      await other.end()
    }
  } finally {
    await one.end()
  }
}
