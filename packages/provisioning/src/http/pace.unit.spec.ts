import { fromMillis } from '@portcullis/core'
import { describe, expect, it } from 'vitest'
import { createPace, TooMany } from './pace.ts'

const { signal } = new AbortController()

/** Time that goes on only when everybody waits. */
const logicalTime = () => {
  let now = 1_000_000
  const waiting: { readonly at: number; readonly wake: () => void }[] = []
  return {
    now: () => now,
    set: (millis: number) => {
      now = millis
    },
    clock: { now: () => fromMillis(now) },
    sleep: (millis: number) =>
      new Promise<void>((wake) => {
        waiting.push({ at: now + millis, wake })
      }),
    /** Lets everything happen that is due, for so long. */
    pass: async (millis: number) => {
      const end = now + millis
      for (;;) {
        await new Promise(setImmediate)
        const [next] = waiting.sort((a, b) => a.at - b.at)
        if (next === undefined || next.at > end) break
        waiting.shift()
        now = Math.max(now, next.at)
        next.wake()
      }
      now = end
    },
  }
}

/** A target that takes so many requests in each second of the clock. */
const limited = (perSecond: number, now: () => number) => {
  const taken = new Map<number, number>()
  return (): boolean => {
    const second = Math.floor(now() / 1000)
    const count = (taken.get(second) ?? 0) + 1
    if (count > perSecond) return false
    taken.set(second, count)
    return true
  }
}

describe('the pace of a target', () => {
  const run = async (perSecond: number, requests: number, asked: number | undefined) => {
    const time = logicalTime()
    const pace = createPace(time.clock, time.sleep)
    const takes = limited(perSecond, time.now)
    const refusedAt: number[] = []
    let done = 0
    const send = async (): Promise<void> => {
      for (;;) {
        const turn = await pace.turn(signal)
        if (takes()) {
          turn.taken()
          done += 1
          return
        }
        refusedAt.push(time.now())
        turn.tooMany(asked)
      }
    }
    // Eight callers, each with one request after the other.
    const callers = Array.from({ length: 8 }, async () => {
      for (let left = requests / 8; left > 0; left -= 1) await send()
    })
    const began = time.now()
    while (done < requests && time.now() - began < 600_000) await time.pass(1_000)
    await Promise.all(done < requests ? [] : callers)
    return { done, refused: refusedAt.length, seconds: (time.now() - began) / 1000 }
  }

  it.each([
    [40, 800, 1_000],
    [40, 800, undefined],
    [5, 200, 1_000],
    [1, 40, undefined],
    [500, 4_000, 2_000],
  ])(
    'is found: %i a second, %i requests, Retry-After %s ms',
    async (perSecond, requests, asked) => {
      const { done, refused, seconds } = await run(perSecond, requests, asked)
      expect(done).toBe(requests)
      // At most one in ten, and the eight of the start.
      expect(refused).toBeLessThan(8 + requests / 10)
      expect(seconds).toBeLessThan(10 + (2 * requests) / perSecond)
    },
  )

  it('is as fast as it is called while nothing is too many', async () => {
    const { refused, seconds } = await run(100_000, 1_000, undefined)
    expect({ refused, seconds }).toEqual({ refused: 0, seconds: 1 })
  })

  it('is told at once to whoever would wait for long, until that time has come', async () => {
    const time = logicalTime()
    const pace = createPace(time.clock, time.sleep)
    const turn = await pace.turn(signal)
    expect(turn.tooMany(120_000)).toBe(120_000)
    await expect(pace.turn(signal)).rejects.toEqual(new TooMany(120_000))
    time.set(time.now() + 116_000)
    const next = pace.turn(signal)
    await time.pass(4_000)
    await next
  })

  it('does not wait for a clock that was set back', async () => {
    const time = logicalTime()
    const pace = createPace(time.clock, time.sleep)
    const turn = await pace.turn(signal)
    turn.tooMany(2_000)
    time.set(time.now() - 900_000)
    const next = pace.turn(signal)
    await time.pass(2_000)
    await next
  })

  it('lets a caller go that has given up', async () => {
    const time = logicalTime()
    const pace = createPace(time.clock, time.sleep)
    await expect(pace.turn(AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop')
  })
})
