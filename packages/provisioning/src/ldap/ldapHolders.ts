import { EqualityFilter } from 'ldapts'
import type { Holder } from '../connector.ts'
import { asConnectorError, codeOf, ldapCode } from './ldapErrors.ts'
import { groupNotFound, type LdapGroup } from './ldapGroups.ts'
import type { LdapSessions } from './ldapSessions.ts'
import { textsOf, type UserSearch } from './ldapUsers.ts'

const PAGE = 200

/**
 * Who is in a group, in pages; the placeholder isn't told of. Large groups of Active Directory come in ranges (`member;range=0-1499`).
 * @throws ConnectorError `ldap.group-not-found`, and what a session throws
 */
export async function* holdersOf(
  ldap: LdapSessions,
  group: LdapGroup,
  by: 'dn' | 'uid',
  search: UserSearch,
  signal: AbortSignal,
): AsyncGenerator<readonly Holder[]> {
  let ask: string | undefined = group.attribute
  while (ask !== undefined) {
    const { members, next } = await someMembers(ldap, group, ask, signal)
    for (let from = 0; from < members.length; from += PAGE) {
      const page = members.slice(from, from + PAGE)
      yield await Promise.all(page.map((member) => holderOf(ldap, member, by, search, signal)))
    }
    ask = next
  }
}

/** The members that one answer has, and which attribute has the next ones. */
const someMembers = async (
  ldap: LdapSessions,
  group: LdapGroup,
  ask: string,
  signal: AbortSignal,
): Promise<{ readonly members: readonly string[]; readonly next: string | undefined }> => {
  try {
    const { searchEntries } = await ldap.run(signal, (client) =>
      client.search(group.dn, { scope: 'base', attributes: [ask] }),
    )
    const [entry] = searchEntries
    if (entry === undefined) throw groupNotFound(group)
    const range = Object.keys(entry).flatMap((name) => {
      const [, to] = /;range=\d+-(\d+|\*)$/i.exec(name) ?? []
      return to === undefined || textsOf(entry, name).length === 0 ? [] : [{ name, to }]
    })[0]
    const all = textsOf(entry, range?.name ?? ask)
    const next =
      range === undefined || range.to === '*'
        ? undefined
        : `${group.attribute};range=${Number(range.to) + 1}-*`
    return { members: all.filter((member) => !isPlaceholder(group, member)), next }
  } catch (error) {
    if (codeOf(error) === ldapCode.noSuchObject || codeOf(error) === ldapCode.invalidDnSyntax)
      throw groupNotFound(group)
    throw asConnectorError('ldap.read-refused', error)
  }
}

/** What the directory knows of a member; one without an entry is told of by its name alone. */
const holderOf = async (
  ldap: LdapSessions,
  member: string,
  by: 'dn' | 'uid',
  { base, attributeOf }: UserSearch,
  signal: AbortSignal,
): Promise<Holder> => {
  const attributes = ['uid', 'mail', ...Object.values(attributeOf)]
  const entry = await ldap
    .run(signal, async (client) => {
      const { searchEntries } = await client.search(
        by === 'dn' ? member : base,
        by === 'dn'
          ? { scope: 'base', attributes }
          : {
              scope: 'sub',
              filter: new EqualityFilter({ attribute: 'uid', value: member }),
              attributes,
              sizeLimit: 2,
            },
      )
      return searchEntries.length === 1 ? searchEntries[0] : undefined
    })
    .catch((error: unknown) => {
      if (codeOf(error) === ldapCode.noSuchObject || codeOf(error) === ldapCode.invalidDnSyntax)
        return undefined
      throw asConnectorError('ldap.read-refused', error)
    })
  const text = (attribute: string | undefined) =>
    entry === undefined || attribute === undefined ? null : (textsOf(entry, attribute)[0] ?? null)
  return {
    subjectId: text(attributeOf.id),
    userName: text(attributeOf.userName) ?? (by === 'uid' ? member : text('uid')),
    email: text(attributeOf.email ?? 'mail'),
    label: member,
  }
}

const isPlaceholder = ({ placeholderMember }: LdapGroup, member: string): boolean =>
  placeholderMember !== undefined && plain(placeholderMember) === plain(member)

/** A DN without what makes no difference: case, and blanks around commas and equals signs. */
const plain = (dn: string): string => dn.toLowerCase().replace(/\s*([,=])\s*/g, '$1')
