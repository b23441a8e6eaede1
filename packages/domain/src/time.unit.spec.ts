import fc from 'fast-check'
import { DateTime } from 'luxon'
import { describe, expect, it } from 'vitest'
import { addDays, addHours, endOfDate, expirationEnd, isZone, reminderTimes } from './time.ts'

const BERLIN = 'Europe/Berlin'

describe('addDays', () => {
  it.each([
    ['an ordinary day', '2026-05-01T08:00:00.000Z', 1, BERLIN, '2026-05-02T08:00:00.000Z'],
    ['a short day (DST begins)', '2026-03-28T11:00:00.000Z', 1, BERLIN, '2026-03-29T10:00:00.000Z'],
    ['a long day (DST ends)', '2026-10-24T10:00:00.000Z', 1, BERLIN, '2026-10-25T11:00:00.000Z'],
    ['back over DST', '2026-03-29T10:00:00.000Z', -1, BERLIN, '2026-03-28T11:00:00.000Z'],
    ['a leap day', '2028-02-28T12:00:00.000Z', 1, 'UTC', '2028-02-29T12:00:00.000Z'],
    ['no leap day', '2027-02-28T12:00:00.000Z', 1, 'UTC', '2027-03-01T12:00:00.000Z'],
    ['from a leap day', '2028-02-29T12:00:00.000Z', 366, 'UTC', '2029-03-01T12:00:00.000Z'],
    ['milliseconds', '2026-05-01T08:00:00.123Z', 2, BERLIN, '2026-05-03T08:00:00.123Z'],
    [
      'half an hour of DST',
      '2026-10-03T12:00:00.000Z',
      1,
      'Australia/Lord_Howe',
      '2026-10-04T11:30:00.000Z',
    ],
  ])('%s', (_what, from, days, zone, expected) => {
    expect(addDays(from, days, zone)).toBe(expected)
  })

  it('moves a skipped time of day on by the gap: 02:30 becomes 03:30', () => {
    expect(addDays('2026-03-28T01:30:00.000Z', 1, BERLIN)).toBe('2026-03-29T01:30:00.000Z')
    expect(addDays('2026-03-30T00:30:00.000Z', -1, BERLIN)).toBe('2026-03-29T01:30:00.000Z')
  })

  it('takes the first of a repeated time of day, from whichever side it comes', () => {
    expect(addDays('2026-10-24T00:30:00.000Z', 1, BERLIN)).toBe('2026-10-25T00:30:00.000Z')
    expect(addDays('2026-10-26T01:30:00.000Z', -1, BERLIN)).toBe('2026-10-25T00:30:00.000Z')
  })

  it('passes over a day that a zone left out', () => {
    expect(addDays('2011-12-29T22:00:00.000Z', 1, 'Pacific/Apia')).toBe('2011-12-30T22:00:00.000Z')
  })

  it('throws on what is no instant or no zone', () => {
    expect(() => addDays('tomorrow', 1, BERLIN)).toThrow(RangeError)
    expect(() => addDays('2026-05-01T08:00:00.000Z', 1, 'Mars/Olympus')).toThrow(RangeError)
  })
})

describe('whatever the zone and the clock change', () => {
  const zones = [
    BERLIN,
    'America/Havana',
    'Australia/Lord_Howe',
    'America/Sao_Paulo',
    'Africa/Cairo',
  ]
  const aroundChanges = fc
    .tuple(
      fc.constantFrom(
        '2017-02-18',
        '2018-11-04',
        '2026-03-29',
        '2026-04-05',
        '2026-04-24',
        '2026-10-25',
        '2026-11-01',
      ),
      fc.integer({ min: -36 * 60, max: 60 * 60 }),
    )
    .map(([date, minutes]) => new Date(Date.parse(date) + minutes * 60_000).toISOString())

  it('addDays takes the first moment of the local time, by luxon’s own reckoning', () => {
    fc.assert(
      fc.property(
        aroundChanges,
        fc.integer({ min: -40, max: 40 }),
        fc.constantFrom(...zones),
        (target, days, zone) => {
          const from = addDays(target, -days, zone)
          const reached = DateTime.fromISO(addDays(from, days, zone), { zone })
          const all = reached.getPossibleOffsets().map((moment) => moment.toMillis())
          expect(reached.toMillis()).toBe(Math.min(...all))
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('endOfDate', () => {
  it.each([
    ['in UTC', '2026-12-31', 'UTC', '2027-01-01T00:00:00.000Z'],
    ['in summer', '2026-06-30', BERLIN, '2026-06-30T22:00:00.000Z'],
    ['on a leap day', '2028-02-29', BERLIN, '2028-02-29T23:00:00.000Z'],
    ['on the short day', '2026-03-29', BERLIN, '2026-03-29T22:00:00.000Z'],
    ['on the long day', '2026-10-25', BERLIN, '2026-10-25T23:00:00.000Z'],
    ['where midnight is skipped', '2018-11-03', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
    ['where midnight comes twice', '2026-10-31', 'America/Havana', '2026-11-01T04:00:00.000Z'],
    ['west of the date line', '2026-06-30', 'Pacific/Honolulu', '2026-07-01T10:00:00.000Z'],
  ])('%s', (_what, date, zone, expected) => {
    expect(endOfDate(date, zone)).toBe(expected)
  })
})

describe('isZone', () => {
  it.each([BERLIN, 'UTC', 'America/Argentina/Buenos_Aires'])('knows %s', (zone) => {
    expect(isZone(zone)).toBe(true)
  })
  it.each(['', 'Mars/Olympus', '+01:00', '-0300', 'local', 'Europe'])('refuses "%s"', (zone) => {
    expect(isZone(zone)).toBe(false)
  })
})

describe('expirationEnd', () => {
  const from = '2026-03-28T11:00:00.000Z'
  it('never, on a date, after days, after hours (S14)', () => {
    expect(expirationEnd({ kind: 'never' }, from, BERLIN)).toBeNull()
    expect(expirationEnd({ kind: 'onDate', date: '2026-06-30' }, from, BERLIN)).toBe(
      '2026-06-30T22:00:00.000Z',
    )
    expect(expirationEnd({ kind: 'afterDays', days: 1 }, from, BERLIN)).toBe(
      '2026-03-29T10:00:00.000Z',
    )
    expect(expirationEnd({ kind: 'afterHours', hours: 24 }, from, BERLIN)).toBe(
      '2026-03-29T11:00:00.000Z',
    )
  })
})

describe('reminderTimes', () => {
  const endAt = '2026-04-05T10:00:00.000Z'
  const p14 = { offset: 'P14D', at: '2026-03-22T11:00:00.000Z' }
  const p1 = { offset: 'P1D', at: '2026-04-04T10:00:00.000Z' }
  it('14 days and 1 day before, by the calendar', () => {
    expect(reminderTimes(endAt, '2026-03-01T00:00:00.000Z', BERLIN)).toEqual([p14, p1])
  })
  it('only what is strictly ahead', () => {
    expect(reminderTimes(endAt, '2026-03-22T10:59:59.999Z', BERLIN)).toEqual([p14, p1])
    expect(reminderTimes(endAt, p14.at, BERLIN)).toEqual([p1])
    expect(reminderTimes(endAt, p1.at, BERLIN)).toEqual([])
  })
})

describe('addHours', () => {
  it('is exact across a clock change', () => {
    expect(addHours('2026-03-28T11:00:00.000Z', 24)).toBe('2026-03-29T11:00:00.000Z')
  })
})
