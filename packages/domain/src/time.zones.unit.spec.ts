import { toMillis } from '@portcullis/core'
import { describe, expect, it } from 'vitest'
import { addDays, endOfDate, expirationEnd, reminderTimes } from './time.ts'

/**
 * Days on which clocks change, and leap days: where each begins and ends, and how many minutes it has. Worked out with
 * another implementation (Python's zoneinfo).
 * Among them: zones of half and three quarter hours, a change of half an hour, changes at midnight in both directions,
 * and both hemispheres.
 */
const DAYS: readonly (readonly [
  zone: string,
  date: string,
  begin: string,
  end: string,
  minutes: number,
])[] = [
  ['Europe/Berlin', '2027-03-28', '2027-03-27T23:00:00.000Z', '2027-03-28T22:00:00.000Z', 1380],
  ['Europe/Berlin', '2027-10-31', '2027-10-30T22:00:00.000Z', '2027-10-31T23:00:00.000Z', 1500],
  ['Europe/Dublin', '2027-03-28', '2027-03-28T00:00:00.000Z', '2027-03-28T23:00:00.000Z', 1380],
  ['Europe/Dublin', '2027-10-31', '2027-10-30T23:00:00.000Z', '2027-11-01T00:00:00.000Z', 1500],
  ['America/New_York', '2027-03-14', '2027-03-14T05:00:00.000Z', '2027-03-15T04:00:00.000Z', 1380],
  ['America/New_York', '2027-11-07', '2027-11-07T04:00:00.000Z', '2027-11-08T05:00:00.000Z', 1500],
  ['America/St_Johns', '2027-03-14', '2027-03-14T03:30:00.000Z', '2027-03-15T02:30:00.000Z', 1380],
  ['America/St_Johns', '2027-11-07', '2027-11-07T02:30:00.000Z', '2027-11-08T03:30:00.000Z', 1500],
  ['America/Santiago', '2027-04-03', '2027-04-03T03:00:00.000Z', '2027-04-04T04:00:00.000Z', 1500],
  ['America/Santiago', '2027-09-05', '2027-09-05T04:00:00.000Z', '2027-09-06T03:00:00.000Z', 1380],
  ['Africa/Cairo', '2027-04-30', '2027-04-29T22:00:00.000Z', '2027-04-30T21:00:00.000Z', 1380],
  ['Africa/Cairo', '2027-10-28', '2027-10-27T21:00:00.000Z', '2027-10-28T22:00:00.000Z', 1500],
  ['Asia/Kolkata', '2027-03-28', '2027-03-27T18:30:00.000Z', '2027-03-28T18:30:00.000Z', 1440],
  ['Asia/Kathmandu', '2027-03-28', '2027-03-27T18:15:00.000Z', '2027-03-28T18:15:00.000Z', 1440],
  [
    'Australia/Adelaide',
    '2027-04-04',
    '2027-04-03T13:30:00.000Z',
    '2027-04-04T14:30:00.000Z',
    1500,
  ],
  [
    'Australia/Adelaide',
    '2027-10-03',
    '2027-10-02T14:30:00.000Z',
    '2027-10-03T13:30:00.000Z',
    1380,
  ],
  [
    'Australia/Lord_Howe',
    '2027-04-04',
    '2027-04-03T13:00:00.000Z',
    '2027-04-04T13:30:00.000Z',
    1470,
  ],
  [
    'Australia/Lord_Howe',
    '2027-10-03',
    '2027-10-02T13:30:00.000Z',
    '2027-10-03T13:00:00.000Z',
    1410,
  ],
  ['Pacific/Chatham', '2027-04-04', '2027-04-03T10:15:00.000Z', '2027-04-04T11:15:00.000Z', 1500],
  ['Pacific/Chatham', '2027-09-26', '2027-09-25T11:15:00.000Z', '2027-09-26T10:15:00.000Z', 1380],
  ['Europe/Berlin', '2028-02-29', '2028-02-28T23:00:00.000Z', '2028-02-29T23:00:00.000Z', 1440],
  ['Asia/Kolkata', '2028-02-29', '2028-02-28T18:30:00.000Z', '2028-02-29T18:30:00.000Z', 1440],
  ['Pacific/Chatham', '2028-02-29', '2028-02-28T10:15:00.000Z', '2028-02-29T10:15:00.000Z', 1440],
  ['America/Santiago', '2028-02-29', '2028-02-29T03:00:00.000Z', '2028-03-01T03:00:00.000Z', 1440],
]

const DAY_BEFORE = 86_400_000

describe.each(DAYS)('in %s, %s', (zone, date, begin, end, minutes) => {
  it(`ends when the day is over, after ${minutes / 60} hours`, () => {
    expect(endOfDate(date, zone)).toBe(end)
    expect(expirationEnd({ kind: 'onDate', date }, begin, zone)).toBe(end)
    expect((toMillis(end) - toMillis(begin)) / 60_000).toBe(minutes)
    const before = new Date(Date.parse(date) - DAY_BEFORE).toISOString().slice(0, 10)
    expect(endOfDate(before, zone)).toBe(begin)
  })

  it('is reminded of one day ahead when the day begins', () => {
    const [reminder] = reminderTimes(end, addDays(end, -2, zone), zone)
    expect(reminder).toEqual({ offset: 'P1D', at: begin })
  })

  it('is one day for what lasts a day, at the same time of day', () => {
    const timeOfDay = (at: string): string =>
      new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeStyle: 'short' }).format(new Date(at))
    const from = new Date(toMillis(begin) - 6 * 3_600_000).toISOString()
    const until = expirationEnd({ kind: 'afterDays', days: 1 }, from, zone) ?? ''
    expect(timeOfDay(until)).toBe(timeOfDay(from))
    expect(toMillis(until)).toBeGreaterThan(toMillis(begin))
    expect(toMillis(until)).toBeLessThan(toMillis(end))
  })
})
