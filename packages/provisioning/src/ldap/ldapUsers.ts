import { EqualityFilter, FilterParser } from 'ldapts'
import type { Access } from '../connector.ts'
import type { Candidate } from '../matching/matchAccount.ts'
import { asConnectorError, isRefusal, lasting, ldapCode, resultCodeOf } from './ldapErrors.ts'
import type { LdapSessions } from './ldapSessions.ts'

type Subject = Access['subject']
type Entry = Readonly<Record<string, unknown>>

/** What a user filter may hold in braces. */
const placeholders = ['userName', 'email', 'id'] as const
type Placeholder = (typeof placeholders)[number]

/** A person's entry in the directory. */
export interface LdapUser extends Candidate {
  readonly dn: string
  /** First value of `uid`. */
  readonly uid: string | undefined
  readonly userName: string | null
  readonly email: string | null
}

/** How people are found. */
export interface UserSearch {
  /** Everybody is below it. */
  readonly base: string
  /** The filter for one person, with their values escaped (RFC 4515 §3). */
  filterFor(subject: Subject): string
  /** Which attribute holds what, as far as the filter tells. */
  readonly attributeOf: Readonly<Partial<Record<Placeholder, string>>>
}

/**
 * Reads a filter such as `(&(objectClass=person)(uid={userName}))`.
 * @throws ConnectorError `ldap.configuration`
 */
export const userSearch = (base: string, template: string): UserSearch => {
  const wrong = (reason: string) => lasting('ldap.configuration', `userFilter: ${reason}`)
  const names = [...template.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name ?? '')
  const unknown = names.find((name) => !isPlaceholder(name))
  if (unknown !== undefined) throw wrong(`"{${unknown}}" is none of {userName}, {email} and {id}`)
  if (names.length === 0) throw wrong('must hold {userName}, {email} or {id}')
  const filterFor = (subject: Subject): string =>
    template.replace(/\{(\w+)\}/g, (_, name: string) =>
      EqualityFilter.escape(isPlaceholder(name) ? subject[name] : ''),
    )
  try {
    FilterParser.parseString(filterFor({ id: 'a', userName: 'a', email: 'a', displayName: 'a' }))
  } catch {
    throw wrong('is not a filter of RFC 4515 such as (&(objectClass=person)(uid={userName}))')
  }
  const attributeOf: Partial<Record<Placeholder, string>> = {}
  for (const [, attribute = '', name = ''] of template.matchAll(/\(\s*([\w.;-]+)\s*=\{(\w+)\}\)/g))
    if (isPlaceholder(name)) attributeOf[name] ??= attribute
  return { base, filterFor, attributeOf }
}

const isPlaceholder = (name: string): name is Placeholder =>
  placeholders.some((placeholder) => placeholder === name)

/** A name that so many entries have tells nobody. */
const MOST_OF_A_NAME = 20

/**
 * The entries that have the person's names: whose they are is for `matchAccount` to say.
 * @throws ConnectorError `ldap.user-ambiguous`, `ldap.base-not-found`, `ldap.lookup-refused`, and what a session throws
 */
export const findUsers = async (
  ldap: LdapSessions,
  search: UserSearch,
  subject: Subject,
  signal: AbortSignal,
): Promise<readonly LdapUser[]> => {
  const filter = search.filterFor(subject)
  try {
    const users = await usersIn(ldap, search, search.base, { scope: 'sub', filter }, signal)
    return users.map((user) => ({ ...user, foundBy: foundBy(search, user, subject) }))
  } catch (error) {
    if (resultCodeOf(error) === ldapCode.noSuchObject) throw baseNotFound(search.base)
    if (resultCodeOf(error) === ldapCode.sizeLimitExceeded)
      throw lasting(
        'ldap.user-ambiguous',
        `more entries match ${subject.id} than the directory tells; narrow the connector's userFilter or base, then reprocess`,
      )
    throw asConnectorError('ldap.lookup-refused', error)
  }
}

/** A filter that asks for several at once doesn't tell which of them it was. */
const foundBy = (
  { attributeOf }: UserSearch,
  { userName }: LdapUser,
  subject: Subject,
): 'userName' | 'email' =>
  attributeOf.email === undefined || userName?.toLowerCase() === subject.userName.toLowerCase()
    ? 'userName'
    : 'email'

/** @throws ResultCodeError, and what a session throws */
export const usersIn = async (
  ldap: LdapSessions,
  search: UserSearch,
  where: string,
  asked: { readonly scope: 'base' | 'sub'; readonly filter?: string },
  signal: AbortSignal,
): Promise<readonly LdapUser[]> => {
  const { searchEntries } = await ldap.run(signal, (client) =>
    client.search(where, {
      ...asked,
      attributes: [...attributesOf(search)],
      explicitBufferAttributes: ['objectGUID'],
      sizeLimit: MOST_OF_A_NAME,
    }),
  )
  return searchEntries.map((entry) => userOf(entry, search))
}

const attributesOf = ({ attributeOf }: UserSearch): readonly string[] => [
  ...new Set([
    'uid',
    'mail',
    'employeeNumber',
    'employeeID',
    'entryUUID',
    'nsUniqueId',
    'objectGUID',
    ...Object.values(attributeOf),
  ]),
]

/** What the directory tells of an entry that was read with {@link attributesOf}. */
const userOf = (
  entry: Entry & { readonly dn: string },
  { attributeOf }: Pick<UserSearch, 'attributeOf'>,
): LdapUser => {
  const text = (attribute: string | undefined) =>
    attribute === undefined ? null : (textsOf(entry, attribute)[0] ?? null)
  const ours = attributeOf.id
  // An attribute that keeps our id of the person says nothing of the directory's number for them.
  const number = (attribute: string) =>
    ours?.toLowerCase() === attribute.toLowerCase() ? null : text(attribute)
  return {
    dn: entry.dn,
    uid: textsOf(entry, 'uid')[0],
    id: stableIdOf(entry),
    externalId: text(ours),
    employeeNumber: number('employeeNumber') ?? number('employeeID'),
    userName: text(attributeOf.userName) ?? text('uid'),
    email: text(attributeOf.email ?? 'mail'),
  }
}

/**
 * `entryUUID` (RFC 4530), `nsUniqueId` of the 389 Directory Server, or Active Directory's `objectGUID` as 32
 * hexadecimal digits; null where it shows none of them.
 */
export const stableIdOf = (entry: Entry): string | null => {
  const [uuid] = [...textsOf(entry, 'entryUUID'), ...textsOf(entry, 'nsUniqueId')]
  if (uuid !== undefined) return uuid.toLowerCase()
  const guid = [entry.objectGUID].flat()[0]
  return Buffer.isBuffer(guid) && guid.length === 16 ? guid.toString('hex') : null
}

/** What a search has to ask for, and as what, to tell the stable id. */
export const STABLE_ID = {
  attributes: ['entryUUID', 'nsUniqueId', 'objectGUID'],
  explicitBufferAttributes: ['objectGUID'],
}

/** The tops of all that the server has to show. */
export const namingContexts = async (
  ldap: LdapSessions,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const { searchEntries } = await ldap
    .run(signal, (client) => client.search('', { scope: 'base', attributes: ['namingContexts'] }))
    .catch((error: unknown) => {
      if (isRefusal(error)) return { searchEntries: [] }
      throw asConnectorError('ldap.read-refused', error)
    })
  return searchEntries.flatMap((entry) => textsOf(entry, 'namingContexts'))
}

/** The filter for an entry by its stable id. */
export const stableIdFilter = (id: string): string => {
  if (/^[0-9a-f]{32}$/.test(id)) return `(objectGUID=${id.replace(/../g, '\\$&')})`
  const attribute = /^[0-9a-f]{8}(-[0-9a-f]{8}){3}$/.test(id) ? 'nsUniqueId' : 'entryUUID'
  return `(${attribute}=${EqualityFilter.escape(id)})`
}

export const baseNotFound = (base: string) =>
  lasting(
    'ldap.base-not-found',
    `the directory shows bindDn no entry ${base}; correct the connector's base, or let bindDn read there`,
  )

/** Whether two DNs are one, but for case, and blanks around commas and equals signs. */
export const sameDn = (one: string, other: string): boolean => plain(one) === plain(other)

const plain = (dn: string): string => dn.toLowerCase().replace(/\s*([,=])\s*/g, '$1')

/** The values of an attribute that are text; names of attributes have no case (RFC 4512 §2.5). */
export const textsOf = (entry: Entry, attribute: string): readonly string[] => {
  const name = Object.keys(entry).find((key) => key.toLowerCase() === attribute.toLowerCase())
  const values = name === undefined ? [] : [entry[name]].flat()
  return values.filter((value) => typeof value === 'string')
}
