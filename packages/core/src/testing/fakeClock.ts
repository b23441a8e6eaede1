import { addMillis, type Clock, type Instant } from '../instant.ts'

export interface FakeClock extends Clock {
  /** Sets the time; backwards is allowed, as on a real machine. */
  set(instant: Instant): void
  /** Moves on by milliseconds; negative moves back. */
  advance(millis: number): void
}

/** A clock that stands still until it is told otherwise. */
export const fakeClock = (start: Instant): FakeClock => {
  let current = addMillis(start, 0)
  return {
    now: () => current,
    set: (instant) => {
      current = addMillis(instant, 0)
    },
    advance: (millis) => {
      current = addMillis(current, millis)
    },
  }
}
