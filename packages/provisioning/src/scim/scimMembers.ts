import { ConnectorError } from '../connector.ts'
import { isGone } from './scimGroups.ts'
import { type ScimHttp, ScimRefusal } from './scimHttp.ts'
import type { Memberships, Told } from './scimMembership.ts'
import { addValues, removeValues } from './scimMessages.ts'
import { asConnectorError, refused, type ScimPatch } from './scimPatch.ts'

/** How the service is asked and changed. */
export interface Scim {
  readonly http: ScimHttp
  readonly patch: ScimPatch
  readonly memberships: Memberships
}

/** A user in a group, by their ids in the target. */
export interface Member {
  readonly groupId: string
  readonly userId: string
  readonly signal: AbortSignal
}

/** Is the user a member, as far as the service tells? */
export const toldOf = async (
  { memberships }: Scim,
  { groupId, userId, signal }: Member,
): Promise<Told> => (await memberships.of(groupId, [userId], signal)).get(userId) ?? 'untold'

/** Adds the user; already being one is done. */
export const addToGroup = async (scim: Scim, member: Member): Promise<void> => {
  try {
    await change(scim, member, addValues('members', [member.userId]))
  } catch (error) {
    if (!(error instanceof ScimRefusal)) throw asConnectorError('scim.add-refused', error)
    if (
      error.status === 404 &&
      (await isGone(scim.http, 'Groups', member.groupId, member.signal))
    ) {
      throw new ConnectorError(
        'scim.group-not-found',
        `the target has no group ${member.groupId}; correct the resource's externalId, then reprocess`,
        { transient: false },
      )
    }
    if ((await toldOf(scim, member)) === 'in') return
    throw refused('scim.add-refused', error)
  }
}

/** Takes the user out. A refusal is done only where the user is known not to be one; a group that is gone has none. */
export const removeFromGroup = async (scim: Scim, member: Member): Promise<void> => {
  try {
    await change(scim, member, removeValues('members', [member.userId]))
  } catch (error) {
    if (!(error instanceof ScimRefusal)) throw asConnectorError('scim.remove-refused', error)
    if ((await toldOf(scim, member)) === 'out') return
    throw refused('scim.remove-refused', error)
  }
}

/**
 * Adds or removes many by one PATCH.
 * @returns false when the service refused the whole: then one by one, which tells what is wrong with which
 */
export const changeMembers = async (
  scim: Scim,
  operation: 'add' | 'remove',
  groupId: string,
  userIds: readonly string[],
  signal: AbortSignal,
): Promise<boolean> => {
  const body = (operation === 'add' ? addValues : removeValues)('members', userIds)
  try {
    await change(scim, { groupId, signal }, body)
    return true
  } catch (error) {
    if (error instanceof ScimRefusal) return false
    throw asConnectorError(`scim.${operation}-refused`, error)
  }
}

const change = async (
  { patch, memberships }: Scim,
  { groupId, signal }: Pick<Member, 'groupId' | 'signal'>,
  body: object,
): Promise<void> => {
  memberships.noteChange(groupId)
  await patch({ path: `/Groups/${encodeURIComponent(groupId)}`, body, signal })
}
