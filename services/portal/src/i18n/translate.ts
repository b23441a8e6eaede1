import { IntlMessageFormat } from 'intl-messageformat'
import type { MessageKey, Messages } from './messages.ts'

export type Values = Readonly<Record<string, string | number | null | undefined>>

export interface Translate {
  (key: MessageKey, values?: Values): string
  /** For names that come from the server, as refusals and kinds of events: undefined where there is no message. */
  find(key: string, values?: Values): string | undefined
}

/** First strong isolate and its end: around a name in another script the rest of the sentence keeps its order. */
const isolated = (text: string): string => `\u2068${text}\u2069`

/**
 * Makes messages out of their ICU patterns (plural, select).
 * @param locale of numbers in them
 */
export const createTranslate = (messages: Messages, locale: string, rtl: boolean): Translate => {
  const formats = new Map<string, IntlMessageFormat>()
  const find = (key: string, values: Values = {}): string | undefined => {
    const pattern = has(messages, key) ? messages[key] : undefined
    if (pattern === undefined) return undefined
    if (!pattern.includes('{')) return pattern
    const format =
      formats.get(key) ?? new IntlMessageFormat(pattern, locale, undefined, { ignoreTag: true })
    formats.set(key, format)
    return String(format.format(rtl ? isolate(values) : { ...values }))
  }
  return Object.assign((key: MessageKey, values?: Values) => find(key, values) ?? key, { find })
}

const has = (messages: Messages, key: string): key is MessageKey => Object.hasOwn(messages, key)

/** `select` compares its values: those are words of ours in lower case, and stay as they are. */
const isolate = (values: Values): Record<string, string | number | null | undefined> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'string' && !/^[a-z]*$/.test(value) ? isolated(value) : value,
    ]),
  )
