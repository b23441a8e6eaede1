import type { Instant } from '@portcullis/core'
import { type Migration, migrate } from '@portcullis/postgres'
import type pg from 'pg'

/**
 * When work that comes again and again was last done to its end, by any process: ask here whether it still is.
 */
const MIGRATIONS: readonly Migration[] = [
  {
    id: '0001-finished',
    sql: `
      create schema portcullis_runs;
      create table portcullis_runs.finished (
        name text primary key,
        finished_at text collate "C" not null
      );`,
  },
]

/** Creates or upgrades the table of runs, in schema `portcullis_runs`. */
export const migrateRuns = (pool: pg.Pool): Promise<void> => migrate(pool, 'runs', MIGRATIONS)

/** Work that comes again and again. */
export type RunName = 'sweep'

export interface FinishedRuns {
  /** Notes that it was done to its end just now. The last word counts, not the latest: a clock may have been ahead. */
  finished(name: RunName, at: Instant): Promise<void>
  /** When it was last done to its end; undefined: never. May lie in the future, when a clock was ahead. */
  lastFinished(name: RunName): Promise<Instant | undefined>
}

export const createFinishedRuns = (pool: pg.Pool): FinishedRuns => ({
  finished: async (name, at) => {
    await pool.query(
      `insert into portcullis_runs.finished (name, finished_at) values ($1, $2)
       on conflict (name) do update set finished_at = excluded.finished_at`,
      [name, at],
    )
  },
  lastFinished: async (name) => {
    const { rows } = await pool.query<{ at: Instant }>(
      'select finished_at as at from portcullis_runs.finished where name = $1',
      [name],
    )
    return rows[0]?.at
  },
})
