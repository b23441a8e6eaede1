import { describe, expect, it } from 'vitest'
import { directionOf, languageOf, localeOf } from './language.ts'
import { createMoments } from './moments.ts'

const AT = '2026-12-01T12:00:00.000Z'
const now = Date.parse(AT)
const { relative, full, date } = createMoments('en-GB', 'Asia/Tokyo')

describe('an instant', () => {
  it.each([
    ['2026-12-01T12:00:30.000Z', 'this minute'],
    ['2026-12-01T12:45:00.000Z', 'in 45 minutes'],
    ['2026-12-01T13:59:00.000Z', 'in 1 hour'],
    ['2026-12-02T12:00:00.000Z', 'tomorrow'],
    ['2026-11-21T12:00:00.000Z', '10 days ago'],
    ['2027-03-01T12:00:00.000Z', 'in 3 months'],
    ['2036-12-01T12:00:00.000Z', 'in 10 years'],
  ])('%s is %s', (instant, text) => {
    expect(relative(instant, now)).toBe(text)
  })

  it('is told in the person’s zone, and in the browser’s where theirs is unknown', () => {
    expect(full(AT)).toBe('1 December 2026 at 21:00')
    const { zone } = createMoments('en', 'Mars/Olympus')
    expect(zone).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone)
  })

  it('a day is the same day in every zone', () => {
    expect(date('2026-12-31')).toBe('31 December 2026')
    expect(createMoments('en-GB', 'Pacific/Honolulu').date('2026-12-31')).toBe('31 December 2026')
  })
})

describe('the language', () => {
  it.each([
    [['de-CH', 'en'], 'de'],
    [[null, 'AR-eg'], 'ar'],
    [['nl', 'fr'], 'en'],
    [['nl', 'de'], 'de'],
    [[], 'en'],
  ])('of %j is %s', (tags, language) => {
    expect(languageOf(tags)).toBe(language)
  })

  it('and its dates never differ', () => {
    expect(localeOf('de', 'de-CH')).toBe('de-CH')
    expect(localeOf('en', 'nl-NL')).toBe('en-GB')
    expect(localeOf('ar', 'de')).toBe('ar-u-nu-latn')
    expect([directionOf('ar'), directionOf('de')]).toEqual(['rtl', 'ltr'])
  })
})
