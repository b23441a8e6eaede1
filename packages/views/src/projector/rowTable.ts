import type { Sql } from '@portcullis/postgres'

/** One column of a view's table and where its value comes from. */
export interface Column<Row> {
  readonly name: string
  readonly type: 'text' | 'bigint' | 'integer' | 'boolean' | 'jsonb'
  readonly nullable?: true
  /** Plain JSON; a bigint as decimal digits. Null is SQL's null, also in a `jsonb` column. */
  readonly of: (row: Row) => object | string | number | boolean | null
}

/** Where a projection's tables are. The version is the projection's and part of their names. */
export interface Place {
  readonly schema: string
  readonly version: number
}

/** A table that a projector fills. Its first column is the key. */
export interface RowTable<Row> {
  /** Without the version: `requests` is kept in `requests_v1`. */
  readonly name: string
  readonly columns: readonly Column<Row>[]
  /** Index name (without the table's) to what follows `on <table>`. */
  readonly indexes: { readonly [name: string]: string }
}

/** The table's own name, which carries the version. */
export const storedName = (
  { version }: Pick<Place, 'version'>,
  table: Pick<RowTable<never>, 'name'>,
): string => `${table.name}_v${version}`

/** The same with its schema: how statements name it. */
export const pathOf = (place: Place, table: Pick<RowTable<never>, 'name'>): string =>
  `${place.schema}.${storedName(place, table)}`

export const keyOf = (table: RowTable<never>): string => table.columns[0]?.name ?? 'id'

/**
 * Creates the table, when it isn't there, without its indexes (but the key). Rows are updated often: some room is left
 * in each page.
 */
export const createTable = (place: Place, table: RowTable<never>): string => {
  // Ids and instants are ordered by their bytes, on every server alike.
  const lines = table.columns.map(({ name, type, nullable }) => {
    const sort = type === 'text' ? ' collate "C"' : ''
    return `${name} ${type}${sort}${nullable === true ? '' : ' not null'}`
  })
  return `create table if not exists ${pathOf(place, table)}
    (${lines.join(', ')}, primary key (${keyOf(table)})) with (fillfactor = 85)`
}

/** Creates the table's indexes, those that aren't there. Kept apart: filling a table without them is faster. */
export const createIndexes = (place: Place, table: RowTable<never>): readonly string[] =>
  Object.entries(table.indexes).map(
    ([name, definition]) =>
      `create index if not exists ${storedName(place, table)}_${name} on ${pathOf(place, table)} ${definition}`,
  )

/** Most characters of rows in one statement: far below what a jsonb value may hold, and kind to the server's memory. */
const STATEMENT_CHARACTERS = 8 * 1024 * 1024

const fromJson = ({ type }: Column<never>, index: number): string => {
  if (type === 'jsonb') return `nullif(fields->${index}, 'null')`
  return type === 'text' ? `fields->>${index}` : `(fields->>${index})::${type}`
}

/**
 * Writes rows by key, every key at most once: in one statement, or a few when the rows are large.
 * The rows go as one JSON text, which the server takes apart: twice as fast as an array for each column, whose JSON
 * values it would have to unquote first.
 */
export const upsertInto = <Row>(
  place: Place,
  table: RowTable<Row>,
): ((sql: Sql, rows: Iterable<Row>) => Promise<void>) => {
  const names = table.columns.map((column) => column.name)
  const key = keyOf(table)
  const changes = names.filter((name) => name !== key).map((name) => `${name} = excluded.${name}`)
  const text = `insert into ${pathOf(place, table)} (${names.join(', ')})
    select ${table.columns.map(fromJson).join(', ')} from jsonb_array_elements($1::jsonb) as row(fields)
    on conflict (${key}) do update set ${changes.join(', ')}`
  return async (sql, rows) => {
    let pending: string[] = []
    let characters = 0
    const write = async (): Promise<void> => {
      if (pending.length === 0) return
      await sql.query(text, [`[${pending.join(',')}]`])
      pending = []
      characters = 0
    }
    for (const row of rows) {
      const fields = JSON.stringify(table.columns.map((column) => column.of(row)))
      pending.push(fields)
      characters += fields.length
      if (characters > STATEMENT_CHARACTERS) await write()
    }
    await write()
  }
}
