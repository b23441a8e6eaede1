import type { Sql } from '@portcullis/postgres'
import type pg from 'pg'

const SPACE = 7_274_012

/** Somebody else rebuilds or verifies this projection right now; wait for it, or stop it. */
export class RebuildRunning extends Error {
  readonly code = 'views.rebuild-running'
  constructor(name: string) {
    super(`projection ${name} is being rebuilt or verified already; try again when that is done`)
    this.name = 'RebuildRunning'
  }
}

/**
 * Runs `work` as the only rebuild or verification of that projection, in any process.
 * @throws RebuildRunning
 */
export const withRebuildLock = async <Result>(
  pool: pg.Pool,
  name: string,
  work: () => Promise<Result>,
): Promise<Result> => {
  const client = await pool.connect()
  // When the connection dies, so does the lock; the work notices by its own statements.
  const ignore = (): void => {}
  client.on('error', ignore)
  try {
    const { rows } = await client.query<{ locked: boolean }>(
      'select pg_try_advisory_lock($1, hashtext($2)) as locked',
      [SPACE, name],
    )
    if (rows[0]?.locked !== true) throw new RebuildRunning(name)
    try {
      return await work()
    } finally {
      // At once, so that the next one may begin as soon as this one is told to be over.
      await client.query('select pg_advisory_unlock($1, hashtext($2))', [SPACE, name]).catch(ignore)
    }
  } finally {
    client.off('error', ignore)
    // A connection that couldn't be asked releases the lock by its end.
    client.release(true)
  }
}

/** Which of these projections are being rebuilt or verified now, in any process. */
export const rebuilding = async (
  sql: Sql,
  names: readonly string[],
): Promise<ReadonlySet<string>> => {
  const { rows } = await sql.query<{ name: string }>(
    `select name from unnest($2::text[]) as name where exists (
       select from pg_locks where locktype = 'advisory' and granted and objsubid = 2 and classid = $1::int::oid
         and objid = (hashtext(name)::bigint & 4294967295)::oid
         and database = (select oid from pg_database where datname = current_database()))`,
    [SPACE, names],
  )
  return new Set(rows.map((row) => row.name))
}
