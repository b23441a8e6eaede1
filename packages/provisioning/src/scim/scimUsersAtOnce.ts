import { type Access, ConnectorError } from '../connector.ts'
import { AnswerTooLarge } from '../http/answerText.ts'
import { matchOf } from './scimAccounts.ts'
import { readAs, type ScimHttp, ScimRefusal } from './scimHttp.ts'
import { listPages } from './scimLists.ts'
import { type ScimUser, scimString, scimUserSchema } from './scimMessages.ts'
import { attributesFor } from './scimUsers.ts'

type Subject = Access['subject']

/** User names or ids in one filter: its address stays below what servers take. */
const IN_FILTER = 30

/**
 * Accounts of many by the ids that were kept or by their user names, by few requests, however long the service's pages
 * are. Who isn't in the answer is looked up alone: under another name, or because the service takes no such filter.
 * @returns subject's id to the account
 */
export const findUsersAtOnce = async (
  http: ScimHttp,
  subjects: readonly Subject[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ScimUser>> => {
  const all = [...new Map(subjects.map((subject) => [subject.id, subject])).values()]
  // One alone is looked up as always.
  if (all.length < 2) return new Map()
  const kept = all.filter(({ account }) => account?.id)
  const named = all.filter(({ account }) => !account?.id)
  const found = await Promise.all([
    ...chunksOf(kept).map(async (chunk) => {
      const users = await usersWith(http, 'id', chunk, ({ account }) => account?.id ?? '', signal)
      return chunk.flatMap((subject) => {
        const user = users.find(({ id }) => id === subject.account?.id)
        return user === undefined ? [] : [[subject.id, user] as const]
      })
    }),
    ...chunksOf(named).map(async (chunk) => {
      const users = await usersWith(http, 'userName', chunk, folded, signal)
      return chunk.flatMap((subject) => {
        const candidates = users.filter(
          ({ userName }) => userName?.toLowerCase() === folded(subject),
        )
        const match = matchOf(subject, candidates)
        return match?.is === 'found' ? [[subject.id, match.user] as const] : []
      })
    }),
  ])
  return new Map(found.flat())
}

const folded = ({ userName }: Subject): string => userName.toLowerCase()

const chunksOf = (subjects: readonly Subject[]): readonly (readonly Subject[])[] =>
  Array.from({ length: Math.ceil(subjects.length / IN_FILTER) }, (_, index) =>
    subjects.slice(index * IN_FILTER, (index + 1) * IN_FILTER),
  )

/** Those that the filter finds; nobody where the service doesn't take it, or ignores it. */
const usersWith = async (
  http: ScimHttp,
  attribute: 'id' | 'userName',
  subjects: readonly Subject[],
  textOf: (subject: Subject) => string,
  signal: AbortSignal,
): Promise<readonly ScimUser[]> => {
  const texts = [...new Set(subjects.map(textOf))]
  const asked = {
    of: 'Users',
    filter: texts.map((text) => `${attribute} eq ${scimString(text)}`).join(' or '),
    attributes: attributesFor(subjects),
    count: texts.length + 1,
  } as const
  const users: ScimUser[] = []
  try {
    for await (const { status, resources, total } of listPages(http, asked, signal)) {
      users.push(...resources.map((body) => readAs(scimUserSchema, { status, body })))
      // More than were asked for: the filter was ignored, or a name is there several times, which is looked into alone.
      if ((total ?? users.length) > texts.length) return []
    }
    return users
  } catch (error) {
    if (error instanceof ScimRefusal || error instanceof AnswerTooLarge) return []
    if (error instanceof ConnectorError && error.code === 'scim.list-incomplete') return []
    throw error
  }
}
