import { ConnectorError } from '../connector.ts'
import { AnswerTooLarge, readAs, type ScimHttp, ScimRefusal } from './scimHttp.ts'
import { addMember, listSchema, removeMember, scimGroupSchema, scimString } from './scimMessages.ts'

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
  const path = `/Groups/${encodeURIComponent(groupId)}?attributes=members`
  try {
    const group = readAs(scimGroupSchema, await http({ method: 'GET', path, signal }))
    return (group.members ?? []).some(({ value }) => value === userId)
  } catch (error) {
    if (error instanceof AnswerTooLarge) return await isMemberByFilter(http, member)
    if (error instanceof ScimRefusal && error.status === 404 && error.genuine) return false
    throw asConnectorError('scim.read-refused', error)
  }
}

const isMemberByFilter = async (http: ScimHttp, member: Member): Promise<boolean> => {
  const { groupId, userId, signal } = member
  const query = new URLSearchParams({
    filter: `id eq ${scimString(groupId)} and members.value eq ${scimString(userId)}`,
    attributes: 'id',
  })
  try {
    const answer = await http({ method: 'GET', path: `/Groups?${query}`, signal })
    return (readAs(listSchema, answer).Resources ?? []).some(
      (resource) =>
        readAs(scimGroupSchema, { status: answer.status, body: resource }).id === groupId,
    )
  } catch (error) {
    throw asConnectorError('scim.group-too-large', error)
  }
}

/** Adds the user; already being one is done. */
export const addToGroup = async (http: ScimHttp, member: Member): Promise<void> => {
  try {
    await patch(http, member, addMember(member.userId))
  } catch (error) {
    if (!(error instanceof ScimRefusal)) throw asConnectorError('scim.add-refused', error)
    if (error.status === 404) {
      throw new ConnectorError(
        'scim.group-not-found',
        `the target has no group ${member.groupId}; correct the resource's externalId, then reprocess`,
        { transient: false },
      )
    }
    if (await isMember(http, member)) return
    throw refused('scim.add-refused', error)
  }
}

/** Takes the user out; not being one is done, and so is a group that is gone. */
export const removeFromGroup = async (http: ScimHttp, member: Member): Promise<void> => {
  try {
    await patch(http, member, removeMember(member.userId))
  } catch (error) {
    if (!(error instanceof ScimRefusal)) throw asConnectorError('scim.remove-refused', error)
    if (!(await isMember(http, member))) return
    throw refused('scim.remove-refused', error)
  }
}

const patch = async (http: ScimHttp, member: Member, body: object): Promise<void> => {
  const path = `/Groups/${encodeURIComponent(member.groupId)}`
  await http({ method: 'PATCH', path, body, signal: member.signal })
}

/** 409 and 412 say that somebody else changed the group: the next try may do. */
const refused = (code: string, error: ScimRefusal): ConnectorError =>
  new ConnectorError(code, error.message, {
    transient: error.status === 409 || error.status === 412,
  })

const asConnectorError = (code: string, error: unknown): unknown => {
  if (error instanceof ScimRefusal) return refused(code, error)
  if (error instanceof AnswerTooLarge)
    return new ConnectorError(code, error.message, { transient: false })
  return error
}
