import { createHash } from 'node:crypto'
import { codeOf, messageOf } from '@portcullis/core'
import type pg from 'pg'
import { LOCK } from './locks.ts'
import { inTransaction, type Sql } from './pool.ts'

export interface Migration {
  /** Unique in its list and stable: `0001-events`. */
  readonly id: string
  /** One or several statements; run in a transaction. */
  readonly sql: string
}

/** The database and the list of migrations don't fit together; nothing was changed. */
export class MigrationError extends Error {
  readonly code = 'postgres.migration'
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'MigrationError'
  }
}

const checksum = (sql: string): string => createHash('sha256').update(sql).digest('hex')

/**
 * Brings the tables of one part of the engine up to date: runs what isn't recorded yet, in order, all in one
 * transaction.
 * Processes that start together wait for each other. What has run once is never edited: add a new migration.
 * @param name the part, as in `event-store`
 * @throws MigrationError when a recorded migration was edited, is out of order, is unknown (the database is newer than
 *   this release), or fails
 */
export const migrate = async (
  pool: pg.Pool,
  name: string,
  migrations: readonly Migration[],
): Promise<void> => {
  await inTransaction(pool, async (sql) => {
    await sql.query('select pg_advisory_xact_lock($1)', [LOCK.migrations])
    const applied = await ledger(sql, name)
    check(name, applied, migrations)
    for (const [number, migration] of migrations.entries())
      if (number >= applied.length) await run(sql, name, number, migration)
  }).catch((error: unknown) => {
    throw isForbidden(error) ? notAllowed(name, error) : error
  })
}

/** What has run of a part; the table is made when nobody has. */
const ledger = async (
  sql: Sql,
  name: string,
): Promise<readonly { readonly id: string; readonly checksum: string }[]> => {
  // Looked for first: even "if not exists" asks for the right to create.
  const { rows } = await sql.query<{ there: boolean }>(
    "select to_regclass('portcullis_migrations.applied') is not null as there",
  )
  if (rows[0]?.there !== true) {
    await sql.query('create schema if not exists portcullis_migrations')
    await sql.query(`create table portcullis_migrations.applied (
      part text not null, number int not null, id text not null, checksum text not null,
      at timestamptz not null default now(), primary key (part, number))`)
  }
  const applied = await sql.query<{ id: string; checksum: string }>(
    'select id, checksum from portcullis_migrations.applied where part = $1 order by number',
    [name],
  )
  return applied.rows
}

/** SQLSTATE insufficient_privilege, of the error or what it was caused by. */
const isForbidden = (error: unknown): boolean =>
  error instanceof Error && (codeOf(error) === '42501' || isForbidden(error.cause))

const notAllowed = (name: string, cause: unknown): MigrationError =>
  new MigrationError(
    `the tables of ${name} can't be made, upgraded or looked at by this user: ${messageOf(cause)}. Run \`portcullis migrate\` with MIGRATION_DATABASE_URL naming the role that owns them`,
    { cause },
  )

const check = (
  name: string,
  applied: readonly { readonly id: string; readonly checksum: string }[],
  migrations: readonly Migration[],
): void => {
  for (const [number, done] of applied.entries()) {
    const migration = migrations[number]
    if (migration === undefined)
      throw new MigrationError(
        `the database has migration ${done.id} of ${name}, which this release doesn't know: it was used by a newer release. Run that release, or restore a copy from before.`,
      )
    if (migration.id !== done.id)
      throw new MigrationError(
        `migration ${number + 1} of ${name} is ${migration.id} here but ${done.id} in the database: migrations keep their order, add new ones at the end`,
      )
    if (checksum(migration.sql) !== done.checksum)
      throw new MigrationError(
        `migration ${done.id} of ${name} was edited after it ran here: put it back as it was and add a new one`,
      )
  }
}

const run = async (sql: Sql, name: string, number: number, migration: Migration): Promise<void> => {
  try {
    await sql.query(migration.sql)
  } catch (error) {
    throw new MigrationError(`migration ${migration.id} of ${name} failed: ${messageOf(error)}`, {
      cause: error,
    })
  }
  await sql.query(
    'insert into portcullis_migrations.applied (part, number, id, checksum) values ($1, $2, $3, $4)',
    [name, number, migration.id, checksum(migration.sql)],
  )
}
