import { ConnectorError } from '../connector.ts'
import { orItsError } from '../many.ts'
import { addMember, changeMembers, type LdapGroup, removeMember } from './ldapGroups.ts'
import type { LdapSessions } from './ldapSessions.ts'

/** One member of one group, by the name that the group has for it. */
export interface Membership {
  readonly group: LdapGroup
  readonly member: string
}

/**
 * Adds or removes many memberships, a request for each group; one by one where the directory refuses the whole.
 * @param wanted what isn't a membership is passed through as its own answer
 * @returns answers in the order of what was wanted; undefined: done
 */
export const changeMemberships = async (
  ldap: LdapSessions,
  operation: 'add' | 'delete',
  wanted: readonly (Membership | ConnectorError | undefined)[],
  signal: AbortSignal,
): Promise<readonly (ConnectorError | undefined)[]> => {
  const memberships = wanted.filter(isMembership)
  const byGroup = Map.groupBy(memberships, ({ group }) => group.dn)
  const answers = new Map<string, ConnectorError | undefined>()
  await Promise.all(
    [...byGroup.values()].map(async (ofGroup) => {
      for (const [key, answer] of await changeGroup(ldap, operation, ofGroup, signal))
        answers.set(key, answer)
    }),
  )
  return wanted.map((one) => (isMembership(one) ? answers.get(keyOf(one)) : one))
}

const changeGroup = async (
  ldap: LdapSessions,
  operation: 'add' | 'delete',
  memberships: readonly Membership[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ConnectorError | undefined>> => {
  // Each once: a value twice in one request is a mistake, even with permissive modify.
  const distinct = new Map(memberships.map((membership) => [keyOf(membership), membership]))
  const [first] = memberships
  if (first === undefined) return new Map()
  if (distinct.size > 1) {
    const members = [...distinct.values()].map(({ member }) => member)
    const done = await orItsError(changeMembers(ldap, operation, first.group, members, signal))
    if (done instanceof ConnectorError) return new Map([...distinct.keys()].map((k) => [k, done]))
    if (done) return new Map()
  }
  const one = operation === 'add' ? addMember : removeMember
  return new Map<string, ConnectorError | undefined>(
    await Promise.all(
      [...distinct].map(
        async ([key, { group, member }]) =>
          [key, (await orItsError(one(ldap, group, member, signal))) ?? undefined] as const,
      ),
    ),
  )
}

const keyOf = ({ group, member }: Membership): string => JSON.stringify([group.dn, member])

const isMembership = (one: Membership | ConnectorError | undefined): one is Membership =>
  one !== undefined && !(one instanceof ConnectorError)
