import { addMillis, fromMillis, type Instant, toMillis } from '@portcullis/core'
import { DateTime, IANAZone } from 'luxon'
import type { Expiration } from './policyTerms.ts'

/** How long before the end of an assignment its subject is reminded. */
export type ReminderOffset = 'P14D' | 'P1D'

// The only file with a calendar in it. Instants are worked out once, when something is decided, and stored; nobody does
// this sum again.

export interface Reminder {
  readonly offset: ReminderOffset
  readonly at: Instant
}

const REMINDER_DAYS: readonly (readonly [ReminderOffset, number])[] = [
  ['P14D', 14],
  ['P1D', 1],
]
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/**
 * Is this the name of an IANA time zone that the runtime knows (`Europe/Berlin`, `UTC`)? Bare offsets such as `+01:00`
 * aren't.
 */
export const isZone = (zone: string): boolean =>
  /^[A-Za-z]/.test(zone) && IANAZone.isValidZone(zone)

const valid = (moment: DateTime, text: string): DateTime => {
  if (moment.isValid) return moment
  throw new RangeError(`no such moment: ${text} (${moment.invalidReason})`)
}

/**
 * The first of the moments that a local time stands for: where clocks are turned back, there are two.
 * (Luxon's own `getPossibleOffsets` says the same, at four times the cost of everything else here.)
 */
const earliest = (local: DateTime): Instant => {
  const millis = local.toMillis()
  const offsetBefore = local.zone.offset(millis - DAY)
  const earlier = millis - (offsetBefore - local.offset) * MINUTE
  return fromMillis(
    earlier < millis && local.zone.offset(earlier) === offsetBefore ? earlier : millis,
  )
}

/**
 * Calendar days later (or, negative, earlier), at the same time of day in the zone, so 23 or 25 hours across a clock
 * change.
 * A time of day that the clock change skips is moved on by the length of the gap (02:30 becomes 03:30); of one that it
 * repeats, the first is taken.
 * @param zone IANA name
 * @throws RangeError when the instant or the zone isn't one
 */
export const addDays = (instant: Instant, days: number, zone: string): Instant =>
  earliest(
    valid(DateTime.fromMillis(toMillis(instant), { zone }), `${instant} in zone ${zone}`).plus({
      days,
    }),
  )

/** Exact hours later, whatever clocks do. */
export const addHours = (instant: Instant, hours: number): Instant =>
  addMillis(instant, hours * HOUR)

/**
 * When a calendar day is over: the first instant of the next day in the zone (01:00 where a clock change skips
 * midnight).
 * @param date `2028-02-29`
 * @throws RangeError when the date or the zone isn't one
 */
export const endOfDate = (date: string, zone: string): Instant =>
  earliest(
    valid(DateTime.fromISO(date, { zone }), `${date} in zone ${zone}`)
      .plus({ days: 1 })
      .startOf('day'),
  )

/**
 * When an access ends by its policy (S14).
 * @param from when it was approved, or when a direct assignment starts (S18)
 * @returns null when it never does
 */
export const expirationEnd = (
  expiration: Expiration,
  from: Instant,
  zone: string,
): Instant | null => {
  switch (expiration.kind) {
    case 'never':
      return null
    case 'onDate':
      return endOfDate(expiration.date, zone)
    case 'afterDays':
      return addDays(from, expiration.days, zone)
    case 'afterHours':
      return addHours(from, expiration.hours)
    default:
      return expiration satisfies never
  }
}

/**
 * When to remind of an end: 14 days and 1 day before it (S15), calendar days in the zone; only what is still ahead, the
 * earlier first.
 */
export const reminderTimes = (endAt: Instant, now: Instant, zone: string): readonly Reminder[] =>
  REMINDER_DAYS.map(([offset, days]) => ({ offset, at: addDays(endAt, -days, zone) })).filter(
    (reminder) => toMillis(reminder.at) > toMillis(now),
  )
