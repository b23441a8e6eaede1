import { createHash, randomUUID } from 'node:crypto'
import type { Actor, Instant } from '@portcullis/core'
import type { Sql } from '@portcullis/postgres'
import type pg from 'pg'
import type { Allowed, ReadFileFacts } from './brake.ts'
import type { Removal } from './removals.ts'

// What an import did is noted with it, in one transaction, and told to the log afterwards: the log may be in another
// database.
// So neither can be without the other for longer than it takes to try again.

export interface ReadFile extends ReadFileFacts {
  /** SHA-256 of its bytes, in hexadecimal digits. */
  readonly digest: string
}

/** What the log is told of an import: numbers and digests, nobody's name. */
export interface ImportFacts {
  /** Name of the folder, without where it is. */
  readonly source: string
  readonly digest: string
  readonly files: readonly {
    readonly name: string
    readonly entries: number
    readonly digest: string
  }[]
  readonly removed: readonly { readonly kind: Removal['kind']; readonly count: number }[]
  readonly allowed: Allowed
}

export interface NotedImport {
  readonly id: string
  readonly at: Instant
  readonly actor: Actor
  readonly facts: ImportFacts
}

/**
 * SHA-256 over the lines `<SHA-256 of the file>  <its name>` in the order of the names: what `sha256sum *.csv |
 * sha256sum` prints.
 */
export const digestOf = (files: readonly Pick<ReadFile, 'name' | 'digest'>[]): string => {
  const lines = files
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, digest }) => `${digest}  ${name}\n`)
  return createHash('sha256').update(lines.join('')).digest('hex')
}

const SOURCE_LENGTH = 200

export const noteImport = async (
  sql: Sql,
  {
    at,
    actor,
    source,
    digest,
    read,
    removals,
    allowed,
  }: {
    readonly at: Instant
    readonly actor: Actor
    readonly source: string
    readonly digest: string
    readonly read: readonly ReadFile[]
    readonly removals: readonly Removal[]
    readonly allowed: Allowed
  },
): Promise<void> => {
  const facts: ImportFacts = {
    source:
      source.replaceAll(/[\p{Cc}\p{Surrogate}\u2028\u2029]+/gu, ' ').slice(0, SOURCE_LENGTH) || '/',
    digest,
    files: read.map((file) => ({
      name: file.name,
      entries: file.entries,
      digest: file.digest,
    })),
    removed: removals.map(({ kind, count }) => ({ kind, count })),
    allowed,
  }
  await sql.query(
    'insert into portcullis_directory.imports (id, at, actor, facts) values ($1, $2, $3, $4)',
    [randomUUID(), at, JSON.stringify(actor), JSON.stringify(facts)],
  )
}

/** What was imported, beside the log. */
export interface ImportLedger {
  /** Imports that the log hasn't been told of, in their order; most often none. */
  importsToLog(): Promise<readonly NotedImport[]>
  /** The log has it. */
  importLogged(id: string): Promise<void>
}

export const createImportLedger = (pool: pg.Pool): ImportLedger => ({
  importsToLog: async () => {
    const { rows } = await pool.query<NotedImport>(
      `select id, at, actor, facts from portcullis_directory.imports where not logged order by at, id limit 100`,
    )
    return rows
  },
  importLogged: async (id) => {
    await pool.query('update portcullis_directory.imports set logged = true where id = $1', [id])
  },
})
