import { type EventBatch, type EventStore, type Position, START } from '@portcullis/core'
import { inTransaction, type Sql } from '@portcullis/postgres'
import type pg from 'pg'
import { partOf } from '../projector/partition.ts'
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

/** How far each part of a projection is. */
export type Reach = readonly Position[]

/** `Math.max` knows no bigint. */
const later = (one: Position, other: Position): Position => {
  if (one > other) return one
  return other
}

export const furthest = (reach: Reach): Position => reach.reduce(later, START)

export const nearest = (reach: Reach): Position =>
  reach.reduce((one, other) => (later(one, other) === one ? other : one), furthest(reach))

/** A projection's tables, filled from the first event on in a schema of their own. */
export interface Shadow {
  readonly schema: string
  readonly projector: ViewProjector
  /** The last position that any part holds. */
  position(): Position
  /**
   * Applies what is missing up to `target`, each batch in a transaction of its own.
   * @param target where each part is to be, or all of them
   */
  fillTo(target: Position | Reach): Promise<void>
  /** The same inside the caller's transaction. */
  finishAt(target: Reach, tx: Sql): Promise<void>
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
  let done: Reach = [START]
  let events = 0

  /** How far the part is that an event belongs to. */
  const reachFor = (event: ViewEvent, reach: Reach): Position =>
    projector.isShared(event)
      ? furthest(reach)
      : (reach[partOf(event.stream, reach.length)] ?? START)
  const gather = async (from: Position, target: Reach): Promise<Gathered> => {
    const wanted: ViewEvent[] = []
    const end = furthest(target)
    let reached = from
    while (reached < end && wanted.length < APPLIED_AT_ONCE) {
      const page: EventBatch = await store.readAll({
        after: reached,
        limit: batchSize,
        types: projector.handles,
      })
      if (page.position <= reached) {
        throw new Error(`the log ends at ${reached}, before position ${end} of the live view`)
      }
      reached = nearest([page.position, end])
      // The types that a projector handles are all of the domain.
      for (const event of page.events as readonly ViewEvent[]) {
        const { position } = event
        if (position > reachFor(event, done) && position <= reachFor(event, target))
          wanted.push(event)
      }
    }
    return { wanted, reached }
  }
  const fill = async (
    target: Reach,
    apply: (events: readonly ViewEvent[]) => Promise<void>,
  ): Promise<void> => {
    const end = furthest(target)
    const from = nearest(done)
    let next = from < end ? gather(from, target) : undefined
    while (next !== undefined) {
      const { wanted, reached }: Gathered = await next
      // Read on while these are applied. A failure is thrown when it is awaited.
      next = reached < end ? gather(reached, target) : undefined
      next?.catch(() => {})
      if (wanted.length > 0) await apply(wanted)
      events += wanted.length
      onProgress?.({ name: projection.name, position: reached, target: end, events })
    }
    // Each part separately: a target may be behind what is there already.
    const parts = Math.max(target.length, done.length)
    done = Array.from({ length: parts }, (_, part) => {
      const before = done[part % done.length] ?? START
      const after = target[part % target.length] ?? START
      return later(before, after)
    })
  }

  await inTransaction(pool, async (tx) => {
    await tx.query(`drop schema if exists ${schema} cascade; create schema ${schema}`)
    await projector.createTables(tx)
  })
  return {
    schema,
    projector,
    position: () => furthest(done),
    fillTo: (target) =>
      fill(typeof target === 'bigint' ? [target] : target, (batch) =>
        inTransaction(pool, async (tx) => {
          // Lost in a crash, it is filled anew: no need to wait for the disk.
          await tx.query('set local synchronous_commit = off')
          await projector.fill(batch, tx)
        }),
      ),
    finishAt: (target, tx) => fill(target, (batch) => projector.fill(batch, tx)),
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
