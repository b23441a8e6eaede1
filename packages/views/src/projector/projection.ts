import { formatPosition, type Position, type Projector, type RecordedEvent } from '@portcullis/core'
import type { PortcullisEvent } from '@portcullis/domain'
import type { Sql } from '@portcullis/postgres'
import { type Part, partOf, WHOLE } from './partition.ts'
import {
  createIndexes,
  createTable,
  keyOf,
  type Place,
  pathOf,
  type RowTable,
  storedName,
} from './rowTable.ts'

export type ViewEvent = RecordedEvent<PortcullisEvent>
export type EventOf<Type extends ViewEvent['type']> = Extract<ViewEvent, { type: Type }>

/**
 * A SQL view with a plain name for people and queries; `select` is given the stored tables' names, with their schema.
 */
export interface PlainView {
  readonly name: string
  readonly select: (stored: (table: string) => string) => string
}

/** The plain view of a table that shows it as it is. */
export const wholeTable = (name: string): PlainView => ({
  name,
  select: (stored) => `select * from ${stored(name)}`,
})

/** Folds batches into the tables of one schema. Keeps rows in memory between batches. */
export interface BatchFold {
  apply(events: readonly ViewEvent[], tx: Sql): Promise<void>
  /** What is in memory isn't what the tables hold: load anew. */
  forget(): void
}

export interface ProjectionDefinition {
  readonly name: string
  readonly version: number
  readonly handles: readonly PortcullisEvent['type'][]
  readonly tables: readonly RowTable<never>[]
  readonly views: readonly PlainView[]
  readonly open: (place: Place) => BatchFold
  /**
   * Set where each row is made by the events of one stream, so that the streams can be split into parts.
   * `shared`: events that every part is given, and from which all of them write the same rows, in whichever order.
   */
  readonly byStream?: { readonly shared: readonly PortcullisEvent['type'][] }
}

/** A projector whose tables live in one schema: the live one, or one that is being filled beside it. */
export interface ViewProjector extends Projector<Sql, PortcullisEvent> {
  /** All tables, without schema, with version. */
  readonly tableNames: readonly string[]
  /** Those whose rows are what the projection shows, with their keys. */
  readonly shown: readonly { readonly table: string; readonly key: string }[]
  /** `migrate` in two steps, so that a rebuild can fill the tables before they have indexes. */
  createTables(tx: Sql): Promise<void>
  createIndexes(tx: Sql): Promise<void>
  /** Events that every part is given. */
  isShared(event: ViewEvent): boolean
  /** The same as `apply`, for the only one who fills these tables: no mark is kept, and all parts are done. */
  fill(events: readonly ViewEvent[], tx: Sql): Promise<void>
  /** Makes the part's mark at a position that the tables hold. @returns the mark's table */
  begin(position: Position, tx: Sql): Promise<string>
  /** Gathers the planner's statistics now, rather than when the server comes to it. */
  analyze(tx: Sql): Promise<void>
}

/** A projection before it is bound to a schema. */
export interface Projection {
  readonly name: string
  readonly version: number
  /** Can its streams be split into parts? */
  readonly isPartitionable: boolean
  /** @param part all of it when absent */
  in(schema: string, part?: Part): ViewProjector
}

/**
 * Makes a projection of its definition. Each projection keeps a mark, the position of the last event it applied, in a
 * table of its own, so that an event that is given twice is applied once, and rows kept in memory are known to be the
 * ones in the tables (whose epoch changes when they are made anew).
 */
export const projection = (definition: ProjectionDefinition): Projection => ({
  name: definition.name,
  version: definition.version,
  isPartitionable: definition.byStream !== undefined,
  in: (schema, part = WHOLE) => bind(definition, schema, part),
})

const bind = (definition: ProjectionDefinition, schema: string, part: Part): ViewProjector => {
  const { name, version, handles, tables, views } = definition
  const place = { schema, version }
  const fold = definition.open(place)
  const suffix = part.of === 1 ? '' : `_${part.number + 1}of${part.of}`
  const markTable = `${name}_v${version}_mark${suffix}`
  const mark = `${schema}.${markTable}`
  const shared = new Set<string>(definition.byStream?.shared)
  const isShared = ({ type }: ViewEvent): boolean => shared.has(type)
  let remembered: string | undefined

  const createTables = async (tx: Sql): Promise<void> => {
    for (const table of tables) await tx.query(createTable(place, table))
    await createMark(tx)
  }
  const createMark = async (tx: Sql): Promise<void> => {
    await tx.query(
      `create table if not exists ${mark} (only_row boolean primary key default true check (only_row),
         position bigint not null, epoch uuid not null default gen_random_uuid());
       insert into ${mark} (position) values (0) on conflict do nothing`,
    )
  }
  const indexes = async (tx: Sql): Promise<void> => {
    for (const table of tables) {
      for (const statement of createIndexes(place, table)) await tx.query(statement)
    }
  }

  return {
    name,
    version,
    handles,
    tableNames: [...tables.map((table) => storedName(place, table)), markTable],
    shown: tables.map((table) => ({ table: storedName(place, table), key: keyOf(table) })),
    isShared,
    fill: (events, tx) => fold.apply(events, tx),
    begin: async (position, tx) => {
      await createMark(tx)
      await tx.query(`update ${mark} set position = $1, epoch = gen_random_uuid()`, [
        formatPosition(position),
      ])
      return markTable
    },
    createTables,
    createIndexes: indexes,
    analyze: async (tx) => {
      for (const table of tables) await tx.query(`analyze ${pathOf(place, table)}`)
    },
    migrate: async (tx) => {
      await createTables(tx)
      await indexes(tx)
    },
    publish: async (tx) => {
      const stored = (table: string): string => {
        const found = tables.find((one) => one.name === table)
        if (found === undefined) throw new Error(`projection ${name} has no table ${table}`)
        return pathOf(place, found)
      }
      for (const view of views) {
        await tx.query(`drop view if exists ${schema}.${view.name}`)
        await tx.query(`create view ${schema}.${view.name} as ${view.select(stored)}`)
      }
    },
    drop: async (tx) => {
      for (const table of tables) {
        await tx.query(`drop table if exists ${pathOf(place, table)} cascade`)
      }
      await tx.query(`drop table if exists ${mark}`)
      fold.forget()
      remembered = undefined
    },
    apply: async (events, tx) => {
      const last = events.at(-1)
      if (last === undefined) return
      const { rows } = await tx.query<{ before: string; epoch: string }>(
        `with old as (select position from ${mark} for update)
         update ${mark} as mark set position = greatest(old.position, $1) from old
         returning old.position::text as before, mark.epoch`,
        [formatPosition(last.position)],
      )
      const [stored] = rows
      if (stored === undefined) throw new Error(`the table ${mark} has lost its row`)
      const { before, epoch } = stored
      // Another process, a transaction that was rolled back, or a rebuild came between: the tables are right, the
      // memory isn't.
      if (`${epoch} ${before}` !== remembered) fold.forget()
      remembered = undefined
      const done = BigInt(before)
      const fresh = events.filter(
        (event) =>
          event.position > done &&
          (isShared(event) || partOf(event.stream, part.of) === part.number),
      )
      if (fresh.length > 0) await fold.apply(fresh, tx)
      remembered = `${epoch} ${last.position > done ? formatPosition(last.position) : before}`
    },
  }
}
