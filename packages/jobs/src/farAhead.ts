/** Clocks of machines that share a queue may differ by so much, milliseconds. */
const MOST_DIFFERENCE = 10_000

/**
 * Whether the next run of a schedule lies further ahead than one period, by which it may: a clock that was ahead has
 * put it there, and nobody would run it until the clock gets there once more.
 * Of a short period one more is allowed for: the one who schedules while a run begins may read the run after the next.
 * @param nextMillis and `nowMillis`: milliseconds since the epoch
 */
export const isTooFarAhead = (
  nextMillis: number,
  everySeconds: number,
  nowMillis: number,
): boolean => {
  const period = everySeconds * 1000
  return nextMillis - nowMillis > period + Math.min(period, MOST_DIFFERENCE)
}

/**
 * Whether something was tried at a time that now lies ahead: by a clock that was ahead, so that how long it waits means
 * nothing.
 */
export const wasTriedAhead = (triedMillis: number, nowMillis: number): boolean =>
  triedMillis - nowMillis > MOST_DIFFERENCE
