import { type EventBatch, type EventStore, type Position, START } from '@portcullis/core'
import { inTransaction, type Sql } from '@portcullis/postgres'
import type pg from 'pg'
import type { Projection, ViewEvent, ViewProjector } from '../projector/projection.ts'
import { shadowSchema } from './names.ts'

export interface RebuildProgress {
  readonly name: string
  readonly position: Position
  /** Where it will be level with the live one; moves on while events come in. */
  readonly target: Position
  /** Events applied so far. */
  readonly events: number
}
export type OnProgress = (progress: RebuildProgress) => void

export interface ShadowOptions {
  readonly pool: pg.Pool
  readonly store: EventStore
  readonly projection: Projection
  readonly batchSize: number
  readonly onProgress?: OnProgress | undefined
}

/** A projection's tables, filled from the first event on in a schema of their own. */
export interface Shadow {
  readonly schema: string
  readonly projector: ViewProjector
  position(): Position
  /** Applies what is missing up to `target`, each batch in a transaction of its own. */
  fillTo(target: Position): Promise<void>
  /** The same inside the caller's transaction. */
  finishAt(target: Position, tx: Sql): Promise<void>
  createIndexes(): Promise<void>
  drop(): Promise<void>
}

/** The more events of the same row meet in a batch, the fewer rows are written; a page of the log is read while the last ones are applied. */
const APPLIED_AT_ONCE = 20_000

/** Makes empty tables (those of an earlier, broken-off run are dropped), without indexes yet. */
export const createShadow = async (options: ShadowOptions): Promise<Shadow> => {
  const { pool, store, projection, batchSize, onProgress } = options
  const schema = shadowSchema(projection)
  const projector = projection.in(schema)
  let position: Position = START
  let events = 0

  const readPage = (after: Position): Promise<EventBatch> => {
    const page = store.readAll({ after, limit: batchSize, types: projector.handles })
    // Read ahead of its use; a failure is thrown when it is awaited.
    page.catch(() => {})
    return page
  }
  const fill = async (
    target: Position,
    apply: (events: readonly ViewEvent[]) => Promise<void>,
  ): Promise<void> => {
    let read = position
    let next = read < target ? readPage(read) : undefined
    let gathered: ViewEvent[] = []
    while (next !== undefined) {
      const page: EventBatch = await next
      if (page.position <= read) {
        throw new Error(`the log ends at ${read}, before position ${target} of the live view`)
      }
      read = page.position < target ? page.position : target
      next = read < target ? readPage(read) : undefined
      // The handled types are all of the domain.
      for (const event of page.events as readonly ViewEvent[]) {
        if (event.position <= target) gathered.push(event)
      }
      if (next !== undefined && gathered.length < APPLIED_AT_ONCE) continue
      if (gathered.length > 0) await apply(gathered)
      position = read
      events += gathered.length
      gathered = []
      onProgress?.({ name: projection.name, position, target, events })
    }
  }

  await inTransaction(pool, async (tx) => {
    await tx.query(`drop schema if exists ${schema} cascade; create schema ${schema}`)
    await projector.createTables(tx)
  })
  return {
    schema,
    projector,
    position: () => position,
    fillTo: (target) =>
      fill(target, (batch) =>
        inTransaction(pool, async (tx) => {
          // Lost in a crash, it is filled anew: no need to wait for the disk.
          await tx.query('set local synchronous_commit = off')
          await projector.apply(batch, tx)
        }),
      ),
    finishAt: (target, tx) => fill(target, (batch) => projector.apply(batch, tx)),
    createIndexes: () =>
      inTransaction(pool, async (tx) => {
        await projector.createIndexes(tx)
        for (const table of projector.tableNames) await tx.query(`analyze ${schema}.${table}`)
      }),
    drop: async () => {
      await pool.query(`drop schema if exists ${schema} cascade`)
    },
  }
}
