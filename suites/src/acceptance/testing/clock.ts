import { addMillis, type Clock, fromMillis, type Instant, toMillis } from '@portcullis/core'

/** A clock that stands still until it is moved, or, once let go, runs on from where it stood as the machine's does. */
export interface MovableClock extends Clock {
  /** Backwards is allowed, as on a real machine. */
  set(instant: Instant): void
  /** Runs from now on. */
  letRun(): void
  /** Stands still again, at the moment that it shows. */
  hold(): void
}

export const movableClock = (start: Instant): MovableClock => {
  let base = addMillis(start, 0)
  /** Milliseconds of the machine's monotonic clock; undefined: stands still. */
  let running: number | undefined
  const now = (): Instant =>
    running === undefined
      ? base
      : fromMillis(toMillis(base) + Math.floor(performance.now() - running))
  return {
    now,
    set: (instant) => {
      base = addMillis(instant, 0)
      if (running !== undefined) running = performance.now()
    },
    letRun: () => {
      running = performance.now()
    },
    hold: () => {
      base = now()
      running = undefined
    },
  }
}
