import { type Access, ConnectorError } from '../connector.ts'
import { readAs, type ScimHttp, ScimRefusal } from './scimHttp.ts'
import { listSchema, newUser, type ScimUser, scimString, scimUserSchema } from './scimMessages.ts'

type Subject = Access['subject']

const PAGE = 100
/** A service that ignores filters answers with everybody; so many pages are looked through before that is called an error. */
const MAX_PAGES = 100

/** What accounts may be looked up by besides the user name, which every service has to take. */
export const lookUpAttributes = ['externalId', 'email'] as const
export type LookUpAttribute = (typeof lookUpAttributes)[number]

export interface LookUp {
  /** Id in the target; undefined when nobody was found. */
  readonly userId: string | undefined
  /** What the service refused to look up by: when nobody was found otherwise, an account may still be there, under another user name. */
  readonly refused: readonly LookUpAttribute[]
}

/**
 * The subject's account: by user name, else by external id (our subject id), else by e-mail address.
 * What the service returns is compared again here, because some ignore a filter that they don't know.
 * @param by which of the last two
 * @throws ConnectorError `scim.user-ambiguous`, `scim.not-scim`, and what the exchange throws
 */
export const lookUpUser = async (
  http: ScimHttp,
  subject: Subject,
  by: readonly LookUpAttribute[],
  signal: AbortSignal,
): Promise<LookUp> => {
  // RFC 7643 §4.1.1: user names are compared without case; §3.1: external ids with it.
  const sameText = (a: string | null | undefined, b: string) => a?.toLowerCase() === b.toLowerCase()
  const ways: readonly {
    readonly attribute: 'userName' | LookUpAttribute
    readonly path: string
    readonly text: string
    readonly matches: (user: ScimUser) => boolean
  }[] = [
    {
      attribute: 'userName',
      path: 'userName',
      text: subject.userName,
      matches: (user) => sameText(user.userName, subject.userName),
    },
    {
      attribute: 'externalId',
      path: 'externalId',
      text: subject.id,
      matches: (user) => user.externalId === subject.id,
    },
    {
      attribute: 'email',
      path: 'emails.value',
      text: subject.email,
      matches: (user) => (user.emails ?? []).some(({ value }) => sameText(value, subject.email)),
    },
  ]
  const refused: LookUpAttribute[] = []
  for (const { attribute, path, text, matches } of ways) {
    if (text === '' || (attribute !== 'userName' && !by.includes(attribute))) continue
    const users = await usersWhere(http, path, text, signal)
    if (users === undefined) {
      if (attribute !== 'userName') refused.push(attribute)
      continue
    }
    const found = [...new Set(users.filter(matches).map((user) => user.id))]
    if (found.length > 1) {
      throw new ConnectorError(
        'scim.user-ambiguous',
        `${found.length} accounts of the target have this ${attribute}; leave one of them, then reprocess`,
        { transient: false },
      )
    }
    if (found[0] !== undefined) return { userId: found[0], refused }
  }
  return { userId: undefined, refused }
}

/**
 * The subject's account, where it matters that there is none: "not found" is only said when every way of looking was open.
 * Otherwise a renamed account would count as absent, and its access as revoked while it stays (promise 2).
 * @returns its id in the target; undefined when there is none
 * @throws ConnectorError `scim.lookup-refused` when a way was refused and the others found nobody, and what {@link lookUpUser} throws
 */
export const findUserForSure = async (
  http: ScimHttp,
  subject: Subject,
  by: readonly LookUpAttribute[],
  signal: AbortSignal,
): Promise<string | undefined> => {
  const { userId, refused } = await lookUpUser(http, subject, by, signal)
  if (userId !== undefined || refused.length === 0) return userId
  const others = by.filter((attribute) => !refused.includes(attribute))
  throw new ConnectorError(
    'scim.lookup-refused',
    `the target has no account with the user name of ${subject.id}, and refused the filter by ${refused.join(' and by ')}, so it isn't known whether there is one under another name; ` +
      `if accounts there keep their user names, set the connector's alsoLookUpBy to [${others.map((attribute) => `"${attribute}"`).join(', ')}], then reprocess`,
    { transient: false },
  )
}

/**
 * Makes the subject's account.
 * @returns its id in the target; when somebody made it meanwhile (409), the one that is there
 */
export const createUser = async (
  http: ScimHttp,
  subject: Subject,
  by: readonly LookUpAttribute[],
  signal: AbortSignal,
): Promise<string> => {
  try {
    const answer = await http({ method: 'POST', path: '/Users', body: newUser(subject), signal })
    return readAs(scimUserSchema, answer).id
  } catch (error) {
    if (!(error instanceof ScimRefusal)) throw error
    const existing =
      error.status === 409 ? (await lookUpUser(http, subject, by, signal)).userId : undefined
    if (existing !== undefined) return existing
    throw new ConnectorError('scim.user-refused', error.message, { transient: false })
  }
}

/** @returns undefined when the service can't be searched by this attribute; user names every service must take */
const usersWhere = async (
  http: ScimHttp,
  attribute: string,
  text: string,
  signal: AbortSignal,
): Promise<readonly ScimUser[] | undefined> => {
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
      if (error.status === 400 && attribute !== 'userName') return undefined
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
