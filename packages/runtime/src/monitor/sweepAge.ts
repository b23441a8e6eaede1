import { type Clock, type Instant, toMillis } from '@portcullis/core'

/** So many sweeps may be missing. */
const PERIODS = 3
/** Clocks of machines differ. */
const TOLERANCE = 60_000

/**
 * For how long no sweep has ended. A sweep that ended in the future tells nothing, it was timed by a clock that was
 * ahead; nor does a time before this process began to look, until it has waited for itself.
 * @returns ask it with the last sweep's end; gives seconds, and whether that is longer than three periods
 */
export const createSweepAge = (
  clock: Clock,
  periodSeconds: number,
): ((last: Instant | undefined) => { readonly seconds: number; readonly late: boolean }) => {
  let begun = clock.now()
  return (last) => {
    const now = clock.now()
    if (begun > now) begun = now
    const known = last !== undefined && toMillis(last) - toMillis(now) <= TOLERANCE
    const since = known && last > begun ? last : begun
    const age = (from: Instant): number => Math.max(0, (toMillis(now) - toMillis(from)) / 1000)
    return {
      seconds: Math.round(age(known ? last : begun)),
      late: age(since) > PERIODS * periodSeconds,
    }
  }
}
