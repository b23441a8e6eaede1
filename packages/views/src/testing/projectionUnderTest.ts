import type { ProjectionUnderTest } from '@portcullis/core/contracts'
import type { PortcullisEvent } from '@portcullis/domain'
import { inTransaction, type Sql } from '@portcullis/postgres'
import type { TestDatabase } from '@portcullis/postgres/testing'
import { LIVE_SCHEMA } from '../projections/names.ts'
import type { Projection } from '../projector/projection.ts'

/** A projection over an empty schema of the database. */
export const projectionUnderTest = async (
  db: TestDatabase,
  projection: Projection,
): Promise<ProjectionUnderTest<Sql, PortcullisEvent>> => {
  await db.pool.query(`create schema ${LIVE_SCHEMA}`)
  const { shown } = projection.in(LIVE_SCHEMA)
  return {
    projector: () => projection.in(LIVE_SCHEMA),
    inTransaction: (work) => inTransaction(db.pool, work),
    rows: async () => {
      const tables: { [table: string]: unknown[] } = {}
      for (const { table, key } of shown) {
        const { rows } = await db.pool.query(
          `select * from ${LIVE_SCHEMA}.${table} order by ${key}`,
        )
        tables[table] = rows
      }
      return tables
    },
    tables: async () => {
      const { rows } = await db.pool.query<{ name: string }>(
        `select table_name as name from information_schema.tables where table_schema = $1 order by 1`,
        [LIVE_SCHEMA],
      )
      return rows.map((row) => row.name)
    },
    close: async () => {
      await db.pool.query(`drop schema ${LIVE_SCHEMA} cascade`)
    },
  }
}
