import { ConnectorError } from '../connector.ts'
import { inTurns, orItsError } from '../many.ts'
import {
  addToGroup,
  changeMembers,
  type Member,
  removeFromGroup,
  type Scim,
} from './scimMembers.ts'
import type { Told } from './scimMembership.ts'
import { addValue, removeValue, valueTold } from './scimValues.ts'

/** One account in one place: a group, by its id, or a value of the account. */
export interface Placed {
  readonly place: string
  readonly userId: string
}

/** What access is in the target. Answers are in the order of what was asked. */
export interface Places {
  /** By what the log knows: the target has told somebody's access there, or hasn't though it was granted. */
  noteTelling(place: string, tells: boolean): void
  told(asked: readonly Placed[], signal: AbortSignal): Promise<readonly (Told | ConnectorError)[]>
  change(
    operation: 'add' | 'remove',
    asked: readonly Placed[],
    signal: AbortSignal,
  ): Promise<readonly (ConnectorError | undefined)[]>
}

/** Accounts side by side, where each is a request of its own. */
const SIDE_BY_SIDE = 8

/**
 * Membership in groups: each group is asked once for all, and changed by one PATCH; one by one where the service
 * refuses the whole.
 */
export const groupPlaces = (scim: Scim): Places => ({
  noteTelling: (groupId, tells) => scim.memberships.noteTelling(groupId, tells),
  told: (asked, signal) =>
    byPlace(asked, async (place, userIds) => {
      const told = await orItsError(scim.memberships.of(place, userIds, signal))
      return userIds.map((id) =>
        told instanceof ConnectorError ? told : (told.get(id) ?? 'untold'),
      )
    }),
  change: (operation, asked, signal) =>
    byPlace(asked, (groupId, userIds) => changeGroup(scim, operation, groupId, userIds, signal)),
})

/** Values of accounts: one account is one PATCH. */
export const valuePlaces = (scim: Scim, attribute: 'roles' | 'entitlements'): Places => {
  const each = <Answer>(
    asked: readonly Placed[],
    signal: AbortSignal,
    call: (granted: Parameters<typeof addValue>[1]) => Promise<Answer>,
  ) =>
    inTurns(asked, SIDE_BY_SIDE, ({ place: value, userId }) =>
      orItsError(call({ attribute, value, userId, signal })),
    )
  return {
    noteTelling: () => {},
    told: (asked, signal) => each(asked, signal, (granted) => valueTold(scim, granted)),
    change: async (operation, asked, signal) =>
      (
        await each(asked, signal, (granted) =>
          operation === 'add' ? addValue(scim, granted) : removeValue(scim, granted),
        )
      ).map((answer) => (answer instanceof ConnectorError ? answer : undefined)),
  }
}

const byPlace = async <Answer>(
  asked: readonly Placed[],
  call: (place: string, userIds: readonly string[]) => Promise<readonly Answer[]>,
): Promise<readonly Answer[]> => {
  const answers = new Map<string, Answer>()
  await Promise.all(
    [...Map.groupBy(asked, ({ place }) => place)].map(async ([place, all]) => {
      const userIds = [...new Set(all.map(({ userId }) => userId))]
      const said = await call(place, userIds)
      for (const [index, userId] of userIds.entries())
        if (index < said.length) answers.set(keyOf({ place, userId }), said[index] as Answer)
    }),
  )
  return asked.map((one) => answers.get(keyOf(one)) as Answer)
}

const keyOf = ({ place, userId }: Placed): string => JSON.stringify([place, userId])

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
    if (done) return userIds.map(() => undefined)
  }
  const one: (scim: Scim, member: Member) => Promise<void> =
    operation === 'add' ? addToGroup : removeFromGroup
  const results: (ConnectorError | undefined)[] = []
  // One after the other: side by side they would only be in each other's way.
  for (const userId of userIds) {
    const result = await orItsError(one(scim, { groupId, userId, signal }))
    results.push(result instanceof ConnectorError ? result : undefined)
  }
  return results
}
