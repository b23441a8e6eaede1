import { setTimeout as delay } from 'node:timers/promises'
import type { EventBatch, ReadAllOptions, SubscribeOptions } from '@portcullis/core'
import type { LogSignal } from './logSignal.ts'

export interface SubscriptionSource {
  readAll(options: ReadAllOptions): Promise<EventBatch>
  readonly signal: LogSignal
  /** Aborts when the store is closed. */
  readonly closed: AbortSignal
  /** Reads again after so long, whatever the signal says; never when absent. */
  readonly pollMs?: number
  /**
   * While the log grows fast, its end is read so much later: in fewer and larger batches. Less than a tenth of a
   * second; not at all when absent.
   */
  readonly lingerMs?: number
}

/** Events since the last batch from which on the log grows fast. */
const MANY_EVENTS = 100n

/**
 * Catch-up, then live: reads on from where the last batch ended, so that nothing is skipped or seen twice however it is
 * woken.
 * Yields a batch whenever the position moved, also when only events of other types did it.
 */
export async function* followLog(
  source: SubscriptionSource,
  options: SubscribeOptions,
): AsyncGenerator<EventBatch, void, undefined> {
  const { batchSize, types } = options
  const signal = AbortSignal.any([options.signal, source.closed])
  let after = options.after
  while (!signal.aborted) {
    const batch = await source.readAll({
      after,
      limit: batchSize,
      ...(types === undefined ? {} : { types }),
    })
    if (signal.aborted) return
    const { lingerMs } = source
    const fast = batch.position - after >= MANY_EVENTS
    if (batch.position > after) {
      after = batch.position
      yield batch
    }
    if (!batch.caughtUp) continue
    if (fast && lingerMs !== undefined) await delay(lingerMs, undefined, { signal }).catch(() => {})
    await source.signal.waitBeyond(after, signal, source.pollMs)
  }
}
