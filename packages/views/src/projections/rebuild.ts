import { setTimeout as delay } from 'node:timers/promises'
import { type Clock, codeOf, type Position, START } from '@portcullis/core'
import { inTransaction, type Sql } from '@portcullis/postgres'
import { readCheckpoints } from '@portcullis/subscriptions'
import { partsNow, type Registered, readRegistered, register, unregister } from './layout.ts'
import { checkpointNames, LIVE_SCHEMA } from './names.ts'
import { createShadow, furthest, type Reach, type Shadow, type ShadowOptions } from './shadow.ts'

export interface RebuildResult {
  readonly name: string
  /** The rows are those of the log up to here. */
  readonly position: Position
  /** In how many parts it is kept up to date from here on. */
  readonly partitions: number
}

/** How far the parts of the live tables are; START when they never ran. */
export const liveReach = async (
  sql: Sql,
  projection: ShadowOptions['projection'],
): Promise<Reach> => {
  const names = checkpointNames(projection, (await partsNow(sql, projection)).length)
  const checkpoints = await readCheckpoints(sql, names)
  return names.map((name) => checkpoints.get(name)?.position ?? START)
}

/** Keeps the live projectors from moving until the transaction ends. @returns where they stand */
export const holdLive = async (
  tx: Sql,
  projection: ShadowOptions['projection'],
): Promise<Reach> => {
  // In the order of their names, as everybody who wants several.
  await tx.query(
    `select from portcullis.subscription_checkpoints where name like $1 order by name for update`,
    [`${checkpointNames(projection, 1)[0]}%`],
  )
  return liveReach(tx, projection)
}

/**
 * S27: fills new tables from the log beside the live ones, then puts them in their place in one transaction.
 * Serving goes on: readers see the old rows until that moment, the live projector waits only for the last few events.
 * @param options.partitions in how many parts it is kept up to date from then on; as before when absent
 */
export const rebuildProjection = async (
  options: ShadowOptions & { readonly clock: Clock; readonly partitions?: number | undefined },
): Promise<RebuildResult> => {
  const { pool, projection, clock } = options
  const shadow = await createShadow(options)
  try {
    await shadow.fillTo(furthest(await liveReach(pool, projection)))
    await shadow.createIndexes()
    await shadow.fillTo(furthest(await liveReach(pool, projection)))
    const partitions = await inTransaction(pool, async (tx) => {
      const reach = await holdLive(tx, projection)
      // Parts that are behind are brought up to the others.
      await shadow.finishAt([furthest(reach)], tx)
      const registered = (await readRegistered(tx)).get(projection.name)
      const parts = options.partitions ?? reach.length
      await swapIn(tx, shadow, projection, registered?.tables ?? [])
      if (parts !== reach.length) await unregister(tx, checkpointNames(projection, reach.length))
      const { tableNames: tables } = shadow.projector
      await register(
        tx,
        projection,
        { tables, position: shadow.position(), partitions: parts },
        clock,
      )
      return parts
    })
    return { name: projection.name, position: shadow.position(), partitions }
  } catch (error) {
    await shadow.drop().catch(() => {})
    throw error
  }
}

/**
 * Replaces an older version's tables by this version's, filled to the end of the log: its checkpoints begin there.
 * @param old the older version, in the live schema
 */
export const upgradeProjection = async (
  options: ShadowOptions & { readonly clock: Clock },
  old: Registered,
): Promise<RebuildResult> => {
  const { pool, store, projection, clock } = options
  const { name } = projection
  const partitions = projection.isPartitionable ? old.partitions : 1
  const shadow = await createShadow(options)
  await shadow.fillTo(await store.head())
  await shadow.createIndexes()
  await shadow.fillTo(await store.head())
  await inTransaction(pool, async (tx) => {
    await swapIn(tx, shadow, projection, old.tables)
    await unregister(tx, checkpointNames({ name, version: old.version }, old.partitions))
    const { tableNames: tables } = shadow.projector
    await register(tx, projection, { tables, position: shadow.position(), partitions }, clock)
  })
  return { name, position: shadow.position(), partitions }
}

const swapIn = async (
  tx: Sql,
  shadow: Shadow,
  projection: ShadowOptions['projection'],
  replaced: readonly string[],
): Promise<void> => {
  await keepReadersOut(tx, replaced)
  for (const table of replaced) await tx.query(`drop table ${LIVE_SCHEMA}.${table} cascade`)
  for (const table of shadow.projector.tableNames) {
    await tx.query(`alter table ${shadow.schema}.${table} set schema ${LIVE_SCHEMA}`)
  }
  await projection.in(LIVE_SCHEMA).publish(tx)
  await tx.query(`drop schema ${shadow.schema} cascade`)
}

/** Between two tries. */
const TRY_MILLIS = 5
/** After so many the lock is waited for: readers that take turns could keep it away for good. */
const MOST_TRIES = 1_000
const LOCK_NOT_AVAILABLE = '55P03'

/**
 * Locks the views over tables, and the tables with them, all or none: a reader has locked a view before it comes to the
 * table, or one of two views, and would wait for us while we wait for it.
 */
const keepReadersOut = async (tx: Sql, tables: readonly string[]): Promise<void> => {
  const { rows } = await tx.query<{ readonly name: string }>(
    `select distinct dependent.relname as name
       from pg_rewrite rule
       join pg_class dependent on dependent.oid = rule.ev_class and dependent.relkind = 'v'
       join pg_depend used on used.classid = 'pg_rewrite'::regclass and used.objid = rule.oid and used.refclassid = 'pg_class'::regclass
       join pg_class stored on stored.oid = used.refobjid and stored.relkind = 'r'
      where stored.relnamespace = $1::regnamespace and stored.relname = any($2::text[])
      order by 1`,
    [LIVE_SCHEMA, tables],
  )
  if (rows.length === 0) return
  const lock = `lock table ${rows.map(({ name }) => `${LIVE_SCHEMA}.${name}`).join(', ')} in access exclusive mode`
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    await tx.query('savepoint readers')
    try {
      await tx.query(`${lock} nowait`)
      return
    } catch (error) {
      if (codeOf(error) !== LOCK_NOT_AVAILABLE) throw error
    }
    await tx.query('rollback to savepoint readers')
    await delay(TRY_MILLIS)
  }
  await tx.query(lock)
}
