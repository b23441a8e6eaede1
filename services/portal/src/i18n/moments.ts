const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number, number])[] = [
  ['minute', MINUTE, HOUR],
  ['hour', HOUR, DAY],
  ['day', DAY, 45 * DAY],
  ['month', 30 * DAY, 540 * DAY],
]
const YEARS = ['year', 365 * DAY] as const

export interface Moments {
  /** "in 3 days", "2 hours ago"; to the minute. */
  relative(instant: string, now: number): string
  /** "3 March 2027, 14:05" in the person's zone. */
  full(instant: string): string
  /** The same with the zone's name: for the hint. */
  exact(instant: string): string
  /** "3 March 2027". */
  day(instant: string): string
  time(instant: string): string
  /** A day without time: `2026-12-31`. */
  date(day: string): string
  list(texts: readonly string[]): string
  /** The zone that they are in. */
  readonly zone: string
}

/**
 * Instants in the words of a language and in a person's zone.
 * @param zone IANA; the browser's own when the person has none, or one that it doesn't know
 */
export const createMoments = (locale: string, zone: string | null | undefined): Moments => {
  const timeZone = knownZone(zone) ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  const format = (options: Intl.DateTimeFormatOptions) => {
    const made = new Intl.DateTimeFormat(locale, { timeZone, ...options })
    return (instant: string) => made.format(new Date(instant))
  }
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  const list = new Intl.ListFormat(locale, { type: 'conjunction' })
  const day = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', dateStyle: 'long' })
  return {
    zone: timeZone,
    relative: (instant, now) => {
      const distance = Date.parse(instant) - now
      const [unit, size] = UNITS.find(([, , below]) => Math.abs(distance) < below) ?? YEARS
      return relative.format(Math.trunc(distance / size), unit)
    },
    full: format({ dateStyle: 'long', timeStyle: 'short' }),
    exact: format({ dateStyle: 'full', timeStyle: 'long' }),
    day: format({ dateStyle: 'long' }),
    time: format({ timeStyle: 'short' }),
    date: (text) => day.format(new Date(`${text}T00:00:00Z`)),
    list: (texts) => list.format(texts),
  }
}

const knownZone = (zone: string | null | undefined): string | undefined => {
  if (zone === null || zone === undefined) return undefined
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}
