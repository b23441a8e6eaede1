import {
  backOff,
  type Clock,
  type EventBatch,
  type EventStore,
  messageOf,
  type Position,
  type RecordedEvent,
} from '@portcullis/core'
import type { Sql } from '@portcullis/postgres'
import { delay, isTransientError } from '@portcullis/postgres'
import type pg from 'pg'
import {
  advance,
  advancePast,
  CheckpointLost,
  claimCheckpoint,
  createCheckpoint,
  pauseCheckpoint,
  readCheckpoints,
} from './checkpoints.ts'
import type { Progress } from './progress.ts'

export interface SubscriptionProblem {
  readonly name: string
  /** retrying: tried again automatically · paused: until the next start or `resumeSubscription` */
  readonly kind: 'retrying' | 'paused'
  readonly error: unknown
  /** The event that can't be handled, when paused; else the last one that was. */
  readonly position: Position | undefined
}

export interface SubscriptionOptions {
  /** Names the checkpoint. */
  readonly name: string
  /**
   * Of the lease by which this process is the owner (see `runLeased`); nothing is written once a later owner has begun.
   */
  readonly epoch: bigint
  readonly store: EventStore
  readonly pool: pg.Pool
  readonly clock: Clock
  /** Stored event names to hand to `handle`; all when absent. Others still move the checkpoint. */
  readonly types?: readonly string[]
  /** Most events in a batch. */
  readonly batchSize: number
  /**
   * Where the first run ever begins. Reactors start at the end, so that a first deploy doesn't tell the past again.
   * registered: the checkpoint is made elsewhere; while there is none the subscription is nobody's.
   */
  readonly startAt: 'start' | 'end' | 'registered'
  /** Runs in the transaction that moves the checkpoint. Never called without events. */
  readonly handle: (events: readonly RecordedEvent[], tx: Sql) => Promise<void>
  readonly signal: AbortSignal
  /** Told after each commit; share one with those who wait for positions. */
  readonly progress?: Progress
  /** For the log: the one who composes the process writes these loudly. */
  readonly onProblem?: (problem: SubscriptionProblem) => void
  /**
   * Errors that aren't the event's fault: tried again for as long as it takes, never a pause. {@link isTransientError}
   * when absent.
   */
  readonly isTransient?: (error: unknown) => boolean
  /**
   * Tries of a batch before its events are tried one by one, and first wait between tries in milliseconds (doubling).
   */
  readonly retry?: { readonly attempts: number; readonly waitMs: number }
}

const RETRY = { attempts: 4, waitMs: 100 }
const LONGEST_WAIT_MILLIS = 10_000
const RESUME_POLL_MILLIS = 500

/** This one event fails on its own: the subscription must be paused, or it would be skipped. */
class Unhandled extends Error {
  readonly position: Position
  constructor(position: Position, cause: unknown) {
    super(messageOf(cause), { cause })
    this.position = position
  }
}

/**
 * Follows `$all` from the stored checkpoint until the signal aborts: each batch is handled and the checkpoint moved in
 * one transaction.
 * An event that can't be handled is tried a few times, then pauses this subscription alone: everything before it is
 * handled, its position and error are in the checkpoint.
 * A failed read, or infrastructure that is down, is tried again with back-off from the stored checkpoint.
 * @returns when the signal has aborted and the batch under way is done
 * @throws CheckpointLost when a later owner has begun
 */
export const runSubscription = async (options: SubscriptionOptions): Promise<void> => {
  const { name, epoch, store, pool, clock, signal, types, batchSize } = options
  const start = async (): Promise<Position> => (options.startAt === 'end' ? store.head() : 0n)
  const problem = (kind: SubscriptionProblem['kind'], error: unknown, position?: Position): void =>
    options.onProblem?.({ name, kind, error, position })
  let failures = 0
  let culprit: Unhandled | undefined
  let position: Position | undefined
  while (!signal.aborted) {
    try {
      if (culprit !== undefined) {
        const { position: at, message, cause } = culprit
        await pauseCheckpoint(pool, name, { epoch, position: at, error: message }, clock)
        culprit = undefined
        problem('paused', cause, at)
        await resumed(pool, name, signal)
        continue
      }
      position = await claimCheckpoint(pool, name, epoch)
      if (position === undefined) {
        if (options.startAt === 'registered') throw new CheckpointLost(name, epoch)
        await createCheckpoint(pool, name, start, clock)
        continue
      }
      options.progress?.moved(name, position)
      const filter = types === undefined ? {} : { types }
      for await (const batch of store.subscribe({
        after: position,
        batchSize,
        signal,
        ...filter,
      })) {
        await handleBatch(options, position, batch)
        position = batch.position
        options.progress?.moved(name, position)
        failures = 0
      }
    } catch (error) {
      if (error instanceof CheckpointLost) throw error
      if (signal.aborted) return
      if (error instanceof Unhandled) {
        culprit = error
        continue
      }
      problem('retrying', error, position)
      failures += 1
      await delay(waitAfter(failures, options), signal)
    }
  }
}

const waitAfter = (failures: number, { retry = RETRY }: SubscriptionOptions): number =>
  backOff({ first: retry.waitMs, longest: LONGEST_WAIT_MILLIS })(failures)

const handleBatch = async (
  options: SubscriptionOptions,
  from: Position,
  batch: EventBatch,
): Promise<void> => {
  const { name, epoch, pool, clock, handle, signal } = options
  const transient = options.isTransient ?? isTransientError
  const move = (at: Position, to: Position, events: readonly RecordedEvent[]): Promise<void> =>
    events.length === 0
      ? advancePast(pool, { name, epoch, from: at, to }, clock)
      : advance(pool, { name, epoch, from: at, to }, clock, (tx) => handle(events, tx))
  const { attempts } = options.retry ?? RETRY
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    try {
      return await move(from, batch.position, batch.events)
    } catch (error) {
      if (error instanceof CheckpointLost || transient(error) || signal.aborted) throw error
      options.onProblem?.({ name, kind: 'retrying', error, position: from })
      if (attempt < attempts) await delay(waitAfter(attempt, options), signal)
    }
  }
  // The batch fails as a whole. One by one, everything before the culprit is handled and the culprit is known.
  let at = from
  for (const event of batch.events) {
    try {
      await move(at, event.position, [event])
    } catch (error) {
      if (error instanceof CheckpointLost || transient(error)) throw error
      throw new Unhandled(event.position, error)
    }
    at = event.position
  }
  if (at < batch.position) await move(at, batch.position, [])
}

/**
 * Waits until somebody has taken the pause off the checkpoint, or the signal aborts. While it can't be read, the pause
 * stands.
 */
const resumed = async (pool: pg.Pool, name: string, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    await delay(RESUME_POLL_MILLIS, signal)
    const checkpoints = await readCheckpoints(pool, [name]).catch(() => undefined)
    if (checkpoints !== undefined && checkpoints.get(name)?.state !== 'paused') return
  }
}
