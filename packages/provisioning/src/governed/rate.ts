import { type Clock, toMillis } from '@portcullis/core'

export interface RateLimits {
  /** Calls a second in the long run; null: as many as the bulkhead lets in. */
  readonly perSecond: number | null
  /** Calls at once after a quiet time. */
  readonly burst: number
}

/** A token bucket: a call takes one. */
export interface Rate {
  /** Takes one where there is one. */
  tryTake(): boolean
  /** Milliseconds until the count-th from now can be had. */
  waitMillis(count: number): number
}

const UNLIMITED: Rate = { tryTake: () => true, waitMillis: () => 0 }

export const createRate = ({ perSecond, burst }: RateLimits, clock: Clock): Rate => {
  if (perSecond === null) return UNLIMITED
  let tokens = burst
  let filledAt = toMillis(clock.now())

  const fill = (): void => {
    const now = toMillis(clock.now())
    // A clock that goes back gives nothing, and takes nothing away.
    tokens = Math.min(burst, tokens + (Math.max(0, now - filledAt) * perSecond) / 1000)
    filledAt = now
  }

  return {
    tryTake: () => {
      fill()
      if (tokens < 1) return false
      tokens -= 1
      return true
    },
    waitMillis: (count) => {
      fill()
      return Math.max(0, Math.ceil(((count - tokens) * 1000) / perSecond))
    },
  }
}
