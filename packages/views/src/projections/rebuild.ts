import { type Clock, formatPosition, type Position, START } from '@portcullis/core'
import { inTransaction, readCheckpoints, type Sql } from '@portcullis/postgres'
import type pg from 'pg'
import type { ViewProjector } from '../projector/projection.ts'
import { checkpointName, LIVE_SCHEMA } from './names.ts'
import { createShadow, type Shadow, type ShadowOptions } from './shadow.ts'

export interface RebuildResult {
  readonly name: string
  /** The rows are those of the log up to here. */
  readonly position: Position
}

/** How far the live tables of the projection are; START when it never ran. */
export const livePosition = async (
  pool: pg.Pool,
  projection: ShadowOptions['projection'],
): Promise<Position> => {
  const name = checkpointName(projection)
  return (await readCheckpoints(pool, [name])).get(name)?.position ?? START
}

/** Keeps the live projector from moving until the transaction ends. @returns where it stands */
export const holdLive = async (
  tx: Sql,
  projection: ShadowOptions['projection'],
): Promise<Position> => {
  const { rows } = await tx.query<{ position: string }>(
    'select position from portcullis.subscription_checkpoints where name = $1 for update',
    [checkpointName(projection)],
  )
  return rows[0] === undefined ? START : BigInt(rows[0].position)
}

/**
 * Fills new tables from the log beside the live ones, then puts them in their place in one transaction.
 * Serving goes on: readers see the old rows until that moment, the live projector waits only for the last few events.
 */
export const rebuildProjection = async (options: ShadowOptions): Promise<RebuildResult> => {
  const { pool, projection } = options
  const shadow = await createShadow(options)
  try {
    await shadow.fillTo(await livePosition(pool, projection))
    await shadow.createIndexes()
    await shadow.fillTo(await livePosition(pool, projection))
    await inTransaction(pool, async (tx) => {
      await shadow.finishAt(await holdLive(tx, projection), tx)
      await swapIn(tx, shadow, projection.in(LIVE_SCHEMA), shadow.projector.tableNames)
    })
    return { name: projection.name, position: shadow.position() }
  } catch (error) {
    await shadow.drop().catch(() => {})
    throw error
  }
}

/**
 * Replaces an older version's tables by this version's, filled to the end of the log: its checkpoint begins there.
 * @param oldTables the older version's tables, in the live schema
 */
export const upgradeProjection = async (
  options: ShadowOptions & { readonly clock: Clock },
  old: { readonly version: number; readonly tables: readonly string[] },
): Promise<RebuildResult> => {
  const { pool, store, projection, clock } = options
  const shadow = await createShadow(options)
  await shadow.fillTo(await store.head())
  await shadow.createIndexes()
  await shadow.fillTo(await store.head())
  await inTransaction(pool, async (tx) => {
    const live = projection.in(LIVE_SCHEMA)
    await swapIn(tx, shadow, live, old.tables)
    await tx.query('delete from portcullis.subscription_checkpoints where name = $1', [
      checkpointName({ name: projection.name, version: old.version }),
    ])
    await register(tx, live, shadow.position(), clock)
  })
  return { name: projection.name, position: shadow.position() }
}

/** Records which version of a projection the plain-named views show, its tables, and where its checkpoint begins. */
export const register = async (
  tx: Sql,
  projector: ViewProjector,
  position: Position,
  clock: Clock,
): Promise<void> => {
  const { name, version, tableNames } = projector
  await tx.query(
    `insert into ${LIVE_SCHEMA}.projections (name, version, tables) values ($1, $2, $3)
     on conflict (name) do update set version = excluded.version, tables = excluded.tables`,
    [name, version, tableNames],
  )
  await tx.query(
    `insert into portcullis.subscription_checkpoints (name, position, state, updated_at)
     values ($1, $2, 'running', $3)`,
    [checkpointName(projector), formatPosition(position), clock.now()],
  )
}

const swapIn = async (
  tx: Sql,
  shadow: Shadow,
  live: ViewProjector,
  replaced: readonly string[],
): Promise<void> => {
  for (const table of replaced) await tx.query(`drop table ${LIVE_SCHEMA}.${table} cascade`)
  for (const table of shadow.projector.tableNames) {
    await tx.query(`alter table ${shadow.schema}.${table} set schema ${LIVE_SCHEMA}`)
  }
  await live.publish(tx)
  await tx.query(`drop schema ${shadow.schema} cascade`)
}
