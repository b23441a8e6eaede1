import type { BackendFactory, IQueueBackend } from 'bullmq'

/** All that differs between BullMQ on PostgreSQL and on Redis. */
export interface BullBackend {
  readonly factory: BackendFactory<IQueueBackend, object>
  /** Redis: before every key of this queue. PostgreSQL has a schema of its own instead. */
  prefixOf(queue: string): string
  /** Makes the server ready for queues (tables); safe to call again and again. */
  prepare(): Promise<void>
  /**
   * Puts right what a wiped server lacks, where this error says so.
   * @returns true when the failed call is worth repeating at once
   */
  repair(error: unknown): Promise<boolean>
  /** Ends what the backend shares between queues; queues and workers are closed before. */
  close(): Promise<void>
}
