import { ConnectorError } from '../connector.ts'
import { AnswerTooLarge } from '../http/answerText.ts'
import { readAs, type ScimHttp, ScimRefusal } from './scimHttp.ts'
import { addValues, listSchema, removeValues, scimGroupSchema, scimString } from './scimMessages.ts'
import { asConnectorError, refused, type ScimPatch } from './scimPatch.ts'

/** How the service is asked and changed. */
export interface Scim {
  readonly http: ScimHttp
  readonly patch: ScimPatch
}

/** A user in a group, by their ids in the target. */
export interface Member {
  readonly groupId: string
  readonly userId: string
  readonly signal: AbortSignal
}

/**
 * Is the user a member? From the group itself; from a filter where the group is too big to be read whole.
 * A group that isn't there has no members: that users were found right before tells a lost group from a wrong address.
 */
export const isMember = async (http: ScimHttp, member: Member): Promise<boolean> => {
  const { groupId, userId, signal } = member
  const members = await membersOf(http, groupId, signal)
  return members?.has(userId) ?? (await isMemberByFilter(http, member))
}

const isMemberByFilter = async (http: ScimHttp, member: Member): Promise<boolean> => {
  const { groupId, userId, signal } = member
  const query = new URLSearchParams({
    filter: `id eq ${scimString(groupId)} and members.value eq ${scimString(userId)}`,
    attributes: 'id',
  })
  try {
    const answer = await http({ method: 'GET', path: `/Groups?${query}`, signal })
    return readAs(listSchema, answer).Resources.some(
      (resource) =>
        readAs(scimGroupSchema, { status: answer.status, body: resource }).id === groupId,
    )
  } catch (error) {
    throw asConnectorError('scim.group-too-large', error)
  }
}

/** Adds the user; already being one is done. */
export const addToGroup = async (scim: Scim, member: Member): Promise<void> => {
  try {
    await change(scim, member, addValues('members', [member.userId]))
  } catch (error) {
    if (!(error instanceof ScimRefusal)) throw asConnectorError('scim.add-refused', error)
    if (error.status === 404) {
      throw new ConnectorError(
        'scim.group-not-found',
        `the target has no group ${member.groupId}; correct the resource's externalId, then reprocess`,
        { transient: false },
      )
    }
    if (await isMember(scim.http, member)) return
    throw refused('scim.add-refused', error)
  }
}

/** Takes the user out; not being one is done, and so is a group that is gone. */
export const removeFromGroup = async (scim: Scim, member: Member): Promise<void> => {
  try {
    await change(scim, member, removeValues('members', [member.userId]))
  } catch (error) {
    if (!(error instanceof ScimRefusal)) throw asConnectorError('scim.remove-refused', error)
    if (!(await isMember(scim.http, member))) return
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

const change = (
  { patch }: Scim,
  { groupId, signal }: Pick<Member, 'groupId' | 'signal'>,
  body: object,
): Promise<void> => patch({ path: `/Groups/${encodeURIComponent(groupId)}`, body, signal })

/**
 * Ids of everybody in the group, to tell many at once; undefined where it is too long to be read.
 * A group that isn't there has no members, as for {@link isMember}.
 */
export const membersOf = async (
  http: ScimHttp,
  groupId: string,
  signal: AbortSignal,
): Promise<ReadonlySet<string> | undefined> => {
  const path = `/Groups/${encodeURIComponent(groupId)}?attributes=members`
  try {
    const group = readAs(scimGroupSchema, await http({ method: 'GET', path, signal }))
    return new Set((group.members ?? []).flatMap(({ value }) => value ?? []))
  } catch (error) {
    if (error instanceof AnswerTooLarge) return undefined
    if (error instanceof ScimRefusal && error.status === 404 && error.genuine) return new Set()
    throw asConnectorError('scim.read-refused', error)
  }
}
