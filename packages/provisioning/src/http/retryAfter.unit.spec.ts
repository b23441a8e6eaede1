import { describe, expect, it } from 'vitest'
import { retryAfterMillis } from './retryAfter.ts'

const clock = { now: () => '2026-03-01T09:00:00.000Z' }

describe('Retry-After', () => {
  it.each([
    ['seconds', '90', 90_000],
    ['nothing to wait', '0', 0],
    ['an HTTP date', 'Sun, 01 Mar 2026 09:00:30 GMT', 30_000],
    ['a date of RFC 850', 'Sunday, 01-Mar-26 09:00:30 GMT', 30_000],
    ['a date gone by', 'Sun, 01 Mar 2026 08:00:00 GMT', 0],
    ['more than a day', '9999999', 86_400_000],
    ['a date far off', 'Sun, 01 Mar 2099 08:00:00 GMT', 86_400_000],
    ['words', 'later', undefined],
    ['a negative number', '-5', undefined],
    ['a bare year', '2027', 2_027_000],
    ['an ISO date', '2026-03-01T10:00:00Z', undefined],
    ['no header', null, undefined],
  ])('takes %s', (_, header, millis) => {
    expect(retryAfterMillis(header, clock)).toBe(millis)
  })
})
