import { absent, ConnectorError, present, type ReadBack } from '../connector.ts'
import { orItsError } from '../many.ts'
import {
  addToGroup,
  changeMembers,
  isMember,
  membersOf,
  removeFromGroup,
  type Scim,
} from './scimMembers.ts'

/** One account in one group, by their ids in the target. */
export interface Membership {
  readonly groupId: string
  readonly userId: string
}

/** What was asked for: a membership, or the answer that is known without asking the target. */
export type Wanted<Known> = Membership | ConnectorError | Known

/**
 * Are they members? A group is read once for all, and member by member where it is too long.
 * @returns answers in the order of what was wanted
 */
export const areMembers = async (
  { http }: Scim,
  wanted: readonly Wanted<ReadBack>[],
  signal: AbortSignal,
): Promise<readonly (ReadBack | ConnectorError)[]> => {
  const ids = new Set(wanted.filter(isMembership).map(({ groupId }) => groupId))
  const groups = new Map(
    await Promise.all(
      [...ids].map(
        async (groupId) => [groupId, await orItsError(membersOf(http, groupId, signal))] as const,
      ),
    ),
  )
  return await Promise.all(
    wanted.map(async (one) => {
      if (!isMembership(one)) return one
      const members = groups.get(one.groupId)
      if (members instanceof ConnectorError) return members
      const is = members?.has(one.userId) ?? (await orItsError(isMember(http, { ...one, signal })))
      if (is instanceof ConnectorError) return is
      return is ? present() : absent()
    }),
  )
}

/**
 * Adds or removes many memberships, one PATCH for each group; one by one where the service refuses the whole.
 * @returns answers in the order of what was wanted; undefined: done
 */
export const changeMemberships = async (
  scim: Scim,
  operation: 'add' | 'remove',
  wanted: readonly Wanted<undefined>[],
  signal: AbortSignal,
): Promise<readonly (ConnectorError | undefined)[]> => {
  const byGroup = Map.groupBy(wanted.filter(isMembership), ({ groupId }) => groupId)
  const answers = new Map<string, ConnectorError | undefined>()
  await Promise.all(
    [...byGroup].map(async ([groupId, memberships]) => {
      const userIds = [...new Set(memberships.map(({ userId }) => userId))]
      const results = await changeGroup(scim, operation, groupId, userIds, signal)
      userIds.forEach((userId, index) => {
        answers.set(keyOf({ groupId, userId }), results[index])
      })
    }),
  )
  return wanted.map((one) => (isMembership(one) ? answers.get(keyOf(one)) : one))
}

const changeGroup = async (
  scim: Scim,
  operation: 'add' | 'remove',
  groupId: string,
  userIds: readonly string[],
  signal: AbortSignal,
): Promise<readonly (ConnectorError | undefined)[]> => {
  if (userIds.length > 1) {
    const done = await orItsError(changeMembers(scim, operation, groupId, userIds, signal))
    if (done instanceof ConnectorError) return userIds.map(() => done)
    if (done) return []
  }
  const one = operation === 'add' ? addToGroup : removeFromGroup
  const results: (ConnectorError | undefined)[] = []
  // One after the other: side by side they would only be in each other's way.
  for (const userId of userIds) {
    const result = await orItsError(one(scim, { groupId, userId, signal }))
    results.push(result instanceof ConnectorError ? result : undefined)
  }
  return results
}

const keyOf = ({ groupId, userId }: Membership): string => JSON.stringify([groupId, userId])

const isMembership = <Known>(one: Wanted<Known>): one is Membership =>
  typeof one === 'object' && one !== null && 'groupId' in one
