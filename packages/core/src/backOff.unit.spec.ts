import { describe, expect, it } from 'vitest'
import { backOff, type Jitter } from './backOff.ts'

const FAILURES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1000, 1_000_000]

describe('back-off', () => {
  it('doubles from the first wait up to the longest, however often it fails', () => {
    expect(FAILURES.map(backOff({ first: 50, longest: 2_000 }))).toEqual([
      ...[50, 50, 100, 200, 400, 800, 1_600, 2_000],
      ...[2_000, 2_000, 2_000, 2_000],
    ])
  })

  it('is never longer than the longest, even at first', () => {
    expect(FAILURES.map(backOff({ first: 5_000, longest: 1_000 }))).toEqual(
      FAILURES.map(() => 1_000),
    )
  })

  const spread = (jitter: Omit<Jitter, 'chance'>, longest = 10_000): readonly number[] =>
    [0, 0.25, 0.5, 0.75, 1].map((chance) =>
      backOff({ first: 1_000, longest, jitter: { ...jitter, chance: () => chance } })(3),
    )

  it('lets chance make it shorter and longer', () => {
    expect(spread({ less: 0.2, more: 0.2 })).toEqual([3_200, 3_600, 4_000, 4_400, 4_800])
    expect(spread({ less: 0.25, more: 0.25 })).toEqual([3_000, 3_500, 4_000, 4_500, 5_000])
  })

  it('lets chance make it only shorter, or only longer', () => {
    expect(spread({ less: 0.2, more: 0 })).toEqual([3_200, 3_400, 3_600, 3_800, 4_000])
    expect(spread({ less: 0, more: 0.2 })).toEqual([4_000, 4_200, 4_400, 4_600, 4_800])
  })

  it('puts the jitter on top of the longest wait', () => {
    expect(spread({ less: 0.2, more: 0.2 }, 2_000)).toEqual([1_600, 1_800, 2_000, 2_200, 2_400])
  })

  it('waits whole milliseconds where there is jitter', () => {
    const third = { less: 0.2, more: 0.2, chance: () => 1 / 3 }
    expect(backOff({ first: 100, longest: 1_000, jitter: third })(1)).toBe(93)
  })
})
