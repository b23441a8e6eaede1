import { type Access, ConnectorError } from '../connector.ts'
import { type Candidate, matchAccount } from '../matching/matchAccount.ts'
import { isGone } from './scimGroups.ts'
import { readAs, type ScimHttp, ScimRefusal } from './scimHttp.ts'
import { ENTERPRISE, newUser, type ScimUser, scimUserSchema } from './scimMessages.ts'
import { asConnectorError } from './scimPatch.ts'
import { attributesFor, usersWhere } from './scimUsers.ts'

type Subject = Access['subject']

/** What accounts may be looked up by besides the user name, which every service has to take. */
export const lookUpAttributes = ['externalId', 'email'] as const
export type LookUpAttribute = (typeof lookUpAttributes)[number]

/** Whose account it is, as far as the target says. */
export type Account =
  | { readonly is: 'found'; readonly user: ScimUser }
  /** The account that was granted to isn't there any more, positively. */
  | { readonly is: 'gone'; readonly id: string }
  /** Nobody found, by whatever may be asked. That is no proof: an account may have another name. */
  | { readonly is: 'none'; readonly refused: readonly LookUpAttribute[] }
  /** Found, but it can't be told whose it is, or it is somebody else's. */
  | { readonly is: 'refused'; readonly code: string; readonly reason: string }

/** An account as the shared matching wants it. */
const candidateOf = (user: ScimUser): Candidate & { readonly user: ScimUser } => ({
  user,
  id: user.id,
  externalId: user.externalId,
  employeeNumber: user[ENTERPRISE]?.employeeNumber ?? null,
})

/**
 * The subject's account: by the id that was kept with the grant, where there is one, and by nothing else then. Else by
 * user name, external id and e-mail address, in this order, until one finds an account that doesn't say that it is
 * somebody else's. What the service returns is compared again here, because some ignore a filter that they don't know.
 * @param by which of the last two
 * @throws ConnectorError `scim.read-refused`, `scim.lookup-refused`, `scim.filter-ignored`, `scim.list-incomplete`, and
 *   what the exchange throws
 */
export const findAccount = async (
  http: ScimHttp,
  subject: Subject,
  by: readonly LookUpAttribute[],
  signal: AbortSignal,
): Promise<Account> => {
  const id = subject.account?.id
  return id
    ? await accountWithId(http, subject, id, signal)
    : await accountNamed(http, subject, by, signal)
}

const accountWithId = async (
  http: ScimHttp,
  subject: Subject,
  id: string,
  signal: AbortSignal,
): Promise<Account> => {
  const path = `/Users/${encodeURIComponent(id)}?attributes=${attributesFor([subject])}`
  try {
    const user = readAs(scimUserSchema, await http({ method: 'GET', path, signal }))
    if (user.id === id) return { is: 'found', user }
    throw new ConnectorError(
      'scim.not-scim',
      `the target answered with account ${user.id} when asked for ${id}`,
      { transient: false },
    )
  } catch (error) {
    if (!(error instanceof ScimRefusal && error.status === 404))
      throw asConnectorError('scim.read-refused', error)
    if (await isGone(http, 'Users', id, signal)) return { is: 'gone', id }
    throw new ConnectorError(
      'scim.read-refused',
      `${error.message}, asked for account ${id}, though it isn't known to be gone: the target lists it, or has no list of accounts at this baseUrl`,
      { transient: false },
    )
  }
}

/**
 * The subject's account by its names, also where another one was granted to before and is gone.
 * @throws as {@link findAccount}
 */
export const accountNamed = async (
  http: ScimHttp,
  subject: Subject,
  by: readonly LookUpAttribute[],
  signal: AbortSignal,
): Promise<Account> => {
  const refused: LookUpAttribute[] = []
  let doubt: Extract<Account, { is: 'refused' }> | undefined
  for (const { attribute, path, text, matches } of waysTo(subject)) {
    if (text === '' || (attribute !== 'userName' && !by.includes(attribute))) continue
    const users = await usersWhere(http, path, text, subject, signal)
    if (users === undefined) {
      if (attribute !== 'userName') refused.push(attribute)
      continue
    }
    const foundBy = attribute === 'email' ? 'email' : 'userName'
    const match = matchOf(subject, users.filter(matches), foundBy)
    if (match?.is === 'found') return match
    // Under another name there may be one that says that it is theirs.
    doubt ??= match
  }
  return doubt ?? { is: 'none', refused }
}

/** By the shared rule; undefined: none of them. */
export const matchOf = (
  subject: Subject,
  users: readonly ScimUser[],
  foundBy: 'userName' | 'email' = 'userName',
): Extract<Account, { is: 'found' | 'refused' }> | undefined => {
  try {
    const match = matchAccount(
      'scim',
      subject,
      users.map((user) => ({ ...candidateOf(user), foundBy })),
    )
    return match && { is: 'found', user: match.user }
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    return { is: 'refused', code: error.code, reason: error.message }
  }
}

interface Way {
  readonly attribute: 'userName' | LookUpAttribute
  readonly path: string
  readonly text: string
  readonly matches: (user: ScimUser) => boolean
}

/** RFC 7643 §4.1.1: user names are compared without case; §3.1: external ids with it. */
const waysTo = (subject: Subject): readonly Way[] => {
  const sameText = (a: string | null | undefined, b: string) => a?.toLowerCase() === b.toLowerCase()
  const externalIds = [...new Set([subject.externalId ?? '', subject.id])]
  return [
    {
      attribute: 'userName',
      path: 'userName',
      text: subject.userName,
      matches: ({ userName }) => sameText(userName, subject.userName),
    },
    ...externalIds.map(
      (text): Way => ({
        attribute: 'externalId',
        path: 'externalId',
        text,
        matches: ({ externalId }) => externalId === text,
      }),
    ),
    {
      attribute: 'email',
      path: 'emails.value',
      text: subject.email,
      matches: ({ emails }) => (emails ?? []).some(({ value }) => sameText(value, subject.email)),
    },
  ]
}

/**
 * Why nobody was found, for people; "not found" isn't "not there".
 * @param by what was to be looked up by
 */
export const notFound = (
  subject: Subject,
  { refused }: { readonly refused: readonly LookUpAttribute[] },
  by: readonly LookUpAttribute[],
): { readonly code: string; readonly reason: string } => {
  if (refused.length === 0)
    return {
      code: 'scim.user-not-found',
      reason: `the target has no account of ${subject.id} under a name that is known; make one, or let the connector (createUsers), then reprocess`,
    }
  const others = by.filter((attribute) => !refused.includes(attribute))
  return {
    code: 'scim.lookup-refused',
    reason:
      `the target has no account with the user name of ${subject.id}, and refused the filter by ${refused.join(' and by ')}, so it isn't known whether there is one under another name; ` +
      `if accounts there keep their user names, set the connector's alsoLookUpBy to [${others.map((attribute) => `"${attribute}"`).join(', ')}], then reprocess`,
  }
}

/**
 * The account itself, when it may be given something.
 * @throws ConnectorError `scim.account-inactive`: who is locked out there gets nothing new, and the one who locked them
 *   out may not know
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
  const made = async () => {
    const found = await accountNamed(http, subject, by, signal)
    return found.is === 'found' ? found.user : undefined
  }
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
