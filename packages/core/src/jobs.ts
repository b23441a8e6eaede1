import type { Instant } from './instant.ts'
import type { JsonObject } from './json.ts'
import type { TraceOrigin } from './tracing.ts'

/**
 * A job is a hint: whatever it wakes reads the log or a view to learn what is due, so a lost, repeated or reordered job
 * does no harm (promise 1).
 */
export interface NewJob<Data extends JsonObject = JsonObject> {
  readonly queue: string
  readonly name: string
  readonly data: Data
  /**
   * A job with the same key on the same queue that is still waiting, delayed or running isn't added again. Any
   * characters.
   */
  readonly key?: string
  /** Not before; at once when absent. */
  readonly runAt?: Instant
  /** 1 is the most urgent; absent is before every number. */
  readonly priority?: number
  /** What asks for it, for traces; of a job that is there already under its key, those that it came with stay. */
  readonly origins?: readonly TraceOrigin[]
}

export interface Job<Data extends JsonObject = JsonObject> {
  readonly queue: string
  readonly name: string
  readonly data: Data
  /** From 1. */
  readonly attempt: number
  /** Those that it was added with. */
  readonly origins?: readonly TraceOrigin[]
}

/**
 * Throws to be tried again with back-off. `signal` aborts when the runner is closing: finish what is cheap, leave the
 * rest.
 */
export type JobHandler<Data extends JsonObject = JsonObject> = (
  job: Job<Data>,
  signal: AbortSignal,
) => Promise<void>

export interface WorkOptions {
  readonly queue: string
  /** Jobs of this queue that run side by side in this process. */
  readonly concurrency: number
  readonly handler: JobHandler
}

export interface QueueCounts {
  readonly waiting: number
  readonly delayed: number
  readonly active: number
  readonly failed: number
}

/** The port to the queue. Every adapter passes `describeQueueContract` of `@portcullis/core/contracts`. */
export interface Jobs {
  /** Adds jobs, in one round trip where the adapter can. */
  enqueue(jobs: readonly NewJob[]): Promise<void>
  /**
   * Starts running a queue's jobs in this process. Those that failed by a clock that was ahead, and would wait until it
   * gets there once more, are run now.
   */
  work(options: WorkOptions): Promise<void>
  /**
   * Runs a job of that name and queue every so many seconds, first at once; the same key replaces. Repairs itself when
   * the queue was wiped: calling it again is always safe. So does a next run that lies further ahead than one period,
   * as after a clock that was ahead.
   */
  schedule(job: NewJob & { readonly key: string }, everySeconds: number): Promise<void>
  counts(queue: string): Promise<QueueCounts>
  /** Stops taking jobs; those under way finish, or go back to the queue after `graceMs`. */
  close(graceMs?: number): Promise<void>
}
