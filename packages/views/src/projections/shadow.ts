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

/** The more events of the same row meet in a batch, the fewer rows are written. */
const APPLIED_AT_ONCE = 10_000

interface Gathered {
  readonly wanted: readonly ViewEvent[]
  readonly reached: Position
}

/** Makes empty tables (those of an earlier, broken-off run are dropped), without indexes yet. */
export const createShadow = async (options: ShadowOptions): Promise<Shadow> => {
  const { pool, store, projection, batchSize, onProgress } = options
  const schema = shadowSchema(projection)
  const projector = projection.in(schema)
  let position: Position = START
  let events = 0

  const gather = async (from: Position, target: Position): Promise<Gathered> => {
    const wanted: ViewEvent[] = []
    let reached = from
    while (reached < target && wanted.length < APPLIED_AT_ONCE) {
      const page: EventBatch = await store.readAll({
        after: reached,
        limit: batchSize,
        types: projector.handles,
      })
      if (page.position <= reached) {
        throw new Error(`the log ends at ${reached}, before position ${target} of the live view`)
      }
      reached = page.position < target ? page.position : target
      // The types that a projector handles are all of the domain.
      for (const event of page.events as readonly ViewEvent[]) {
        if (event.position <= target) wanted.push(event)
      }
    }
    return { wanted, reached }
  }
  const fill = async (
    target: Position,
    apply: (events: readonly ViewEvent[]) => Promise<void>,
  ): Promise<void> => {
    let next = position < target ? gather(position, target) : undefined
    while (next !== undefined) {
      const { wanted, reached }: Gathered = await next
      // Read on while these are applied. A failure is thrown when it is awaited.
      next = reached < target ? gather(reached, target) : undefined
      next?.catch(() => {})
      if (wanted.length > 0) await apply(wanted)
      position = reached
      events += wanted.length
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
        await projector.analyze(tx)
      }),
    drop: async () => {
      await pool.query(`drop schema if exists ${schema} cascade`)
    },
  }
}
