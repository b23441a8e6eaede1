import { backOff } from '@portcullis/core'
import { delay } from '@portcullis/postgres'

/** So many in a row without success in between, a minute and a half together: then it is told. */
const MOST = 24
const waitAfter = backOff({
  first: 50,
  longest: 5_000,
  jitter: { less: 0.25, more: 0.25, chance: () => Math.random() },
})

export interface Retries {
  /**
   * Waits, a little longer each time, give or take a quarter.
   * @returns false when it has been tried often enough, or the signal aborted
   */
  wait(): Promise<boolean>
  /** It worked: the next failure is a first one. */
  worked(): void
}

export const createRetries = (signal: AbortSignal): Retries => {
  let failures = 0
  return {
    wait: async () => {
      failures += 1
      if (failures > MOST || signal.aborted) return false
      await delay(waitAfter(failures), signal)
      return !signal.aborted
    },
    worked: () => {
      failures = 0
    },
  }
}
