import {
  type Clock,
  type EventStore,
  formatPosition,
  type Instant,
  type Position,
  type RecordedEvent,
} from '@portcullis/core'
import { inTransaction } from '@portcullis/postgres'
import type pg from 'pg'
import { readCheckpoints, resumeSubscription } from './checkpoints.ts'

/** Who leaves an event out, and why. */
export interface SkipOrder {
  /** Of the event; the subscription must be paused at exactly that one. */
  readonly position: Position
  readonly by: string
  readonly reason: string
}

/** An event that a subscription was told to leave out. Kept for ever. */
export interface Skip {
  readonly subscription: string
  readonly position: string
  readonly event: { readonly id: string; readonly type: string; readonly stream: string }
  /** What the subscription had failed with. */
  readonly error: string
  readonly by: string
  readonly reason: string
  readonly at: Instant
}

/** The event isn't left out; nothing was changed. */
export class SkipRefused extends Error {
  readonly code = 'subscription.skip-refused'
  constructor(message: string) {
    super(message)
    this.name = 'SkipRefused'
  }
}

/** The way out for paused subscriptions. Names are those of checkpoints. */
export interface Pauses {
  /**
   * Lets the paused ones of these try their event again; the processes that run them notice within a second.
   * @returns those that were paused
   */
  resume(names: readonly string[]): Promise<readonly string[]>
  /**
   * Lets the one of these that is paused at that position go on behind it. The event and its reason are recorded in the
   * same transaction.
   * @throws SkipRefused when none of them is paused there
   */
  skip(names: readonly string[], order: SkipOrder): Promise<Skip>
  /** What was left out, newest first. */
  skipped(limit: number): Promise<readonly Skip[]>
}

const PAGE = 1_000

export const createPauses = ({
  pool,
  store,
  clock,
}: {
  readonly pool: pg.Pool
  readonly store: Pick<EventStore, 'readAll'>
  readonly clock: Clock
}): Pauses => {
  const eventAt = async (position: Position, from: Position): Promise<RecordedEvent> => {
    // Whole pages: in EventStoreDB positions don't follow each other.
    for (let after = from; after < position; ) {
      const page = await store.readAll({ after, limit: PAGE })
      const found = page.events.find((event) => event.position === position)
      if (found !== undefined) return found
      if (page.caughtUp) break
      after = page.position
    }
    throw new SkipRefused(`there is no event at position ${position}`)
  }
  return {
    resume: async (names) => {
      const resumed: string[] = []
      for (const name of names) if (await resumeSubscription(pool, name)) resumed.push(name)
      return resumed
    },
    skip: async (names, { position, by, reason }) => {
      const paused = [...(await readCheckpoints(pool, names)).values()].filter(
        ({ state }) => state === 'paused',
      )
      const checkpoint = paused.find(({ errorPosition }) => errorPosition === position)
      if (checkpoint === undefined) throw standsElsewhere(position, paused)
      const { name: subscription } = checkpoint
      const { id, type, stream } = await eventAt(position, checkpoint.position)
      const at = clock.now()
      const error = checkpoint.error ?? ''
      await inTransaction(pool, async (tx) => {
        const moved = await tx.query(
          `update portcullis.subscription_checkpoints
           set position = $2, state = 'running', error = null, error_position = null, updated_at = $3
           where name = $1 and state = 'paused' and error_position = $2`,
          [subscription, formatPosition(position), at],
        )
        if (moved.rowCount !== 1) throw standsElsewhere(position, [])
        await tx.query(
          `insert into portcullis.skipped_events
             (subscription, position, event_id, type, stream, error, skipped_by, reason, at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
          [subscription, formatPosition(position), id, type, stream, error, by, reason, at],
        )
      })
      return {
        subscription,
        position: formatPosition(position),
        event: { id, type, stream },
        error,
        by,
        reason,
        at,
      }
    },
    skipped: async (limit) => {
      const { rows } = await pool.query<Skip>(
        `select subscription, position::text, error, skipped_by as by, reason, at,
           json_build_object('id', event_id, 'type', type, 'stream', stream) as event
         from portcullis.skipped_events order by number desc limit $1`,
        [limit],
      )
      return rows
    },
  }
}

const standsElsewhere = (
  position: Position,
  paused: readonly { readonly errorPosition: Position | null }[],
): SkipRefused => {
  const places = paused.map(({ errorPosition }) => errorPosition).join(', ')
  const where = places === '' ? 'it is not paused' : `it is paused at ${places}`
  return new SkipRefused(
    `nothing is paused at position ${position}: ${where}; \`portcullis projection status\` shows where`,
  )
}
