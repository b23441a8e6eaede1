import { Attribute, Change, Control } from 'ldapts'
import { ConnectorError } from '../connector.ts'
import {
  asConnectorError,
  isRefusal,
  lasting,
  ldapCode,
  resultCodeOf,
  saidBy,
} from './ldapErrors.ts'
import type { LdapSessions } from './ldapSessions.ts'
import { namingContexts, STABLE_ID, stableIdFilter, stableIdOf, textsOf } from './ldapUsers.ts'

/** How groups of each kind name their members: by DN, or by the `uid` of their entry. */
export const groupKinds = {
  groupOfNames: { attribute: 'member', by: 'dn' },
  groupOfUniqueNames: { attribute: 'uniqueMember', by: 'dn' },
  posixGroup: { attribute: 'memberUid', by: 'uid' },
} as const satisfies Record<string, { readonly attribute: string; readonly by: 'dn' | 'uid' }>
export type GroupKind = keyof typeof groupKinds
export const ldapGroupKinds = [
  'groupOfNames',
  'groupOfUniqueNames',
  'posixGroup',
] as const satisfies readonly GroupKind[]

export interface LdapGroup {
  readonly dn: string
  /** Of the members: `member`, `uniqueMember` or `memberUid`. */
  readonly attribute: string
  /** What stands in a group that has no other member, where the directory asks for one. */
  readonly placeholderMember: string | undefined
  /** Its stable id when access was granted, where that is known: a group that is renamed isn't gone. */
  readonly id?: string | undefined
}

/**
 * Adding what is there and removing what isn't are successes; Active Directory knows it too. Not critical: others pass
 * over it.
 */
const permissiveModify = () => new Control('1.2.840.113556.1.4.1413', { critical: false })

/**
 * Is it a member? Asked by "compare": by the directory's own rules of equality, and whatever the size of the group.
 * A group that is gone has no members.
 * @returns undefined: the directory doesn't show bindDn who is in the group
 */
export const isMember = async (
  ldap: LdapSessions,
  group: LdapGroup,
  member: string,
  signal: AbortSignal,
): Promise<boolean | undefined> => {
  try {
    return await ldap.run(signal, (client) => client.compare(group.dn, group.attribute, member))
  } catch (error) {
    if (resultCodeOf(error) === ldapCode.insufficientAccessRights) return undefined
    if (resultCodeOf(error) === ldapCode.noSuchAttribute)
      return (await mustHaveMembers(ldap, group, signal)) ? undefined : false
    if (resultCodeOf(error) === ldapCode.noSuchObject) {
      await checkGone(ldap, group, signal)
      return false
    }
    if (resultCodeOf(error) === ldapCode.invalidDnSyntax) throw groupNotFound(group)
    throw asConnectorError('ldap.read-refused', error)
  }
}

/** True for kinds that have a member at all times (RFC 4519 §3.5, §3.6): one that shows none hides them. */
const mustHaveMembers = async (
  ldap: LdapSessions,
  group: LdapGroup,
  signal: AbortSignal,
): Promise<boolean> => {
  const { searchEntries } = await ldap
    .run(signal, (client) =>
      client.search(group.dn, { scope: 'base', attributes: ['objectClass'] }),
    )
    .catch((error: unknown) => {
      throw asConnectorError('ldap.read-refused', error)
    })
  const [entry] = searchEntries
  if (entry === undefined) throw groupNotFound(group)
  return hidesMembers(entry)
}

/** Of a group without any member to be seen. */
export const hidesMembers = (entry: Parameters<typeof textsOf>[0]): boolean =>
  textsOf(entry, 'objectClass').some((kind) => ALWAYS_WITH_MEMBERS.has(kind.toLowerCase()))

const ALWAYS_WITH_MEMBERS: ReadonlySet<string> = new Set(['groupofnames', 'groupofuniquenames'])

/** Puts it in; being in already (20) is done. */
export const addMember = async (
  ldap: LdapSessions,
  group: LdapGroup,
  member: string,
  signal: AbortSignal,
): Promise<void> => {
  try {
    await modify(ldap, group, [changeOf('add', group, [member])], signal)
  } catch (error) {
    if (resultCodeOf(error) === ldapCode.attributeOrValueExists) return
    if (
      resultCodeOf(error) === ldapCode.noSuchObject ||
      resultCodeOf(error) === ldapCode.invalidDnSyntax
    )
      throw groupNotFound(group)
    if (isRefusal(error) && (await isMember(ldap, group, member, signal)) === true) return
    throw asConnectorError('ldap.add-refused', error)
  }
}

/** Takes it out; not being in (16) is done, and so is a group that is gone. */
export const removeMember = async (
  ldap: LdapSessions,
  group: LdapGroup,
  member: string,
  signal: AbortSignal,
): Promise<void> => {
  try {
    await modify(ldap, group, [changeOf('delete', group, [member])], signal)
  } catch (error) {
    if (resultCodeOf(error) === ldapCode.noSuchAttribute) return
    if (resultCodeOf(error) === ldapCode.noSuchObject) return await checkGone(ldap, group, signal)
    if (resultCodeOf(error) === ldapCode.invalidDnSyntax) throw groupNotFound(group)
    if (resultCodeOf(error) === ldapCode.objectClassViolation && isRefusal(error))
      return await removeLast(ldap, group, member, signal, saidBy(error))
    if (isRefusal(error) && (await isMember(ldap, group, member, signal)) === false) return
    throw asConnectorError('ldap.remove-refused', error)
  }
}

/** `groupOfNames` must have a member (RFC 4519 §3.5): the last one is replaced by one that is nobody. */
const removeLast = async (
  ldap: LdapSessions,
  group: LdapGroup,
  member: string,
  signal: AbortSignal,
  said: string,
): Promise<void> => {
  const placeholder = group.placeholderMember
  if (placeholder === undefined) {
    throw lasting(
      'ldap.last-member',
      `${said}; give the connector a placeholderMember, or the group another member, then reprocess`,
    )
  }
  try {
    const changes = [changeOf('add', group, [placeholder]), changeOf('delete', group, [member])]
    await modify(ldap, group, changes, signal)
  } catch (error) {
    if (isRefusal(error) && (await isMember(ldap, group, member, signal)) === false) return
    // Somebody was quicker with the placeholder: now the member isn't the last one any more.
    if (resultCodeOf(error) === ldapCode.attributeOrValueExists) {
      throw new ConnectorError('ldap.remove-refused', 'the group is being changed by others', {
        transient: true,
      })
    }
    throw asConnectorError('ldap.remove-refused', error)
  }
}

/**
 * Adds or removes many in one request: all or none of them.
 * @returns false when the directory refused, as it does without permissive modify when one of them is there (or gone)
 *   already: then one by one
 */
export const changeMembers = async (
  ldap: LdapSessions,
  operation: 'add' | 'delete',
  group: LdapGroup,
  members: readonly string[],
  signal: AbortSignal,
): Promise<boolean> => {
  const change = changeOf(operation, group, members)
  try {
    await ldap.run(signal, (client) => client.modify(group.dn, [change], permissiveModify()))
    return true
  } catch (error) {
    if (isRefusal(error)) return false
    throw asConnectorError(`ldap.${operation === 'add' ? 'add' : 'remove'}-refused`, error)
  }
}

const modify = (
  ldap: LdapSessions,
  group: LdapGroup,
  changes: Change[],
  signal: AbortSignal,
): Promise<void> => ldap.run(signal, (client) => client.modify(group.dn, changes))

const changeOf = (
  operation: 'add' | 'delete',
  { attribute }: LdapGroup,
  members: readonly string[],
): Change =>
  new Change({ operation, modification: new Attribute({ type: attribute, values: [...members] }) })

/**
 * "No such object" is also what somebody is told who may not see it. Only where the entry above is seen does it mean
 * that the group is gone; otherwise access would count as removed while it stays (promise 2).
 * @throws ConnectorError `ldap.group-not-found`, `ldap.group-moved`
 */
export const checkGone = async (
  ldap: LdapSessions,
  group: LdapGroup,
  signal: AbortSignal,
): Promise<void> => {
  if (!(await seesAbove(ldap, group.dn, signal))) throw groupNotFound(group)
  const { id } = group
  if (id === undefined) return
  for (const where of await namingContexts(ldap, signal)) {
    const [moved] = await ldap
      .run(signal, (client) =>
        client.search(where, { scope: 'sub', filter: stableIdFilter(id), attributes: ['1.1'] }),
      )
      .then(({ searchEntries }) => searchEntries)
      .catch((error: unknown) => {
        if (isRefusal(error)) return []
        throw asConnectorError('ldap.read-refused', error)
      })
    if (moved !== undefined)
      throw lasting(
        'ldap.group-moved',
        `the group ${group.dn} is ${moved.dn} by now; correct the externalId, then reprocess`,
      )
  }
}

/** Its stable id; undefined where the directory shows none, or no such group. */
export const groupIdOf = async (
  ldap: LdapSessions,
  { dn }: Pick<LdapGroup, 'dn'>,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const { searchEntries } = await ldap
    .run(signal, (client) => client.search(dn, { scope: 'base', ...STABLE_ID }))
    .catch((error: unknown) => {
      if (isRefusal(error) || resultCodeOf(error) === ldapCode.insufficientAccessRights)
        return { searchEntries: [] }
      throw asConnectorError('ldap.read-refused', error)
    })
  const [entry] = searchEntries
  return (entry && stableIdOf(entry)) ?? undefined
}

/** Does the directory show the entry above? Then one that isn't shown isn't there; otherwise it may be hidden. */
export const seesAbove = async (
  ldap: LdapSessions,
  dn: string,
  signal: AbortSignal,
): Promise<boolean> => {
  const parent = dn.replace(/^(?:[^,\\]|\\.)*(?:,|$)/s, '')
  try {
    const { searchEntries } = await ldap.run(signal, (client) =>
      client.search(parent, { scope: 'base', attributes: ['1.1'] }),
    )
    return searchEntries.length > 0
  } catch (error) {
    if (!isRefusal(error)) throw asConnectorError('ldap.read-refused', error)
    return false
  }
}

export const groupNotFound = ({ dn }: LdapGroup): ConnectorError =>
  lasting(
    'ldap.group-not-found',
    `the directory shows bindDn no group ${dn}; correct the externalId, or let bindDn read there, then reprocess`,
  )
