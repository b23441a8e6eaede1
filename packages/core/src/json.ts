/** What an event's data may hold: flat or nested plain JSON; no Date, no bigint, no undefined. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [key: string]: Json | undefined }

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/**
 * Are two plain values the same, exactly? Keys may come in any order; array order counts; a key with the value
 * undefined isn't the same as a missing key. Bigints compare by value; no Dates, Maps or Sets.
 */
export const jsonEqual = (left: unknown, right: unknown): boolean => {
  if (Object.is(left, right)) return true
  if (!isObject(left) || !isObject(right)) return false
  if (Array.isArray(left) !== Array.isArray(right)) return false
  const leftEntries = Object.entries(left)
  if (leftEntries.length !== Object.keys(right).length) return false
  const rightEntries = new Map<string, unknown>(Object.entries(right))
  return leftEntries.every(
    ([key, value]) => rightEntries.has(key) && jsonEqual(value, rightEntries.get(key)),
  )
}

/**
 * A plain value as text, the same for the same value: keys sorted, those without a value (undefined or null) left out,
 * so that one that a later release adds changes nothing.
 * Array order counts. No bigint, Dates, Maps or Sets.
 */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    isObject(inner) && !Array.isArray(inner)
      ? Object.fromEntries(
          Object.entries(inner)
            .filter(([, one]) => one !== undefined && one !== null)
            .sort(([left], [right]) => (left < right ? -1 : 1)),
        )
      : inner,
  )
