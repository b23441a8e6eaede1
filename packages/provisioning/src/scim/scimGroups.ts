import { ConnectorError } from '../connector.ts'
import { AnswerTooLarge } from '../http/answerText.ts'
import { readAs, type ScimHttp, ScimRefusal } from './scimHttp.ts'
import { type ListQuery, listPages } from './scimLists.ts'
import { scimGroupSchema, scimString } from './scimMessages.ts'
import { asConnectorError } from './scimPatch.ts'

export interface GroupMember {
  /** Null: the service doesn't say who it is. */
  readonly value: string | null
  readonly display?: string | null | undefined
}

/** What a group's own answer says of its members. */
export type GroupMembers =
  | { readonly is: 'gone' }
  /** Longer than is read. */
  | { readonly is: 'too long'; readonly one: string | undefined }
  | {
      readonly is: 'list'
      readonly ids: ReadonlySet<string>
      /** Each once, with what the service calls it. */
      readonly members: readonly GroupMember[]
      /** Some are in it whom the service doesn't name. */
      readonly unnamed: boolean
    }

/**
 * Reads a group's members.
 * @throws ConnectorError `scim.read-refused`, also for a 404 that may mean something else than that the group is gone,
 *   and what the exchange throws
 */
export const readMembers = async (
  http: ScimHttp,
  groupId: string,
  signal: AbortSignal,
): Promise<GroupMembers> => {
  const path = `/Groups/${encodeURIComponent(groupId)}?attributes=members`
  try {
    const group = readAs(scimGroupSchema, await http({ method: 'GET', path, signal }))
    const members = group.members ?? []
    return {
      is: 'list',
      members: [...new Map(members.map((each) => [each.value ?? each, each])).values()],
      ids: new Set(members.flatMap(({ value }) => value ?? [])),
      unnamed: members.some(({ value }) => value === null),
    }
  } catch (error) {
    if (error instanceof AnswerTooLarge) return { is: 'too long', one: firstIn(error.beginning) }
    if (error instanceof ScimRefusal && error.status === 404) {
      if (await isGone(http, 'Groups', groupId, signal)) return { is: 'gone' }
      throw new ConnectorError(
        'scim.read-refused',
        `${error.message}, asked for group ${groupId}, though it isn't known to be gone: the target lists it, or has no list of groups at this baseUrl`,
        { transient: false },
      )
    }
    throw asConnectorError('scim.read-refused', error)
  }
}

/** The first member that the beginning of a group's answer names. */
export const firstIn = (beginning: string): string | undefined =>
  /"members"\s*:\s*\[[^\]]*?"value"\s*:\s*"([^"\\]+)"/i.exec(beginning)?.[1]

/** So many are looked through where it can't be asked by id. */
const MOST = 10_000
const PAGE = 100

/**
 * A 404 for one resource: it is gone if those of its kind can be listed and it isn't among them. A wrong address says
 * 404 of everything; a service that takes no filter by id, or no heed of it, is asked for all of them.
 * @returns false also where that isn't known
 */
export const isGone = async (
  http: ScimHttp,
  of: 'Groups' | 'Users',
  id: string,
  signal: AbortSignal,
): Promise<boolean> => {
  try {
    return !(await isListed(http, { of, filter: `id eq ${scimString(id)}` }, id, signal))
  } catch (error) {
    if (!isNoList(error)) throw error
    if (error instanceof ScimRefusal && error.status === 404) return false
  }
  try {
    return !(await isListed(http, { of }, id, signal))
  } catch (error) {
    if (isNoList(error)) return false
    throw error
  }
}

/** @returns true also where there are more than are looked through: it may be one of those */
const isListed = async (
  http: ScimHttp,
  asked: Pick<ListQuery, 'of' | 'filter'>,
  id: string,
  signal: AbortSignal,
): Promise<boolean> => {
  let looked = 0
  const pages = listPages(http, { ...asked, attributes: 'id', count: PAGE }, signal)
  for await (const { status, resources } of pages) {
    const ids = resources.map((body) => readAs(scimGroupSchema, { status, body }).id)
    if (ids.includes(id)) return true
    looked += ids.length
    if (looked > MOST) return true
  }
  return false
}

const isNoList = (error: unknown): boolean =>
  error instanceof ScimRefusal || error instanceof AnswerTooLarge
