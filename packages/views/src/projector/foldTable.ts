import type { Sql } from '@portcullis/postgres'
import { type Column, keyOf, type Place, pathOf, type RowTable, upsertInto } from './rowTable.ts'

/** A row that is folded from events: what queries answer, and what only the fold needs. */
export interface Row<View extends { readonly id: string } = { readonly id: string }, State = null> {
  /** Position of the event that made the row: unique, and never changes, so lists are paged by it. */
  readonly seq: string
  readonly view: View
  readonly state: State
}

/** Columns of a table of {@link Row}s: the key, `seq`, the given ones, then `view` and `state` as JSON. */
export const rowColumns = <R extends Row<{ readonly id: string }, unknown>>(
  ...columns: readonly Column<R>[]
): readonly Column<R>[] => [
  { name: 'id', type: 'text', of: (row) => row.view.id },
  { name: 'seq', type: 'bigint', of: (row) => row.seq },
  ...columns,
  { name: 'view', type: 'jsonb', of: (row) => JSON.stringify(row.view) },
  {
    name: 'state',
    type: 'jsonb',
    nullable: true,
    of: (row) => (row.state === null ? null : JSON.stringify(row.state)),
  },
]

/** An event names a row that no event before it made: the log or the projector is wrong. */
export class MissingRow extends Error {
  readonly code = 'views.missing-row'
  constructor(table: string, id: string) {
    super(`there is no ${table} row ${id} to change`)
    this.name = 'MissingRow'
  }
}

/** The rows of one table while batches are folded: loaded by one statement, changed in memory, written by one statement. */
export interface FoldTable<R> {
  /** Makes these rows, where they exist, available to `get`: one statement for those that aren't in memory yet. */
  ensure(sql: Sql, ids: Iterable<string>): Promise<void>
  find(id: string): R | undefined
  /** @throws MissingRow */
  get(id: string): R
  /** Replaces or adds a row; the same object as before changes nothing. */
  put(row: R): void
  /** Writes what was put since the last time. */
  flush(sql: Sql): Promise<void>
  /** Drops everything from memory. */
  forget(): void
}

/** Rows of a table that stay in memory between batches. */
const KEPT_ROWS = 10_000

export const foldTable = <R extends Row<{ readonly id: string }, unknown>>(
  place: Place,
  table: RowTable<R>,
): FoldTable<R> => {
  const upsert = upsertInto(place, table)
  const select = `select seq::text as seq, view, state from ${pathOf(place, table)} where ${keyOf(table)} = any($1)`
  const rows = new Map<string, R>()
  const changed = new Set<string>()

  const find = (id: string): R | undefined => rows.get(id)
  const remember = (row: R): void => {
    rows.delete(row.view.id)
    rows.set(row.view.id, row)
  }
  return {
    find,
    get: (id) => {
      const row = find(id)
      if (row === undefined) throw new MissingRow(table.name, id)
      return row
    },
    ensure: async (sql, ids) => {
      const missing = [...new Set(ids)].filter((id) => !rows.has(id))
      if (missing.length === 0) return
      const loaded = await sql.query<R>(select, [missing])
      for (const row of loaded.rows) remember(row)
    },
    put: (row) => {
      if (rows.get(row.view.id) === row) return
      remember(row)
      changed.add(row.view.id)
    },
    flush: async (sql) => {
      const dirty: R[] = []
      for (const id of changed) {
        const row = rows.get(id)
        if (row !== undefined) dirty.push(row)
      }
      await upsert(sql, dirty)
      changed.clear()
      // The oldest first: a Map keeps the order in which its keys were set.
      for (const id of rows.keys()) {
        if (rows.size <= KEPT_ROWS) break
        rows.delete(id)
      }
    },
    forget: () => {
      rows.clear()
      changed.clear()
    },
  }
}
