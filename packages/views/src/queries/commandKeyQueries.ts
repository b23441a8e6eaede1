import { batchConcurrent } from '@portcullis/postgres'
import type pg from 'pg'
import { LIVE_SCHEMA } from '../projections/names.ts'

export interface CommandKeyQueries {
  /**
   * The digest of what was last asked for under a command's stored id, in whichever stream; undefined when it isn't
   * known, or not any more.
   * Callers at the same time share a round trip: it is asked for every command.
   */
  digestOfCommand(id: string): Promise<string | undefined>
}

export const commandKeyQueries = (pool: pg.Pool): CommandKeyQueries => ({
  digestOfCommand: batchConcurrent(async (ids: readonly string[]) => {
    const { rows } = await pool.query<{ readonly key: string; readonly digest: string }>(
      `select key, digest from ${LIVE_SCHEMA}.command_keys where key = any($1)`,
      [ids],
    )
    const found = new Map(rows.map(({ key, digest }) => [key, digest]))
    return ids.map((id) => found.get(id))
  }),
})
