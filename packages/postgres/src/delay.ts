/** A longer one Node takes for a millisecond. */
const LONGEST_TIMER = 2_147_483_647

/**
 * What Node's timers can take: what was computed may be less than nothing, more than they hold, or no number, and each
 * of these would be a millisecond and a warning.
 */
export const timerMillis = (millis: number): number =>
  millis > 0 ? Math.min(millis, LONGEST_TIMER) : 0

/** Waits so many milliseconds, or less when the signal aborts; never throws. */
export const delay = (millis: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, timerMillis(millis))
    signal.addEventListener('abort', done)
  })
