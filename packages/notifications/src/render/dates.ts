import type { Instant } from '@portcullis/core'
import { DateTime, type DateTimeFormatOptions, IANAZone } from 'luxon'
import { isLanguage } from '../templates/languages.ts'

/** How one recipient reads dates. */
export interface DateStyle {
  readonly locale: string
  readonly zone: string
}

/** The recipient's own language and zone where they can be used; else the organisation's. */
export const dateStyleOf = (
  recipient: { readonly locale: string | null; readonly zone: string | null },
  organisation: { readonly locale?: string; readonly zone: string },
): DateStyle => ({
  locale: [recipient.locale, organisation.locale].find(isUsable) ?? 'en',
  zone:
    recipient.zone !== null && IANAZone.create(recipient.zone).isValid
      ? recipient.zone
      : organisation.zone,
})

const isUsable = (locale: string | null | undefined): locale is string =>
  locale !== null && locale !== undefined && isLanguage(locale)

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
