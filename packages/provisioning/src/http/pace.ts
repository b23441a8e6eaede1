import { setTimeout as delay } from 'node:timers/promises'
import { backOff, type Clock, toMillis } from '@portcullis/core'

/** Waits so many milliseconds; throws the signal's reason when it aborts. */
export type Sleep = (millis: number, signal: AbortSignal) => Promise<void>

export const sleepForReal: Sleep = async (millis, signal) => {
  try {
    await delay(millis, undefined, { signal })
  } catch (error) {
    signal.throwIfAborted()
    throw error
  }
}

/**
 * How fast one target takes requests, learnt from its "too many" (429) and shared by everything that is under way with
 * it.
 */
export interface Pace {
  /**
   * Waits until the next request may be sent.
   * @returns what is told how it went; that one was taken, or was one too many (with the wait asked for, milliseconds)
   * @throws TooMany at once when the target wants to be left alone for longer than is waited here; the signal's reason
   */
  turn(signal: AbortSignal): Promise<Turn>
}

export interface Turn {
  taken(): void
  /** @returns how long the target wants to be left alone from now on, milliseconds */
  tooMany(askedMillis: number | undefined): number
}

/** The target wants to be left alone for longer than a request waits for its turn. */
export class TooMany extends Error {
  readonly waitMillis: number
  constructor(waitMillis: number) {
    super(`the target wants no request for ${Math.ceil(waitMillis)} ms`)
    this.name = 'TooMany'
    this.waitMillis = waitMillis
  }
}

/** Longer than this is the business of the one who keeps calls away from the target. */
export const LONGEST_PAUSE = 5_000
/** Where the target doesn't say how long, milliseconds; twice as long each time in a row. */
const pauseAfter = backOff({ first: 1_000, longest: LONGEST_PAUSE })
/** Part of what the target took in the last second that is sent from then on. */
const LESS = 0.8
const SLOWEST_PER_SECOND = 0.5
/** Requests a second more for each request that goes well: 3 % more a second. */
const FASTER = 0.03
const SECOND = 1_000

/**
 * Sends as fast as it is called until the target first says "too many"; then at four fifths of what it took in the
 * second before, evenly, and a little faster with each request that goes well. All requests that were sent before a
 * slowing down count as one "too many".
 */
export const createPace = (clock: Clock, sleep: Sleep): Pace => {
  let perSecond = Number.POSITIVE_INFINITY
  let nextAt = 0
  let pausedUntil = 0
  let pauses = 0
  let inARow = 0
  let slowings = 0
  let lastSeen = 0
  /** When requests of the last second were taken. */
  let takenAt: number[] = []

  /** A clock that is set back takes what lies ahead with it. */
  const now = (): number => {
    const at = toMillis(clock.now())
    if (at < lastSeen) {
      const back = lastSeen - at
      nextAt -= back
      pausedUntil -= back
      takenAt = []
    }
    lastSeen = at
    return at
  }

  const slowDown = (at: number): void => {
    const recent = takenAt.filter((taken) => taken > at - SECOND).length
    perSecond = Math.max(SLOWEST_PER_SECOND, Math.min(perSecond, Math.max(recent, 1)) * LESS)
    nextAt = 0
    slowings += 1
  }

  return {
    turn: async (signal) => {
      for (;;) {
        signal.throwIfAborted()
        const at = now()
        if (pausedUntil - at > LONGEST_PAUSE) throw new TooMany(pausedUntil - at)
        const mine = Math.max(at, nextAt, pausedUntil)
        nextAt = mine + SECOND / perSecond
        const seen = pauses
        if (mine > at) await sleep(mine - at, signal)
        // Who was told to stop meanwhile waits again.
        if (seen === pauses) break
      }
      const sentIn = slowings
      return {
        taken: () => {
          const at = now()
          inARow = 0
          takenAt = [...takenAt.filter((taken) => taken > at - SECOND), at]
          if (sentIn === slowings) perSecond += FASTER
        },
        tooMany: (askedMillis) => {
          const at = now()
          if (sentIn === slowings) {
            slowDown(at)
            inARow += 1
          }
          const until = at + (askedMillis ?? pauseAfter(inARow))
          if (until > pausedUntil) {
            pausedUntil = until
            pauses += 1
          }
          return Math.max(0, pausedUntil - at)
        },
      }
    },
  }
}
