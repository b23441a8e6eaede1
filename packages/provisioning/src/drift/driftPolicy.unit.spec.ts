import { describe, expect, it } from 'vitest'
import { DEFAULT_DRIFT_POLICY, driftPolicyOf, driftSchema } from './driftPolicy.ts'

describe('what is done about drift', () => {
  it('is to repair what is missing, and to report the rest, once a day', () => {
    expect(driftPolicyOf()).toEqual(DEFAULT_DRIFT_POLICY)
    expect(DEFAULT_DRIFT_POLICY).toEqual({
      everyMillis: 86_400_000,
      repairMissing: true,
      removeUnexpected: false,
      removeAtMost: 100,
    })
  })

  it.each([
    ['90m', 5_400_000],
    ['12h', 43_200_000],
    ['7d', 604_800_000],
    ['never', null],
  ])('every %s', (every, everyMillis) => {
    expect(driftPolicyOf(driftSchema.parse({ every }))).toEqual({
      ...DEFAULT_DRIFT_POLICY,
      everyMillis,
    })
  })

  it.each(['', '0h', '24', '1w', '-1h', '1.5h'])('refuses every "%s"', (every) => {
    expect(driftSchema.safeParse({ every }).error?.issues[0]?.message).toContain('like 90m')
  })
})
