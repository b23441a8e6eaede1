import type { Sql } from '@portcullis/postgres'
import { LIVE_SCHEMA } from './names.ts'

/** Registered as older than every version, so that the next `migrate` fills a new one and puts it in its place. */
const NO_VERSION = 0

/**
 * Throws away every view and its checkpoint, while no engine runs: the next `migrate` of the projections fills them
 * from the log.
 * @param tx all of it or nothing
 */
export const resetViews = async (tx: Sql): Promise<void> => {
  await tx.query("delete from portcullis.subscription_checkpoints where name like 'projection.%'")
  const { rows: found } = await tx.query<{ there: boolean }>(
    `select to_regclass('${LIVE_SCHEMA}.projections') is not null as there`,
  )
  if (found[0]?.there !== true) return
  const { rows } = await tx.query<{ tables: string[] }>(
    `select tables from ${LIVE_SCHEMA}.projections`,
  )
  for (const table of rows.flatMap(({ tables }) => tables))
    await tx.query(`drop table if exists ${LIVE_SCHEMA}.${table} cascade`)
  await tx.query(`update ${LIVE_SCHEMA}.projections set version = $1, tables = '{}'`, [NO_VERSION])
}
