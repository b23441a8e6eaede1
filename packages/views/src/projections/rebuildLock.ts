import { LOCK_SPACE, type Sql, tryLock } from '@portcullis/postgres'
import type pg from 'pg'

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
  // Without the lock's connection the work notices by its own statements.
  const done = await tryLock(pool, LOCK_SPACE.rebuild, name, work)
  if (done === undefined) throw new RebuildRunning(name)
  return done.result
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
    [LOCK_SPACE.rebuild, names],
  )
  return new Set(rows.map((row) => row.name))
}
