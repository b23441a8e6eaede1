import {
  type Access,
  type Connector,
  ConnectorError,
  type GrantAnswer,
  type Operation,
  type ReadBack,
  type TargetRole,
} from '../connector.ts'
import { checkMost, orItsError, unlessAllFailed } from '../many.ts'
import { ldapAbilities } from './ldapAbilities.ts'
import { asConnectorError, concernsAll, lasting, ldapCode, resultCodeOf } from './ldapErrors.ts'
import {
  addMember,
  type GroupKind,
  groupIdOf,
  groupKinds,
  type LdapGroup,
  removeMember,
} from './ldapGroups.ts'
import { holdersOf } from './ldapHolders.ts'
import { changeMemberships, type Membership } from './ldapMany.ts'
import { createLdapSessions } from './ldapSessions.ts'
import { type Asking, accountToGrant, type Standing, standingOf } from './ldapStanding.ts'
import { baseNotFound, userSearch } from './ldapUsers.ts'

export interface LdapConnectorOptions {
  readonly name: string
  /**
   * `ldaps://host`, or `ldap://host` with `startTls`; without encryption only to this machine itself, since the
   * password would be readable.
   */
  readonly url: string
  /** Default false. */
  readonly startTls?: boolean
  /** PEM of the authorities that are trusted; those of Node when absent. */
  readonly ca?: string
  /** Who the engine is in the directory. */
  readonly bindDn: string
  readonly password: string
  /** DN that everybody is below. */
  readonly base: string
  /** How one person is found: a filter with `{userName}`, `{email}` or `{id}`. Default `(uid={userName})`. */
  readonly userFilter?: string
  readonly groupKind: GroupKind
  /** Whose external id is the DN of the group. Default `resource`. */
  readonly groupOf?: 'resource' | 'role'
  /** DN that stays in a group whose last member goes, where the directory asks for one. */
  readonly placeholderMember?: string
  /** In one request. Default 200. */
  readonly membersPerChange?: number
  /** For one exchange. Default 30,000. */
  readonly timeoutMillis?: number
}

/**
 * Grants by membership in groups of a directory (LDAP v3, RFC 4511).
 * @throws ConnectorError `ldap.configuration` at once for what can't be used
 */
export const createLdapConnector = (options: LdapConnectorOptions): Connector => {
  const { name, bindDn, base, groupKind, groupOf = 'resource' } = options
  const { attribute, by } = groupKinds[groupKind]
  const search = userSearch(base, options.userFilter ?? '(uid={userName})')
  if (options.password === '') throw configuration('password: is empty')
  const ldap = createLdapSessions({
    url: usableUrl(options.url, options.startTls === true),
    startTls: options.startTls === true,
    ca: options.ca,
    bindDn,
    password: options.password,
    timeoutMillis: options.timeoutMillis ?? 30_000,
  })

  const membersOf = { attribute, placeholderMember: options.placeholderMember }
  const groupFor = (access: TargetRole & Partial<Pick<Access, 'subject'>>): LdapGroup => {
    const { resource, role, subject } = access
    const dn = groupOf === 'role' ? role.externalId : resource.externalId
    if (dn === '') {
      throw lasting(
        'ldap.no-group',
        `the ${groupOf} has no externalId, so no group of the directory; import it with the group's DN, then reprocess`,
      )
    }
    const id = subject?.account?.group
    return { dn, attribute, placeholderMember: options.placeholderMember, id }
  }

  const asking = (signal: AbortSignal): Asking => ({ ldap, search, by, signal })
  const standing = async (
    access: Access,
    want: 'answer' | 'names',
    signal: AbortSignal,
  ): Promise<Standing> => {
    signal.throwIfAborted()
    return await standingOf(asking(signal), access.subject, groupFor(access), want)
  }
  const readBack = async (access: Access, signal: AbortSignal): Promise<ReadBack> =>
    (await standing(access, 'answer', signal)).says

  const toAdd = async ({ access }: Operation, signal: AbortSignal) => {
    signal.throwIfAborted()
    const group = groupFor(access)
    const account = await accountToGrant(asking(signal), access.subject)
    return { group, member: account.member, account }
  }
  /** Each group is looked up once for all. */
  const withGroupIds = async (
    wanted: readonly (Awaited<ReturnType<typeof toAdd>> | ConnectorError)[],
    signal: AbortSignal,
  ) => {
    const groups = new Map(
      wanted.flatMap((one) =>
        one instanceof ConnectorError ? [] : [[one.group.dn, one.group] as const],
      ),
    )
    const ids = new Map(
      await Promise.all(
        [...groups].map(async ([dn, group]) => [dn, await groupIdOf(ldap, group, signal)] as const),
      ),
    )
    return wanted.map((one) =>
      one instanceof ConnectorError
        ? one
        : { ...one, account: { ...one.account, group: ids.get(one.group.dn) } },
    )
  }
  /** None: it is positively not in the group. */
  const toRemove = async (
    { access }: Operation,
    signal: AbortSignal,
  ): Promise<readonly Membership[]> => {
    const { says, members } = await standing(access, 'names', signal)
    if (says.state === 'unknown' && !says.unreadable) throw lasting(says.code, says.reason)
    const group = groupFor(access)
    return members.map((member) => ({ group, member }))
  }

  const most = options.membersPerChange ?? 200
  const manyGrants = async (operations: readonly Operation[], signal: AbortSignal) => {
    checkMost(operations, most)
    const found = await Promise.all(operations.map((each) => orItsError(toAdd(each, signal))))
    const wanted = await withGroupIds(found, signal)
    const answers = await changeMemberships(ldap, 'add', wanted, signal)
    return unlessAllFailed(
      wanted.map((one, index): GrantAnswer | ConnectorError =>
        one instanceof ConnectorError ? one : (answers[index] ?? { account: one.account }),
      ),
      concernsAll,
    )
  }
  const manyRevokes = async (operations: readonly Operation[], signal: AbortSignal) => {
    checkMost(operations, most)
    const wanted = await Promise.all(operations.map((each) => orItsError(toRemove(each, signal))))
    const all = wanted.flatMap((one) => (one instanceof ConnectorError ? [] : one))
    const answers = (await changeMemberships(ldap, 'delete', all, signal)).values()
    return unlessAllFailed(
      wanted.map((one) => {
        if (one instanceof ConnectorError) return one
        const each = one.map(() => answers.next().value)
        return each.find((answer) => answer !== undefined)
      }),
      concernsAll,
    )
  }

  return {
    name,
    probe: async () => {
      const signal = AbortSignal.timeout(60_000)
      try {
        const { searchEntries } = await ldap.run(signal, (client) =>
          client.search(base, { scope: 'base', attributes: ['1.1'] }),
        )
        if (searchEntries.length === 0) throw baseNotFound(base)
      } catch (error) {
        if (resultCodeOf(error) === ldapCode.noSuchObject) throw baseNotFound(base)
        throw asConnectorError('ldap.configuration', error)
      }
    },
    abilities: (signal) => ldapAbilities(asking(signal), membersOf),
    readBack,
    grant: async (access, signal) => {
      const { group, member, account } = await toAdd({ access, operationId: '' }, signal)
      const id = await groupIdOf(ldap, group, signal)
      await addMember(ldap, group, member, signal)
      return { account: { ...account, group: id } }
    },
    revoke: async (access, signal) => {
      const memberships = await toRemove({ access, operationId: '' }, signal)
      for (const { group, member } of memberships) await removeMember(ldap, group, member, signal)
      return undefined
    },
    many: {
      most,
      readBack: async (accesses, signal) => {
        checkMost(accesses, most)
        const answers = accesses.map((access) => orItsError(readBack(access, signal)))
        return unlessAllFailed(await Promise.all(answers), concernsAll)
      },
      grant: manyGrants,
      revoke: manyRevokes,
    },
    holders: (role, signal) => holdersOf(ldap, groupFor(role), by, search, signal),
    close: ldap.close,
  }
}

const configuration = (message: string): ConnectorError => lasting('ldap.configuration', message)

const usableUrl = (text: string, startTls: boolean): URL => {
  const url = URL.parse(text)
  if (url === null || !['ldap:', 'ldaps:'].includes(url.protocol) || url.hostname === '')
    throw configuration('url: not a URL such as ldaps://ldap.example.com')
  if (
    url.username + url.password + url.search + url.hash !== '' ||
    !['', '/'].includes(url.pathname)
  )
    throw configuration('url: takes a host and a port, nothing else')
  if (startTls && url.protocol === 'ldaps:')
    throw configuration('startTls: is for ldap://; ldaps:// is encrypted from the start')
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (url.protocol === 'ldap:' && !startTls && !local) {
    throw configuration(
      'url: must be ldaps://, or ldap:// with startTls (without encryption only to this machine itself)',
    )
  }
  return url
}
