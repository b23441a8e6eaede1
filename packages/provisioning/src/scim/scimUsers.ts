import { type Access, ConnectorError } from '../connector.ts'
import { readAs, type ScimHttp, ScimRefusal } from './scimHttp.ts'
import { listPages } from './scimLists.ts'
import { newUser, type ScimUser, scimString, scimUserSchema } from './scimMessages.ts'

type Subject = Access['subject']

const PAGE = 100
/** A service that ignores filters answers with everybody; so many are looked through before that is called an error. */
const MOST = 10_000

/** What accounts may be looked up by besides the user name, which every service has to take. */
export const lookUpAttributes = ['externalId', 'email'] as const
export type LookUpAttribute = (typeof lookUpAttributes)[number]

export interface LookUp {
  /** The account; undefined when nobody was found. */
  readonly user: ScimUser | undefined
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
    const found = [...new Map(users.filter(matches).map((user) => [user.id, user])).values()]
    if (found.length > 1) {
      throw new ConnectorError(
        'scim.user-ambiguous',
        `${found.length} accounts of the target have this ${attribute}; leave one of them, then reprocess`,
        { transient: false },
      )
    }
    if (found[0] !== undefined) return { user: found[0], refused }
  }
  return { user: undefined, refused }
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
  const { user, refused } = await lookUpUser(http, subject, by, signal)
  if (user !== undefined || refused.length === 0) return user?.id
  const others = by.filter((attribute) => !refused.includes(attribute))
  throw new ConnectorError(
    'scim.lookup-refused',
    `the target has no account with the user name of ${subject.id}, and refused the filter by ${refused.join(' and by ')}, so it isn't known whether there is one under another name; ` +
      `if accounts there keep their user names, set the connector's alsoLookUpBy to [${others.map((attribute) => `"${attribute}"`).join(', ')}], then reprocess`,
    { transient: false },
  )
}

/**
 * The account itself, when it may be given something.
 * @throws ConnectorError `scim.account-inactive`: who is locked out there gets nothing new, and whoever locked them out may not know
 */
export const inUse = (user: ScimUser, subject: Subject): ScimUser => {
  if (user.active) return user
  throw new ConnectorError(
    'scim.account-inactive',
    `the account of ${subject.id} in the target is deactivated (active: false); activate it there, then reprocess`,
    { transient: false },
  )
}

/**
 * Makes the subject's account.
 * @returns it; when somebody made it meanwhile (409), the one that is there
 */
export const createUser = async (
  http: ScimHttp,
  subject: Subject,
  by: readonly LookUpAttribute[],
  signal: AbortSignal,
): Promise<ScimUser> => {
  const made = async () => (await lookUpUser(http, subject, by, signal)).user
  try {
    const answer = await http({ method: 'POST', path: '/Users', body: newUser(subject), signal })
    if (answer.body !== undefined) return readAs(scimUserSchema, answer)
  } catch (error) {
    if (!(error instanceof ScimRefusal)) throw error
    const existing = error.status === 409 ? await made() : undefined
    if (existing !== undefined) return existing
    throw new ConnectorError('scim.user-refused', error.message, { transient: false })
  }
  // Made, but not shown.
  const found = await made()
  if (found !== undefined) return found
  throw new ConnectorError(
    'scim.user-not-shown',
    `the target said that it made an account for ${subject.id}, and doesn't find it; trying again will tell`,
    { transient: true },
  )
}

/** @returns undefined when the service can't be searched by this attribute; user names every service must take */
const usersWhere = async (
  http: ScimHttp,
  attribute: string,
  text: string,
  signal: AbortSignal,
): Promise<readonly ScimUser[] | undefined> => {
  const asked = {
    of: 'Users',
    filter: `${attribute} eq ${scimString(text)}`,
    attributes: ACCOUNT_ATTRIBUTES,
    count: PAGE,
  } as const
  const users: ScimUser[] = []
  try {
    for await (const { status, resources } of listPages(http, asked, signal)) {
      users.push(...resources.map((body) => readAs(scimUserSchema, { status, body })))
      if (users.length > MOST) break
    }
  } catch (error) {
    if (!(error instanceof ScimRefusal)) throw error
    if ([400, 501].includes(error.status) && attribute !== 'userName') return undefined
    throw new ConnectorError(
      'scim.lookup-refused',
      `users can't be looked up by ${attribute}: ${error.message}; check the connector's baseUrl`,
      { transient: false },
    )
  }
  if (users.length <= MOST) return users
  throw new ConnectorError(
    'scim.filter-ignored',
    `looking up a user by ${attribute} gave more than ${MOST} users: the target seems to ignore filters`,
    { transient: false },
  )
}

/** What is asked of accounts. */
export const ACCOUNT_ATTRIBUTES = 'id,userName,externalId,emails,active'
