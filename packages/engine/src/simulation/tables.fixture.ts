import type { Sql } from '@portcullis/postgres'

// What the projectors ask of PostgreSQL, in memory: they write rows by key, read them by key, and keep a mark. A
// statement of another kind is refused.

export type StoredRow = { readonly [column: string]: unknown }
type Table = Map<string, StoredRow>
type Statement = (parameter: unknown) => readonly StoredRow[]

export interface MemoryTables {
  readonly sql: Sql
  /** Rows of a table, whatever its version: `assignments`. */
  rows(name: string): readonly StoredRow[]
  /** All that the tables hold, but for the marks: equal text, equal views. */
  content(): string
}

const UPSERT = /^insert into (\S+) \(([^)]+)\)\s+select .* from jsonb_array_elements/s
const LOAD = /^select seq::text as seq, (.+) from (\S+) where (\S+) = any\(\$1\)$/
const MARK = /^with old as \(select position from (\S+) for update\)/
const DELETE_KEYS = /^delete from (\S+) where key = any/
const DELETE_BEFORE = /^delete from (\S+) where at < \$1$/
const DELETE_PREFIXES = /^delete from (\S+) using unnest/

export const createTables = (): MemoryTables => {
  const tables = new Map<string, Table>()
  const marks = new Map<string, string>()
  const statements = new Map<string, Statement>()

  const tableOf = (path: string): Table => {
    const table = tables.get(path) ?? new Map<string, StoredRow>()
    tables.set(path, table)
    return table
  }
  const upsert = (path: string, columns: readonly string[]): Statement => {
    const table = tableOf(path)
    return (text) => {
      for (const fields of JSON.parse(String(text)) as readonly (readonly unknown[])[]) {
        const row = Object.fromEntries(columns.map((column, index) => [column, fields[index]]))
        table.set(String(fields[0]), row)
      }
      return []
    }
  }
  const load = (path: string): Statement => {
    const table = tableOf(path)
    return (ids) =>
      (ids as readonly string[]).flatMap((id) => {
        const row = table.get(id)
        return row === undefined ? [] : [row]
      })
  }
  const mark =
    (path: string): Statement =>
    (position) => {
      const before = marks.get(path) ?? '0'
      if (BigInt(String(position)) > BigInt(before)) marks.set(path, String(position))
      return [{ before, epoch: 'first' }]
    }
  const remove =
    (path: string, isMeant: (key: string, given: string) => boolean): Statement =>
    (given) => {
      const table = tableOf(path)
      for (const key of [...table.keys()])
        if ((given as readonly string[]).some((text) => isMeant(key, text))) table.delete(key)
      return []
    }
  const removeBefore = (path: string): Statement => {
    const table = tableOf(path)
    return (at) => {
      for (const [key, row] of table) if (String(row.at) < String(at)) table.delete(key)
      return []
    }
  }
  const compile = (text: string): Statement => {
    const [, upserted, columns = ''] = UPSERT.exec(text) ?? []
    if (upserted !== undefined) return upsert(upserted, columns.split(', '))
    const [, , loaded] = LOAD.exec(text) ?? []
    if (loaded !== undefined) return load(loaded)
    const [, marked] = MARK.exec(text) ?? []
    if (marked !== undefined) return mark(marked)
    const [, cleared] = DELETE_KEYS.exec(text) ?? []
    if (cleared !== undefined) return remove(cleared, (key, given) => key === given)
    const [, outdated] = DELETE_BEFORE.exec(text) ?? []
    if (outdated !== undefined) return removeBefore(outdated)
    const [, prefixed] = DELETE_PREFIXES.exec(text) ?? []
    if (prefixed !== undefined) return remove(prefixed, (key, given) => key.startsWith(given))
    throw new Error(`the simulation's tables don't know this statement; teach it to them: ${text}`)
  }
  const run = async (text: string, values: readonly unknown[] = []) => {
    const statement = statements.get(text) ?? compile(text)
    statements.set(text, statement)
    return { rows: statement(values[0]) }
  }

  return {
    // One of the client's many ways to be called, the only one that projectors use.
    sql: { query: run as Sql['query'] },
    rows: (name) =>
      [...tables].flatMap(([path, table]) =>
        path.includes(`.${name}_v`) ? [...table.values()] : [],
      ),
    content: () =>
      JSON.stringify(
        [...tables]
          .map(([path, table]) => [path, [...table].sort(byKey)] as const)
          .filter(([, rows]) => rows.length > 0)
          .sort(byKey),
      ),
  }
}

const byKey = (left: readonly [string, unknown], right: readonly [string, unknown]): number =>
  left[0] < right[0] ? -1 : 1
