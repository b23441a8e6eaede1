import type { Sql } from '@portcullis/postgres'
import { type Column, keyOf, type Place, pathOf, type RowTable, upsertInto } from './rowTable.ts'

/** A row that is folded from events: what queries answer, and what only the fold needs. */
export interface Row<View extends { readonly id: string }, State extends object> {
  /** Position of the event that made the row: unique, and never changes, so lists are paged by it. */
  readonly seq: string
  readonly view: View
  readonly state: State
}
export type AnyRow = Row<{ readonly id: string }, object>

/** A column that holds one field of a row's view or state, or one that is worked out for look-ups at each write. */
export interface FoldColumn<R> extends Column<R> {
  readonly field?: readonly ['view' | 'state', string]
}

/** A table of {@link Row}s: the columns that hold its fields give them back when a row is loaded. */
export interface FoldedTable<R extends AnyRow> extends RowTable<R> {
  readonly columns: readonly FoldColumn<R>[]
}

type Type = Column<never>['type']
type Value = ReturnType<Column<never>['of']>

const snakeCase = (field: string): string =>
  field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/**
 * The columns of a folded table: `id` and `seq`, then fields of the view and of the state by name, then what is worked
 * out. Null fields need a nullable column.
 */
export const rowColumns = <R extends AnyRow>(columns: {
  readonly view: { readonly [Field in Exclude<keyof R['view'], 'id'> & string]: ColumnType }
  readonly state?: { readonly [Field in keyof R['state'] & string]: ColumnType }
  readonly computed?: readonly Column<R>[]
}): readonly FoldColumn<R>[] => {
  const held = (part: 'view' | 'state', types: { readonly [field: string]: ColumnType }) =>
    Object.entries(types).map(([field, type]): FoldColumn<R> => {
      const nullable = type.endsWith('?')
      return {
        name: snakeCase(field),
        type: (nullable ? type.slice(0, -1) : type) as Type,
        ...(nullable ? { nullable: true as const } : {}),
        of: (row) => (row[part] as { readonly [field: string]: Value })[field] ?? null,
        field: [part, field],
      }
    })
  return [
    { name: 'id', type: 'text', of: (row) => row.view.id, field: ['view', 'id'] },
    { name: 'seq', type: 'bigint', of: (row) => row.seq },
    ...held('view', columns.view),
    ...held('state', columns.state ?? {}),
    ...(columns.computed ?? []),
  ]
}

/** With a `?` where the field may be null. */
export type ColumnType = Type | `${Type}?`

/** An event names a row that no event before it made: the log or the projector is wrong. */
export class MissingRow extends Error {
  readonly code = 'views.missing-row'
  constructor(table: string, id: string) {
    super(`there is no ${table} row ${id} to change`)
    this.name = 'MissingRow'
  }
}

/**
 * The rows of one table while batches are folded: loaded by one statement, changed in memory, written by one statement.
 */
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
const KEPT_ROWS = 2_000

/** Loads rows by id. */
const loader = <R extends AnyRow>(place: Place, table: FoldedTable<R>) => {
  const held = table.columns.flatMap(({ name, field }) => (field ? [{ name, field }] : []))
  const names = held.map(({ name }) => name).join(', ')
  const text = `select seq::text as seq, ${names} from ${pathOf(place, table)} where ${keyOf(table)} = any($1)`
  return async (sql: Sql, ids: readonly string[]): Promise<readonly R[]> => {
    const { rows } = await sql.query<{ readonly seq: string; readonly [column: string]: unknown }>(
      text,
      [ids],
    )
    return rows.map((stored) => {
      const view: { [field: string]: unknown } = {}
      const state: { [field: string]: unknown } = {}
      for (const { name, field } of held) {
        const part = field[0] === 'view' ? view : state
        part[field[1]] = stored[name]
      }
      // `rowColumns` names every field of the row's type, so that none is missing here.
      return { seq: stored.seq, view, state } as AnyRow as R
    })
  }
}

export const foldTable = <R extends AnyRow>(place: Place, table: FoldedTable<R>): FoldTable<R> => {
  const upsert = upsertInto(place, table)
  const load = loader(place, table)
  const rows = new Map<string, R>()
  const changed = new Set<string>()

  const find = (id: string): R | undefined => rows.get(id)
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
      for (const row of await load(sql, missing)) rows.set(row.view.id, row)
    },
    put: (row) => {
      if (rows.get(row.view.id) === row) return
      rows.set(row.view.id, row)
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
      // The oldest first: a Map keeps the order in which its keys came.
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
