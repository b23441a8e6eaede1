import type { Instant } from '@portcullis/core'
import { DateTime, type DateTimeFormatOptions, IANAZone } from 'luxon'

/** How one recipient reads dates. */
export interface DateStyle {
  readonly locale: string
  readonly zone: string
}

/** The recipient's own locale and zone where they can be used; else English, and the organisation's zone. */
export const dateStyleOf = (
  recipient: { readonly locale: string; readonly zone: string | null },
  organisationZone: string,
): DateStyle => ({
  locale: isLocale(recipient.locale) ? recipient.locale : 'en',
  zone:
    recipient.zone !== null && IANAZone.isValidZone(recipient.zone)
      ? recipient.zone
      : organisationZone,
})

/** As in `Tuesday, 5 May 2026 at 14:00 (Europe/Berlin, UTC+2)`: the zone is always named. */
export const longDate = (instant: Instant, style: DateStyle): string => {
  const at = local(instant, style)
  const format: DateTimeFormatOptions = {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }
  return `${at.toLocaleString(format)} (${style.zone}, ${offset(at)})`
}

/** As in `5 May 2026`: for subject lines. */
export const shortDate = (instant: Instant, style: DateStyle): string =>
  local(instant, style).toLocaleString(DateTime.DATE_MED)

const local = (instant: Instant, { locale, zone }: DateStyle): DateTime =>
  DateTime.fromISO(instant, { zone, locale })

const offset = (at: DateTime): string => (at.offset === 0 ? 'UTC' : `UTC${at.toFormat('Z')}`)

const isLocale = (text: string): boolean => {
  try {
    return Intl.getCanonicalLocales(text).length === 1
  } catch {
    return false
  }
}
