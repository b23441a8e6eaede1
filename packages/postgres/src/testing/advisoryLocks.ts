import type { Sql } from '../pool.ts'

/**
 * Whether somebody, and nobody else, waits for an advisory lock of this database: the server knows, and nothing else
 * shows it.
 */
export const isAwaited = async (sql: Sql): Promise<boolean> => {
  const { rowCount } = await sql.query(
    "select from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())",
  )
  return rowCount === 1
}
