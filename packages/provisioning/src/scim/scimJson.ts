/**
 * Names that we read, as RFC 7643 and RFC 7644 spell them. Attribute names are compared without case (RFC 7643 §2.1).
 */
const NAMES = [
  'id',
  'userName',
  'externalId',
  'active',
  'emails',
  'groups',
  'members',
  'roles',
  'entitlements',
  'value',
  'display',
  'type',
  '$ref',
  'meta',
  'version',
  'schemas',
  'totalResults',
  'itemsPerPage',
  'Resources',
  'scimType',
  'detail',
  'employeeNumber',
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
]
const SPELLING = new Map(NAMES.map((name) => [name.toLowerCase(), name]))

/** A number in JSON that a double may not hold exactly: as an id it would become somebody else's. */
const LONG_NUMBER = /[[:,]\s*-?\d{16,}/

/**
 * JSON of an answer, in the spelling that we read: attribute names in any case, a byte order mark in front, whole
 * numbers that a double can't hold as text.
 * @returns undefined when it is empty or isn't JSON
 */
export const parseScim = (answer: string): unknown => {
  const text = answer.replace(/^\uFEFF/, '').trim()
  if (text === '') return undefined
  try {
    return spelt(LONG_NUMBER.test(text) ? JSON.parse(text, exactly) : JSON.parse(text))
  } catch {
    return undefined
  }
}

const exactly = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
  Number.isInteger(value) && !Number.isSafeInteger(value) ? (context?.source ?? value) : value

const spelt = (body: unknown): unknown => {
  if (Array.isArray(body)) return body.map(spelt)
  if (typeof body !== 'object' || body === null) return body
  const entries = Object.entries(body).map(([name, value]) => [name, spelt(value)] as const)
  // The right spelling wins where both are there.
  const given = new Set(Object.keys(body))
  return Object.fromEntries(
    entries.flatMap(([name, value]) => {
      const right = SPELLING.get(name.toLowerCase()) ?? name
      return right !== name && given.has(right) ? [] : [[right, value]]
    }),
  )
}
