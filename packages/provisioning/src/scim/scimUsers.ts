import { type Access, ConnectorError } from '../connector.ts'
import { readAs, type ScimHttp, ScimRefusal } from './scimHttp.ts'
import { listSchema, newUser, type ScimUser, scimString, scimUserSchema } from './scimMessages.ts'

type Subject = Access['subject']

const PAGE = 100
/** A service that ignores filters answers with everybody; so many pages are looked through before that is called an error. */
const MAX_PAGES = 100

/**
 * The subject's account: by user name, else by external id (our subject id), else by e-mail address.
 * What the service returns is compared again here, because some ignore a filter that they don't know.
 * @returns its id in the target; undefined when there is none
 * @throws ConnectorError `scim.user-ambiguous`, `scim.not-scim`, and what the exchange throws
 */
export const findUser = async (
  http: ScimHttp,
  subject: Subject,
  signal: AbortSignal,
): Promise<string | undefined> => {
  // RFC 7643 §4.1.1: user names are compared without case; §3.1: external ids with it.
  const sameText = (a: string | null | undefined, b: string) => a?.toLowerCase() === b.toLowerCase()
  const ways: readonly [filter: string, text: string, matches: (user: ScimUser) => boolean][] = [
    ['userName', subject.userName, (user) => sameText(user.userName, subject.userName)],
    ['externalId', subject.id, (user) => user.externalId === subject.id],
    [
      'emails.value',
      subject.email,
      (user) => (user.emails ?? []).some(({ value }) => sameText(value, subject.email)),
    ],
  ]
  for (const [attribute, text, matches] of ways) {
    if (text === '') continue
    const users = await usersWhere(http, attribute, text, signal)
    const found = [...new Set(users.filter(matches).map((user) => user.id))]
    if (found.length > 1) {
      throw new ConnectorError(
        'scim.user-ambiguous',
        `${found.length} accounts of the target have this ${attribute}; leave one of them, then reprocess`,
        { transient: false },
      )
    }
    if (found[0] !== undefined) return found[0]
  }
  return undefined
}

/**
 * Makes the subject's account.
 * @returns its id in the target; when somebody made it meanwhile (409), the one that is there
 */
export const createUser = async (
  http: ScimHttp,
  subject: Subject,
  signal: AbortSignal,
): Promise<string> => {
  try {
    const answer = await http({ method: 'POST', path: '/Users', body: newUser(subject), signal })
    return readAs(scimUserSchema, answer).id
  } catch (error) {
    if (!(error instanceof ScimRefusal)) throw error
    const existing = error.status === 409 ? await findUser(http, subject, signal) : undefined
    if (existing !== undefined) return existing
    throw new ConnectorError('scim.user-refused', error.message, { transient: false })
  }
}

const usersWhere = async (
  http: ScimHttp,
  attribute: string,
  text: string,
  signal: AbortSignal,
): Promise<readonly ScimUser[]> => {
  const users: ScimUser[] = []
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = new URLSearchParams({
      filter: `${attribute} eq ${scimString(text)}`,
      attributes: 'id,userName,externalId,emails',
      startIndex: String(users.length + 1),
      count: String(PAGE),
    })
    let answer: Awaited<ReturnType<ScimHttp>>
    try {
      answer = await http({ method: 'GET', path: `/Users?${query}`, signal })
    } catch (error) {
      if (!(error instanceof ScimRefusal)) throw error
      // Can't be searched by this attribute: then nobody is found by it. User names every service must take.
      if (error.status === 400 && attribute !== 'userName') return []
      throw new ConnectorError(
        'scim.lookup-refused',
        `users can't be looked up by ${attribute}: ${error.message}; check the connector's baseUrl`,
        { transient: false },
      )
    }
    const list = readAs(listSchema, answer)
    const resources = (list.Resources ?? []).map((resource) =>
      readAs(scimUserSchema, { status: answer.status, body: resource }),
    )
    users.push(...resources)
    if (resources.length === 0 || users.length >= list.totalResults) return users
  }
  throw new ConnectorError(
    'scim.filter-ignored',
    `looking up a user by ${attribute} gave more than ${PAGE * MAX_PAGES} users: the target seems to ignore filters`,
    { transient: false },
  )
}
