import { type Access, ConnectorError } from '../connector.ts'
import { AnswerTooLarge } from '../http/answerText.ts'
import { readAs, type ScimHttp, ScimRefusal } from './scimHttp.ts'
import { listPages } from './scimLists.ts'
import { type ScimUser, scimString, scimUserSchema } from './scimMessages.ts'
import { ACCOUNT_ATTRIBUTES } from './scimUsers.ts'

type Subject = Access['subject']

/** User names in one filter: its address stays below what servers take. */
const NAMES_IN_FILTER = 30

/**
 * Accounts of many by their user names, by few requests, however long the service's pages are. Who isn't in the answer is looked up alone: under another name, or because the
 * service takes no such filter.
 * @returns user name, in small letters (RFC 7643 §4.1.1), to the account
 */
export const findUsersAtOnce = async (
  http: ScimHttp,
  subjects: readonly Subject[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ScimUser>> => {
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
): Promise<readonly (readonly [string, ScimUser])[]> => {
  const asked = {
    of: 'Users',
    filter: names.map((name) => `userName eq ${scimString(name)}`).join(' or '),
    attributes: ACCOUNT_ATTRIBUTES,
    count: names.length + 1,
  } as const
  const users: (readonly [string, ScimUser])[] = []
  try {
    for await (const { status, resources, total } of listPages(http, asked, signal)) {
      for (const body of resources) {
        const user = readAs(scimUserSchema, { status, body })
        users.push([user.userName?.toLowerCase() ?? '', user])
      }
      // More than were asked for: the filter was ignored.
      if ((total ?? users.length) > names.length) return []
    }
  } catch (error) {
    if (error instanceof ScimRefusal || error instanceof AnswerTooLarge) return []
    if (error instanceof ConnectorError && error.code === 'scim.list-incomplete') return []
    throw error
  }
  // A name that is there twice is looked up alone, which tells so.
  const once = (name: string) => users.filter(([other]) => other === name).length === 1
  return users.filter(([name]) => names.includes(name) && once(name))
}
