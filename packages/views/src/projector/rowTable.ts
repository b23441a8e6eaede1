import type { Sql } from '@portcullis/postgres'

/** One column of a view's table and where its value comes from. A `jsonb` value is given as JSON text. */
export interface Column<Row> {
  readonly name: string
  readonly type: 'text' | 'bigint' | 'integer' | 'boolean' | 'jsonb'
  readonly nullable?: true
  readonly of: (row: Row) => string | number | boolean | null
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

/** Creates the table, when it isn't there, without its indexes (but the key). Rows are updated often: some room is left in each page. */
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

/** Writes rows by key in one statement. Every key at most once. */
export const upsertInto = <Row>(
  place: Place,
  table: RowTable<Row>,
): ((sql: Sql, rows: readonly Row[]) => Promise<void>) => {
  const names = table.columns.map((column) => column.name)
  const key = keyOf(table)
  const arrays = table.columns.map((column, index) => `$${index + 1}::${column.type}[]`)
  const changes = names.filter((name) => name !== key).map((name) => `${name} = excluded.${name}`)
  const text = `insert into ${pathOf(place, table)} (${names.join(', ')})
    select * from unnest(${arrays.join(', ')})
    on conflict (${key}) do update set ${changes.join(', ')}`
  return async (sql, rows) => {
    if (rows.length === 0) return
    await sql.query(
      text,
      table.columns.map((column) => rows.map(column.of)),
    )
  }
}
