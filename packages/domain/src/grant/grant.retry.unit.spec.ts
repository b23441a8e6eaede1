import { toMillis } from '@portcullis/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NOW } from './grant.fixture.ts'
import { retryTime, waitAfter } from './grant.retry.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const ids = Array.from({ length: 200 }, (_, index) => `operation-${index}`)
const wait = (
  operation: 'grant' | 'revoke',
  attempt: number,
  id: string,
  asked: number | null,
): number => toMillis(retryTime(NOW, operation, attempt, id, asked)) - toMillis(NOW)

describe('back-off', () => {
  it.each([
    [1, 5_000],
    [2, 10_000],
    [5, 80_000],
    [10, 2_560_000],
    [11, 3_000_000],
    [500, 3_000_000],
  ])(
    'of failure %i is %i ms, within 20 %%, spread, the same for the same operation',
    (attempt, base) => {
      const waits = ids.map((id) => waitAfter(attempt, id))
      for (const millis of waits) {
        expect(millis).toBeGreaterThanOrEqual(base * 0.8)
        expect(millis).toBeLessThanOrEqual(base * 1.2)
      }
      // Nowhere do many come back at once: no tenth of the time has three times its share.
      const tenths = waits.map((millis) => Math.floor((millis / base - 0.8) * 25))
      for (let tenth = 0; tenth < 10; tenth += 1)
        expect(tenths.filter((each) => each === tenth).length).toBeLessThan((3 * ids.length) / 10)
      expect(ids.map((id) => waitAfter(attempt, id))).toEqual(waits)
    },
  )

  it('never lets a revoke wait for more than an hour, whatever was asked, nor for less than 4 s', () => {
    const anything = fc.tuple(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.string(),
      fc.option(fc.integer({ min: -DAY, max: 400 * DAY })),
    )
    fc.assert(
      fc.property(anything, ([attempt, id, asked]) => {
        const millis = wait('revoke', attempt, id, asked)
        expect(millis).toBeGreaterThanOrEqual(4_000)
        expect(millis).toBeLessThanOrEqual(HOUR)
        expect(wait('grant', attempt, id, asked)).toBeLessThanOrEqual(DAY)
      }),
    )
  })

  it('does as the target asks, and spreads those who are asked for the same', () => {
    for (const operation of ['grant', 'revoke'] as const) {
      const waits = ids.map((id) => wait(operation, 1, id, 600_000))
      for (const millis of waits) {
        expect(millis).toBeGreaterThanOrEqual(600_000)
        expect(millis).toBeLessThanOrEqual(720_000)
      }
      expect(new Set(waits).size).toBeGreaterThan(ids.length / 2)
    }
    expect(wait('grant', 1, 'x', 7 * HOUR)).toBeGreaterThanOrEqual(7 * HOUR)
  })
})
