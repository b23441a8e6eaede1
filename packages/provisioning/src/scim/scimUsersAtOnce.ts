import type { Access } from '../connector.ts'
import { AnswerTooLarge } from '../http/answerText.ts'
import { readAs, type ScimHttp, ScimRefusal } from './scimHttp.ts'
import { listSchema, scimString, scimUserSchema } from './scimMessages.ts'

type Subject = Access['subject']

/** User names in one filter: its address stays below what servers take. */
const NAMES_IN_FILTER = 30

/**
 * Accounts of many by their user names, by few requests. Who isn't in the answer is looked up alone: under another name, or because the
 * service takes no such filter.
 * @returns user name, in small letters (RFC 7643 §4.1.1), to id in the target
 */
export const findUsersAtOnce = async (
  http: ScimHttp,
  subjects: readonly Subject[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> => {
  const names = [...new Set(subjects.map(({ userName }) => userName.toLowerCase()))]
  // One alone is looked up as always.
  if (names.length < 2) return new Map()
  const chunks = Array.from({ length: Math.ceil(names.length / NAMES_IN_FILTER) }, (_, index) =>
    names.slice(index * NAMES_IN_FILTER, (index + 1) * NAMES_IN_FILTER),
  )
  const found = await Promise.all(chunks.map((chunk) => usersNamed(http, chunk, signal)))
  return new Map(found.flat())
}

const usersNamed = async (
  http: ScimHttp,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly (readonly [string, string])[]> => {
  const query = new URLSearchParams({
    filter: names.map((name) => `userName eq ${scimString(name)}`).join(' or '),
    attributes: 'id,userName',
    count: String(names.length + 1),
  })
  try {
    const answer = await http({ method: 'GET', path: `/Users?${query}`, signal })
    const { Resources, totalResults } = readAs(listSchema, answer)
    // More than were asked for: the filter was ignored.
    if (totalResults > names.length) return []
    const users = (Resources ?? []).map((body) => {
      const { id, userName } = readAs(scimUserSchema, { status: answer.status, body })
      return [userName?.toLowerCase() ?? '', id] as const
    })
    // A name that is there twice is looked up alone, which tells so.
    const once = (name: string) => users.filter(([other]) => other === name).length === 1
    return users.filter(([name]) => names.includes(name) && once(name))
  } catch (error) {
    if (error instanceof ScimRefusal || error instanceof AnswerTooLarge) return []
    throw error
  }
}
