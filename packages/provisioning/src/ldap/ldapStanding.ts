import { EqualityFilter } from 'ldapts'
import {
  type Access,
  absent,
  present,
  type ReadBack,
  type TargetAccount,
  unknown,
  unreadable,
} from '../connector.ts'
import { hasKept, matchAccount } from '../matching/matchAccount.ts'
import { asConnectorError, isRefusal, lasting, ldapCode, resultCodeOf } from './ldapErrors.ts'
import { isMember, type LdapGroup, seesAbove } from './ldapGroups.ts'
import { membersIn } from './ldapHolders.ts'
import type { LdapSessions } from './ldapSessions.ts'
import {
  findUsers,
  type LdapUser,
  namingContexts,
  sameDn,
  stableIdFilter,
  type UserSearch,
  usersIn,
} from './ldapUsers.ts'

/** What all questions about accounts are asked with. */
export interface Asking {
  readonly ldap: LdapSessions
  readonly search: UserSearch
  /** How the group names its members. */
  readonly by: 'dn' | 'uid'
  readonly signal: AbortSignal
}

type Subject = Access['subject']

/** What the group has of an access. */
export interface Standing {
  readonly says: ReadBack
  /** By which names the account may be in the group: what a removal takes out. */
  readonly members: readonly string[]
}

/**
 * Whom a grant goes to: the account that is kept, wherever it is now; else the one that has the person's names.
 * @throws ConnectorError `ldap.user-not-found`, and what `matchAccount` throws
 */
export const accountToGrant = async (asking: Asking, subject: Subject): Promise<TargetAccount> => {
  const { ldap, search, signal } = asking
  const user =
    (await findKept(asking, subject)) ??
    matchAccount('ldap', subject, await findUsers(ldap, search, subject, signal))
  if (user !== undefined) return accountOf(user, asking.by)
  throw userNotFound(asking, subject)
}

/**
 * Whether the person has the access. By the account that is kept, where there is one; by names otherwise, and then "not
 * found" says nothing, for the entry may have another name now.
 * @param want `names`: for a removal, which needn't ask first whether an account that is found is a member
 * @throws ConnectorError what `matchAccount` throws, and for what can't be asked
 */
export const standingOf = async (
  asking: Asking,
  subject: Subject,
  group: LdapGroup,
  want: 'answer' | 'names',
): Promise<Standing> => {
  const kept = subject.account
  const user = await findKept(asking, subject)
  if (kept?.id != null) {
    return user === undefined
      ? await standingOfGone(asking, kept, group)
      : await standingIn(asking, group, { ...kept, ...accountOf(user, asking.by) }, kept, want)
  }
  const { ldap, search, signal } = asking
  const found = matchAccount('ldap', subject, await findUsers(ldap, search, subject, signal))
  if (found !== undefined)
    return await standingIn(asking, group, accountOf(found, asking.by), null, want)
  for await (const members of membersIn(ldap, group, signal)) {
    if (members.length === 0) continue
    const { code, message } = userNotFound(asking, subject)
    return { says: unknown(code, message), members: [] }
  }
  // Nobody at all is in it.
  return { says: absent(), members: [] }
}

const userNotFound = ({ search }: Asking, { id }: Pick<Subject, 'id'>) =>
  lasting(
    'ldap.user-not-found',
    `the directory has no entry of ${id} below ${search.base} by the names that are known; make one or correct its names, then reprocess`,
  )

/**
 * The same names as before may stay in a group when an entry moves: they count as the account's, unless somebody else
 * has them now.
 */
const standingIn = async (
  asking: Asking,
  group: LdapGroup,
  account: TargetAccount,
  kept: TargetAccount | null,
  want: 'answer' | 'names',
): Promise<Standing> => {
  const { ldap, by, signal } = asking
  const same = (one: string) => (by === 'dn' ? sameDn(one, account.member) : one === account.member)
  const stale =
    kept === null || same(kept.member) || (await isAnothers(asking, kept)) ? [] : [kept.member]
  const names = [account.member, ...stale]
  if (want === 'names') return { says: present(account), members: names }
  const members: string[] = []
  for (const member of names) {
    const is = await isMember(ldap, group, member, signal)
    if (is === undefined)
      return {
        says: unreadable(
          'ldap.members-hidden',
          `the directory doesn't show bindDn who is in ${group.dn}; let it read ${group.attribute} there`,
        ),
        members: names,
      }
    if (is) members.push(member)
  }
  return { says: members.length > 0 ? present(account) : absent(account), members }
}

/**
 * The account isn't to be found any more: deleted, or moved out of sight. Only members whose entries are seen to be
 * others', or to be nowhere, are surely not it.
 */
const standingOfGone = async (
  asking: Asking,
  kept: TargetAccount,
  group: LdapGroup,
): Promise<Standing> => {
  const { ldap, signal } = asking
  const theirs: string[] = []
  let doubtful = 0
  for await (const page of membersIn(ldap, group, signal)) {
    const whose = await Promise.all(page.map((member) => whoseIs(asking, kept, member)))
    theirs.push(...page.filter((_, index) => whose[index] === 'theirs'))
    doubtful += whose.filter((one) => one === 'unknown').length
  }
  if (theirs.length > 0) return { says: present(kept), members: theirs }
  if (doubtful === 0) return { says: absent(kept), members: [] }
  return {
    says: unknown(
      'ldap.account-not-found',
      `the entry that access was given to isn't to be seen any more, and the directory doesn't tell whose ${doubtful} members of ${group.dn} are; let bindDn read them, or take it out by hand`,
    ),
    members: [],
  }
}

const whoseIs = async (
  asking: Asking,
  kept: TargetAccount,
  member: string,
): Promise<'theirs' | 'another' | 'unknown'> => {
  const { ldap, by, signal } = asking
  const [entry, ...more] = await entriesOf(asking, member)
  const same = by === 'dn' ? sameDn(member, kept.member) : member === kept.member
  if (entry === undefined) {
    if (same) return 'theirs'
    return by === 'dn' && (await seesAbove(ldap, member, signal)) ? 'another' : 'unknown'
  }
  if (more.length > 0 || entry.id === null) return 'unknown'
  return entry.id === kept.id ? 'theirs' : 'another'
}

/** Has somebody else the name under which the account was in the group? */
const isAnothers = async (asking: Asking, kept: TargetAccount): Promise<boolean> => {
  const entries = await entriesOf(asking, kept.member)
  return entries.some(({ id }) => id !== kept.id)
}

/** The entries that a group's name for a member means: one by DN, any by uid. */
const entriesOf = async (asking: Asking, member: string): Promise<readonly LdapUser[]> => {
  const { ldap, by, search, signal } = asking
  try {
    return by === 'dn'
      ? await usersIn(ldap, search, member, { scope: 'base' }, signal)
      : await usersIn(
          ldap,
          search,
          search.base,
          { scope: 'sub', filter: `(uid=${EqualityFilter.escape(member)})` },
          signal,
        )
  } catch (error) {
    if (isRefusal(error)) return []
    throw asConnectorError('ldap.read-refused', error)
  }
}

/**
 * The entry that is kept with the grant: where it was, under the person's names, or anywhere that the directory shows.
 * @returns undefined: none is kept, or it is nowhere to be seen
 */
const findKept = async (asking: Asking, subject: Subject): Promise<LdapUser | undefined> => {
  const id = subject.account?.id
  if (!hasKept(subject) || subject.account == null || id == null) return undefined
  const { ldap, search, signal, by } = asking
  const isIt = (entries: readonly LdapUser[]) => entries.find((entry) => entry.id === id)
  const there = by === 'dn' ? isIt(await entriesOf(asking, subject.account.member)) : undefined
  if (there !== undefined) return there
  const named = isIt(await findUsers(ldap, search, subject, signal))
  if (named !== undefined) return named
  const filter = stableIdFilter(id)
  for (const where of [search.base, ...(await namingContexts(ldap, signal))]) {
    const found = isIt(
      await orNobody(usersIn(ldap, search, where, { scope: 'sub', filter }, signal)),
    )
    if (found !== undefined) return found
  }
  return undefined
}

/** A part of the directory that isn't there, or isn't shown, has nobody in it to be seen. */
export const orNobody = async (
  search: Promise<readonly LdapUser[]>,
): Promise<readonly LdapUser[]> => {
  try {
    return await search
  } catch (error) {
    if (isRefusal(error) || resultCodeOf(error) === ldapCode.insufficientAccessRights) return []
    throw asConnectorError('ldap.lookup-refused', error)
  }
}

/** The names that are kept of an entry. @throws ConnectorError `ldap.user-without-uid` */
const accountOf = ({ dn, uid, id }: LdapUser, by: 'dn' | 'uid'): TargetAccount => {
  if (by === 'dn') return { id, member: dn }
  if (uid !== undefined) return { id, member: uid }
  throw lasting('ldap.user-without-uid', `${dn} has no uid, which posixGroup names members by`)
}
