import { delay } from '@portcullis/postgres'
import { createRunner, type RunnerOptions } from './runner.ts'

/** Between two beats: a lease outlives some that come late. */
export const BEAT_MILLIS = 1_500

/**
 * Runs its share of the subscriptions, as one of any number of processes that offer them: each has one owner at a time.
 * Another process takes over what a clean stop leaves at once, what a dead one leaves at the next beat, what a frozen
 * one leaves when its lease has run out.
 * While the database can't be reached it goes on trying; nothing can be written meanwhile.
 * @returns when the signal has aborted, the batches under way are done and the leases are given up
 */
export const runLeased = async (
  options: Omit<RunnerOptions, 'onStir'> & { readonly signal: AbortSignal },
): Promise<void> => {
  const { signal, onProblem } = options
  let stirred = new AbortController()
  const stir = (): void => stirred.abort()
  const runner = createRunner({ ...options, onStir: stir })
  signal.addEventListener('abort', stir)
  while (!signal.aborted) {
    stirred = new AbortController()
    try {
      await runner.look()
    } catch (error) {
      onProblem?.({ name: 'leases', kind: 'retrying', error, position: undefined })
    }
    if (!signal.aborted) await delay(BEAT_MILLIS, stirred.signal)
  }
  signal.removeEventListener('abort', stir)
  try {
    await runner.stop()
  } catch (error) {
    // The leases run out by themselves.
    onProblem?.({ name: 'leases', kind: 'retrying', error, position: undefined })
  }
}
