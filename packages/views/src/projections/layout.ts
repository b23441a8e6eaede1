import { type Clock, formatPosition, type Position } from '@portcullis/core'
import { type Migration, migrate, type Sql } from '@portcullis/postgres'
import type pg from 'pg'
import { MOST_PARTS, type Part, partsOf } from '../projector/partition.ts'
import type { Projection } from '../projector/projection.ts'
import { checkpointNames, LIVE_SCHEMA } from './names.ts'

/** A projection can't be split so. */
export class NotPartitionable extends Error {
  readonly code = 'views.not-partitionable'
  constructor(message: string) {
    super(message)
    this.name = 'NotPartitionable'
  }
}

/** @throws NotPartitionable */
export const checkPartitions = (
  projection: Projection,
  of: number,
  all: readonly Projection[],
): void => {
  if (!Number.isInteger(of) || of < 1 || of > MOST_PARTS)
    throw new NotPartitionable(`partitions: ${of} is not a whole number from 1 to ${MOST_PARTS}`)
  if (of === 1 || projection.isPartitionable) return
  const able = all.filter(({ isPartitionable }) => isPartitionable).map(({ name }) => name)
  throw new NotPartitionable(
    `partitions: ${projection.name} can't be split, since events of several streams meet in its rows; these can: ${able.join(', ')}`,
  )
}

/** Which version of a projection serves, with which tables, in how many parts. */
export interface Registered {
  readonly version: number
  readonly tables: readonly string[]
  readonly partitions: number
}

/** Databases from before these were counted have some of it already. */
const registryMigrations: readonly Migration[] = [
  {
    id: '0001-projections',
    sql: `
create schema if not exists ${LIVE_SCHEMA};
create table if not exists ${LIVE_SCHEMA}.projections
  (name text primary key, version integer not null, tables text[] not null);
alter table ${LIVE_SCHEMA}.projections add column if not exists partitions integer not null default 1;`,
  },
]

/**
 * Makes the table of what serves, where it isn't there. Once, not at each start: the one who alters a table waits for
 * all who read it, a verification or a backup too, and every worker that would see at its next beat what there is to
 * run waits behind.
 */
export const migrateRegistry = (pool: pg.Pool): Promise<void> =>
  migrate(pool, 'views', registryMigrations)

/** What serves now, by projection; those that never ran are missing. */
export const readRegistered = async (sql: Sql): Promise<ReadonlyMap<string, Registered>> => {
  const { rows } = await sql.query<Registered & { readonly name: string }>(
    `select name, version, tables, partitions from ${LIVE_SCHEMA}.projections`,
  )
  return new Map(rows.map((row) => [row.name, row]))
}

/** The parts of a projection as it is laid out now. */
export const partsNow = async (sql: Sql, projection: Projection): Promise<readonly Part[]> => {
  const registered = (await readRegistered(sql)).get(projection.name)
  return partsOf(registered?.version === projection.version ? registered.partitions : 1)
}

/**
 * Records which version of a projection the plain-named views show, its tables and parts, and where its checkpoints
 * begin.
 * The one who ran another layout of it has nothing left to move.
 * @param tables those filled, in the live schema; each part's mark is made here
 */
export const register = async (
  tx: Sql,
  projection: Projection,
  {
    tables,
    position,
    partitions,
  }: { tables: readonly string[]; position: Position; partitions: number },
  clock: Clock,
): Promise<void> => {
  const { name, version } = projection
  const all = new Set(tables)
  for (const part of partsOf(partitions))
    all.add(await projection.in(LIVE_SCHEMA, part).begin(position, tx))
  await tx.query(
    `insert into ${LIVE_SCHEMA}.projections (name, version, tables, partitions) values ($1, $2, $3, $4)
     on conflict (name) do update set version = excluded.version, tables = excluded.tables, partitions = excluded.partitions`,
    [name, version, [...all], partitions],
  )
  const names = checkpointNames(projection, partitions)
  await tx.query(
    `insert into portcullis.subscription_checkpoints (name, position, state, updated_at)
     select unnest($1::text[]), $2, 'running', $3
     on conflict (name) do update
       set position = excluded.position, state = excluded.state, error = null, error_position = null`,
    [names, formatPosition(position), clock.now()],
  )
}

/** Ends the checkpoints of a layout, and the leases with them. */
export const unregister = async (tx: Sql, names: readonly string[]): Promise<void> => {
  for (const table of ['subscription_checkpoints', 'subscription_leases'])
    await tx.query(`delete from portcullis.${table} where name = any($1)`, [names])
}
