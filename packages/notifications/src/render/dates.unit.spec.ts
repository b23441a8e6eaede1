import { describe, expect, it } from 'vitest'
import { dateStyleOf, longDate, shortDate } from './dates.ts'

const at = '2026-10-25T00:30:00.000Z'

describe('dates', () => {
  it('name the zone and its offset then, on both sides of a clock change', () => {
    const style = dateStyleOf({ locale: 'en-GB', zone: 'Europe/Berlin' }, { zone: 'UTC' })
    expect(longDate(at, style)).toMatch(
      /^Sunday,? 25 October 2026 at 02:30 \(Europe\/Berlin, UTC\+2\)$/,
    )
    expect(longDate('2026-10-25T01:30:00.000Z', style)).toMatch(
      /^Sunday,? 25 October 2026 at 02:30 \(Europe\/Berlin, UTC\+1\)$/,
    )
  })

  it('follow the recipient', () => {
    const style = dateStyleOf({ locale: 'ja-JP', zone: 'Asia/Kolkata' }, { zone: 'UTC' })
    expect(longDate(at, style)).toContain('2026年10月25日')
    expect(longDate(at, style)).toContain('06:00 (Asia/Kolkata, UTC+5:30)')
    expect(shortDate(at, style)).toBe('2026年10月25日')
  })

  it.each([
    [{ locale: 'not a locale', zone: 'Mars/Olympus' }],
    [{ locale: '', zone: null }],
    [{ locale: 'zz-ZZ', zone: '' }],
  ])('fall back for %o', (recipient) => {
    const text = longDate(at, dateStyleOf(recipient, { zone: 'UTC' }))
    expect(text).toMatch(/October.*\(UTC, UTC\)$/)
  })
})
