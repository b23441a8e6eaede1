import { addMillis, type Clock, type Instant, toMillis } from '@portcullis/core'

/** Time as it is, and as the machine's clock shows it. */
export interface SimulatedTime extends Clock {
  /** Milliseconds gone by, whatever the clock did. */
  elapsed(): number
  /** How far the clock was set back since it showed its latest time, milliseconds. */
  behind(): number
  /** Time goes by; a negative number only sets the clock back. */
  pass(millis: number): void
}

/** The evening before clocks go forward in Berlin. */
const BEGIN = '2026-03-28T17:00:00.000Z'

export const createTime = (): SimulatedTime => {
  let now: Instant = BEGIN
  let elapsed = 0
  let latest = now
  return {
    now: () => now,
    elapsed: () => elapsed,
    behind: () => toMillis(latest) - toMillis(now),
    pass: (millis) => {
      now = addMillis(now, millis)
      if (now > latest) latest = now
      elapsed += Math.max(0, millis)
    },
  }
}
