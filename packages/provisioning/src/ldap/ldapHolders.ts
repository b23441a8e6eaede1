import { EqualityFilter } from 'ldapts'
import type { Holder } from '../connector.ts'
import { asConnectorError, lasting, ldapCode, resultCodeOf } from './ldapErrors.ts'
import { checkGone, groupNotFound, hidesMembers, type LdapGroup } from './ldapGroups.ts'
import type { LdapSessions } from './ldapSessions.ts'
import { sameDn, textsOf, type UserSearch, usersIn } from './ldapUsers.ts'

const PAGE = 200

/**
 * Who is in a group, in pages; the placeholder isn't told of. Large groups of Active Directory come in ranges
 * (`member;range=0-1499`).
 * @throws ConnectorError `ldap.group-not-found`, and what a session throws
 */
export async function* holdersOf(
  ldap: LdapSessions,
  group: LdapGroup,
  by: 'dn' | 'uid',
  search: UserSearch,
  signal: AbortSignal,
): AsyncGenerator<readonly Holder[]> {
  for await (const page of membersIn(ldap, group, signal))
    yield await Promise.all(page.map((member) => holderOf(ldap, member, by, search, signal)))
}

/**
 * What a group lists, in pages; not the placeholder, and nothing of a group that is gone.
 * @throws ConnectorError `ldap.members-hidden`, `ldap.group-not-found`, and what a session throws
 */
export async function* membersIn(
  ldap: LdapSessions,
  group: LdapGroup,
  signal: AbortSignal,
): AsyncGenerator<readonly string[], void> {
  let ask: string | undefined = group.attribute
  while (ask !== undefined) {
    const { members, next }: SomeMembers = await someMembers(ldap, group, ask, signal)
    for (let from = 0; from < members.length; from += PAGE) yield members.slice(from, from + PAGE)
    ask = next
  }
}

interface SomeMembers {
  readonly members: readonly string[]
  /** Which attribute has the next ones. */
  readonly next: string | undefined
}

const someMembers = async (
  ldap: LdapSessions,
  group: LdapGroup,
  ask: string,
  signal: AbortSignal,
): Promise<SomeMembers> => {
  try {
    const { searchEntries } = await ldap.run(signal, (client) =>
      client.search(group.dn, { scope: 'base', attributes: [ask, 'objectClass'] }),
    )
    const [entry] = searchEntries
    if (entry === undefined) throw groupNotFound(group)
    const range = Object.keys(entry).flatMap((name) => {
      const [, to] = /;range=\d+-(\d+|\*)$/i.exec(name) ?? []
      return to === undefined || textsOf(entry, name).length === 0 ? [] : [{ name, to }]
    })[0]
    const all = textsOf(entry, range?.name ?? ask)
    const none = all.length === 0 && ask === group.attribute
    if (none && (hidesMembers(entry) || (await hasMembersUnlisted(ldap, group, signal))))
      throw lasting(
        'ldap.members-hidden',
        `the directory doesn't show bindDn who is in ${group.dn}; let it read ${group.attribute} there`,
      )
    const next =
      range === undefined || range.to === '*'
        ? undefined
        : `${group.attribute};range=${Number(range.to) + 1}-*`
    return { members: all.filter((member) => !isPlaceholder(group, member)), next }
  } catch (error) {
    if (resultCodeOf(error) === ldapCode.noSuchObject) {
      await checkGone(ldap, group, signal)
      return { members: [], next: undefined }
    }
    if (resultCodeOf(error) === ldapCode.invalidDnSyntax) throw groupNotFound(group)
    throw asConnectorError('ldap.read-refused', error)
  }
}

/**
 * Groups that may be empty look so, too, where rights hide who is in them: asked for a member, only one that is empty
 * has no such attribute.
 */
const hasMembersUnlisted = async (
  ldap: LdapSessions,
  group: LdapGroup,
  signal: AbortSignal,
): Promise<boolean> => {
  try {
    // Whether that one is in it or not: it has members.
    await ldap.run(signal, (client) => client.compare(group.dn, group.attribute, group.dn))
    return true
  } catch (error) {
    if (resultCodeOf(error) === ldapCode.insufficientAccessRights) return true
    if (resultCodeOf(error) === undefined) throw error
    return false
  }
}

/** What the directory knows of a member; one without an entry is told of by its name alone. */
const holderOf = async (
  ldap: LdapSessions,
  member: string,
  by: 'dn' | 'uid',
  search: UserSearch,
  signal: AbortSignal,
): Promise<Holder> => {
  const found = await usersIn(
    ldap,
    search,
    by === 'dn' ? member : search.base,
    by === 'dn'
      ? { scope: 'base' }
      : { scope: 'sub', filter: `(uid=${EqualityFilter.escape(member)})` },
    signal,
  ).catch((error: unknown) => {
    if (
      resultCodeOf(error) === ldapCode.noSuchObject ||
      resultCodeOf(error) === ldapCode.invalidDnSyntax
    )
      return []
    throw asConnectorError('ldap.read-refused', error)
  })
  const entry = found.length === 1 ? found[0] : undefined
  return {
    subjectId: entry?.externalId ?? null,
    userName: entry?.userName ?? (by === 'uid' ? member : null),
    email: entry?.email ?? null,
    employeeNumber: entry?.employeeNumber ?? null,
    account: { id: entry?.id ?? null, member },
    label: member,
  }
}

const isPlaceholder = ({ placeholderMember }: LdapGroup, member: string): boolean =>
  placeholderMember !== undefined && sameDn(placeholderMember, member)
