import { delay } from '@portcullis/postgres'

const FIRST_MILLIS = 50
const LONGEST_MILLIS = 5_000
/** So many in a row without success in between, a minute and a half together: then it is told. */
const MOST = 24

export interface BackOff {
  /** Waits, a little longer each time, give or take a quarter. @returns false when it has been tried often enough, or the signal aborted */
  wait(): Promise<boolean>
  /** It worked: the next failure is a first one. */
  worked(): void
}

export const backOff = (signal: AbortSignal): BackOff => {
  let failures = 0
  return {
    wait: async () => {
      failures += 1
      if (failures > MOST || signal.aborted) return false
      const base = Math.min(FIRST_MILLIS * 2 ** (failures - 1), LONGEST_MILLIS)
      await delay(Math.round(base * (0.75 + Math.random() / 2)), signal)
      return !signal.aborted
    },
    worked: () => {
      failures = 0
    },
  }
}
