import type { Position } from '@portcullis/core'
import { inTransaction, type Sql } from '@portcullis/postgres'
import { LIVE_SCHEMA } from './names.ts'
import { holdLive, liveReach } from './rebuild.ts'
import { createShadow, furthest, nearest, type Shadow, type ShadowOptions } from './shadow.ts'

export interface TableComparison {
  readonly table: string
  readonly rows: { readonly live: number; readonly rebuilt: number }
  readonly digest: { readonly live: string; readonly rebuilt: string }
}

export interface Verification {
  readonly name: string
  readonly equal: boolean
  /** Both sides hold the log up to here; where it has several parts, each up to where that one was. */
  readonly position: Position
  readonly tables: readonly TableComparison[]
  /** Keys of the first rows that differ, as `<table>/<key>`, at most ten of each table. */
  readonly differences: readonly string[]
}

/**
 * Rebuilds a projection beside the live one, compares the two at the same position and drops the rebuilt one.
 * The live one is only held up when they differ, to name the rows.
 */
export const verifyProjection = async (options: ShadowOptions): Promise<Verification> => {
  const { pool, projection } = options
  const shadow = await createShadow(options)
  try {
    await shadow.fillTo(nearest(await liveReach(pool, projection)))
    const live = await inTransaction(pool, async (tx) => {
      // One snapshot for the checkpoints and all tables: they belong together without a lock.
      await tx.query('set transaction isolation level repeatable read, read only')
      const reach = await liveReach(tx, projection)
      return { reach, digests: await digests(tx, LIVE_SCHEMA, shadow) }
    })
    await shadow.fillTo(live.reach)
    const rebuilt = await digests(pool, shadow.schema, shadow)
    const tables = live.digests.map((one, index) => ({
      table: one.table,
      rows: { live: one.rows, rebuilt: rebuilt[index]?.rows ?? 0 },
      digest: { live: one.digest, rebuilt: rebuilt[index]?.digest ?? '' },
    }))
    const equal = tables.every(({ digest, rows }) => same(digest) && same(rows))
    const result = { name: projection.name, equal, position: furthest(live.reach), tables }
    return { ...result, differences: equal ? [] : await differences(options, shadow) }
  } finally {
    await shadow.drop()
  }
}

const same = ({ live, rebuilt }: { live: unknown; rebuilt: unknown }): boolean => live === rebuilt

interface Digest {
  readonly table: string
  readonly rows: number
  readonly digest: string
}

/** Count and sum of the rows' hashes: the same for the same rows in any order. */
const digests = async (sql: Sql, schema: string, shadow: Shadow): Promise<readonly Digest[]> => {
  const found: Digest[] = []
  for (const { table } of shadow.projector.shown) {
    const { rows } = await sql.query<{ rows: string; digest: string }>(
      `select count(*)::text as rows, coalesce(sum(hashtextextended(row::text, 0)), 0)::text as digest
       from ${schema}.${table} as row`,
    )
    found.push({ table, rows: Number(rows[0]?.rows), digest: rows[0]?.digest ?? '' })
  }
  return found
}

const differences = ({ pool, projection }: ShadowOptions, shadow: Shadow): Promise<string[]> =>
  inTransaction(pool, async (tx) => {
    await shadow.finishAt(await holdLive(tx, projection), tx)
    const found: string[] = []
    for (const { table, key } of shadow.projector.shown) {
      const { rows } = await tx.query<{ key: string }>(
        `select ${key} as key from ${LIVE_SCHEMA}.${table} as live
         full join ${shadow.schema}.${table} as rebuilt using (${key})
         where live::text is distinct from rebuilt::text order by ${key} limit 10`,
      )
      found.push(...rows.map((row) => `${table}/${row.key}`))
    }
    return found
  })
