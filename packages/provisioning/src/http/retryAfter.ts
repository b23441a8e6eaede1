import { type Clock, toMillis } from '@portcullis/core'

/** Longer than a day isn't believed: access would stay for as long as a mistaken header says. */
const MAX_MILLIS = 86_400_000

/**
 * How long a target asks to wait (RFC 9110 §10.2.3: seconds or an HTTP date).
 * @returns milliseconds, 0 to a day; undefined when the header is absent or neither of both
 */
export const retryAfterMillis = (header: string | null, clock: Clock): number | undefined => {
  if (header === null) return undefined
  const text = header.trim()
  if (/^\d{1,10}$/.test(text)) return Math.min(Number(text) * 1000, MAX_MILLIS)
  // Date.parse takes far more than HTTP dates, so the shape is checked first.
  if (!/^[A-Za-z]{3,9},? .*\d{2}:\d{2}:\d{2}/.test(text)) return undefined
  const at = Date.parse(text)
  if (Number.isNaN(at)) return undefined
  return Math.min(Math.max(at - toMillis(clock.now()), 0), MAX_MILLIS)
}
