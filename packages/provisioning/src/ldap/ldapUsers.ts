import { EqualityFilter, FilterParser } from 'ldapts'
import type { Access } from '../connector.ts'
import { asConnectorError, codeOf, lasting, ldapCode } from './ldapErrors.ts'
import type { LdapSessions } from './ldapSessions.ts'

type Subject = Access['subject']
type Entry = Readonly<Record<string, unknown>>

/** What a user filter may hold in braces. */
const placeholders = ['userName', 'email', 'id'] as const
type Placeholder = (typeof placeholders)[number]

/** A person's entry in the directory. */
export interface LdapUser {
  readonly dn: string
  /** First value of `uid`. */
  readonly uid: string | undefined
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

/**
 * The person's entry.
 * @returns undefined when the directory has none
 * @throws ConnectorError `ldap.user-ambiguous`, `ldap.base-not-found`, `ldap.lookup-refused`, and what a session throws
 */
export const findUser = async (
  ldap: LdapSessions,
  search: UserSearch,
  subject: Subject,
  signal: AbortSignal,
): Promise<LdapUser | undefined> => {
  const filter = search.filterFor(subject)
  try {
    const { searchEntries } = await ldap.run(signal, (client) =>
      client.search(search.base, { scope: 'sub', filter, attributes: ['uid'], sizeLimit: 2 }),
    )
    const [entry] = searchEntries
    if (searchEntries.length > 1) {
      throw lasting(
        'ldap.user-ambiguous',
        `several entries match ${subject.id}; narrow the connector's userFilter or base, then reprocess`,
      )
    }
    return entry === undefined ? undefined : { dn: entry.dn, uid: textsOf(entry, 'uid')[0] }
  } catch (error) {
    if (codeOf(error) === ldapCode.noSuchObject) throw baseNotFound(search.base)
    throw asConnectorError('ldap.lookup-refused', error)
  }
}

export const baseNotFound = (base: string) =>
  lasting(
    'ldap.base-not-found',
    `the directory shows bindDn no entry ${base}; correct the connector's base, or let bindDn read there`,
  )

/** The values of an attribute that are text; names of attributes have no case (RFC 4512 §2.5). */
export const textsOf = (entry: Entry, attribute: string): readonly string[] => {
  const name = Object.keys(entry).find((key) => key.toLowerCase() === attribute.toLowerCase())
  const values = name === undefined ? [] : [entry[name]].flat()
  return values.filter((value) => typeof value === 'string')
}
