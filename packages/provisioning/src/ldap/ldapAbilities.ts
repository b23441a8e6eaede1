import type { SearchOptions } from 'ldapts'
import { type Ability, ConnectorError } from '../connector.ts'
import { asConnectorError, ldapCode, resultCodeOf } from './ldapErrors.ts'
import { isMember, type LdapGroup } from './ldapGroups.ts'
import { membersIn } from './ldapHolders.ts'
import { type Asking, orNobody } from './ldapStanding.ts'
import { type LdapUser, namingContexts, stableIdFilter, usersIn } from './ldapUsers.ts'

type Can = Ability['can']

/** What was found of one thing, and the DN of what it was found of. */
interface Found {
  readonly can: Can
  readonly dn: string
}

const GROUPS_LOOKED_AT = 20

/** Classes of groups by what names their members; a directory that doesn't have one finds none of it. */
const classesOf: Readonly<Record<string, readonly string[]>> = {
  member: ['groupOfNames', 'group', 'groupOfMembers', 'groupOfEntries'],
  uniqueMember: ['groupOfUniqueNames'],
  memberUid: ['posixGroup'],
}

/**
 * What a directory shows bindDn of what rights and servers make different, found out by looking at some people and
 * groups; nothing is changed. One that is hidden makes a "no", and is named.
 * @throws ConnectorError what a session throws
 */
export const ldapAbilities = async (
  asking: Asking,
  kind: Omit<LdapGroup, 'dn'>,
): Promise<readonly Ability[]> => {
  const people = await somePeople(asking)
  const groups: { readonly lists: Found; readonly tells: Found }[] = []
  for (const dn of await someGroups(asking, kind.attribute))
    groups.push(await lookAt(asking, { ...kind, dn }, people[0]))
  const lists = ofAll(groups.map((group) => group.lists))
  const tells = ofAll(groups.map((group) => group.tells))
  const shows = ofAll(people.map(({ dn, id }) => ({ dn, can: id === null ? 'no' : 'yes' })))
  const finds = await findsById(asking, people)
  const byId: readonly Can[] = [shows.can, finds, tells.can]
  return [
    { ability: 'list-members', ...lists },
    { ability: 'show-stable-ids', ...shows },
    {
      ability: 'read-back-by-stable-id',
      can: byId.includes('no') ? 'no' : byId.includes('not known') ? 'not known' : 'yes',
    },
    { ability: 'read-back', ...tells },
  ]
}

const ofAll = (found: readonly Found[]): Pick<Ability, 'can' | 'where'> => {
  const no = found.find(({ can }) => can === 'no')
  if (no !== undefined) return { can: 'no', where: no.dn }
  return { can: found.some(({ can }) => can === 'yes') ? 'yes' : 'not known' }
}

const somePeople = (asking: Asking): Promise<readonly LdapUser[]> => {
  const { ldap, search, signal } = asking
  const names = new Set(['uid', ...Object.values(search.attributeOf)])
  const filter = `(|${[...names].map((name) => `(${name}=*)`).join('')})`
  return orNobody(usersIn(ldap, search, search.base, { scope: 'sub', filter }, signal))
}

/** DNs of groups that bindDn is shown, anywhere. */
const someGroups = async (asking: Asking, attribute: string): Promise<readonly string[]> => {
  const { ldap, search, signal } = asking
  const classes = (classesOf[attribute] ?? []).map((name) => `(objectClass=${name})`)
  const asked = {
    scope: 'sub',
    filter: `(|${classes.join('')})`,
    attributes: ['1.1'],
    sizeLimit: GROUPS_LOOKED_AT,
  } satisfies SearchOptions
  const found = new Set<string>()
  for (const where of new Set([...(await namingContexts(ldap, signal)), search.base])) {
    const { searchEntries } = await ldap
      .run(signal, (client) => client.search(where, asked))
      .catch((error: unknown) => {
        if (NOTHING_TO_SEE.has(resultCodeOf(error))) return { searchEntries: [] }
        throw asConnectorError('ldap.read-refused', error)
      })
    for (const { dn } of searchEntries) found.add(dn)
  }
  return [...found].slice(0, GROUPS_LOOKED_AT)
}

const NOTHING_TO_SEE: ReadonlySet<number | undefined> = new Set([
  ldapCode.noSuchObject,
  ldapCode.insufficientAccessRights,
])

/** Whether it lists its members, and whether it tells of one that is asked for: rights may differ. */
const lookAt = async (
  asking: Asking,
  group: LdapGroup,
  somebody: LdapUser | undefined,
): Promise<{ readonly lists: Found; readonly tells: Found }> => {
  const { ldap, by, signal } = asking
  const listed = await firstMember(asking, group)
  const said = (tells: Can) => ({
    lists: { can: listed.can, dn: group.dn },
    tells: { can: tells, dn: group.dn },
  })
  // Where nobody is listed it may be empty, but for the placeholder; where the list is hidden, anybody's name will do.
  const anybody = by === 'dn' ? somebody?.dn : somebody?.uid
  const placeholder = listed.can === 'no' ? undefined : group.placeholderMember
  const asked = listed.member ?? placeholder ?? anybody
  if (asked === undefined) return said('not known')
  try {
    const is = await isMember(ldap, group, asked, signal)
    if (is === undefined) return said('no')
    if (is) return said('yes')
    // "Isn't in it" is wrong of who is listed, an answer where the list is hidden, and nothing of a group that may be
    // empty.
    if (listed.member !== undefined) return said('no')
    return said(listed.can === 'no' ? 'yes' : 'not known')
  } catch (error) {
    if (isHidden(error)) return said('no')
    throw error
  }
}

interface Listed {
  readonly can: Can
  readonly member?: string
}

const firstMember = async ({ ldap, signal }: Asking, group: LdapGroup): Promise<Listed> => {
  try {
    for await (const [member] of membersIn(ldap, group, signal))
      if (member !== undefined) return { can: 'yes', member }
    return { can: 'not known' }
  } catch (error) {
    if (isHidden(error)) return { can: 'no' }
    throw error
  }
}

/** A group that is gone since it was found counts as hidden, too: that is seldom, and said again the next time. */
const isHidden = (error: unknown): boolean =>
  error instanceof ConnectorError && HIDDEN.has(error.code)

const HIDDEN: ReadonlySet<string> = new Set([
  'ldap.members-hidden',
  'ldap.forbidden',
  'ldap.read-refused',
  'ldap.group-not-found',
])

/** Is an entry found by its stable id, as it must be when it was moved or renamed? */
const findsById = async (asking: Asking, people: readonly LdapUser[]): Promise<Can> => {
  const { ldap, search, signal } = asking
  const id = people.find((person) => person.id !== null)?.id
  if (id == null) return 'not known'
  const asked = { scope: 'sub', filter: stableIdFilter(id) } as const
  const found = await orNobody(usersIn(ldap, search, search.base, asked, signal))
  return found.some((person) => person.id === id) ? 'yes' : 'no'
}
