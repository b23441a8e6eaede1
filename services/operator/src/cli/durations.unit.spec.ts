import { describe, expect, it } from 'vitest'
import { ageOf, durationMillis } from './durations.ts'

describe('durations', () => {
  it.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['1h', 3_600_000],
    ['2d', 172_800_000],
    ['1.5h', undefined],
    ['h', undefined],
    ['10', undefined],
    ['-1h', undefined],
  ])('reads %s as %s', (text, millis) => expect(durationMillis(text)).toBe(millis))

  it.each([
    ['2026-06-01T08:00:00.000Z', '0s'],
    ['2026-06-01T07:59:59.001Z', '0s'],
    ['2026-06-01T07:59:15.000Z', '45s'],
    ['2026-06-01T07:47:55.000Z', '12m 5s'],
    ['2026-06-01T07:00:00.000Z', '1h 0m'],
    ['2026-05-29T03:59:00.000Z', '3d 4h'],
    ['2026-06-02T00:00:00.000Z', '0s'],
  ])('says how long ago %s was: %s', (instant, age) =>
    expect(ageOf(instant, Date.parse('2026-06-01T08:00:00.000Z'))).toBe(age),
  )
})
