import { ConnectorError } from '../connector.ts'
import { AnswerTooLarge } from '../http/answerText.ts'
import { readAs, type ScimHttp, ScimRefusal } from './scimHttp.ts'
import { listPages } from './scimLists.ts'
import { scimGroupSchema, scimString } from './scimMessages.ts'

/** What a filter by members said. */
export interface Filtered {
  readonly inside: ReadonlySet<string>
  /** Who isn't inside is outside: the filter has found a member before, and doesn't find who can't be one. */
  readonly sure: boolean
}

/**
 * Asks for groups by their members. How the service wants to be asked, and whether it heeds the question, is found out
 * by asking.
 */
export interface MemberFilter {
  /**
   * @param known somebody who is in the group for sure, to try the filter by
   * @returns undefined where the service can't be asked so
   */
  ask(
    groupId: string,
    userIds: readonly string[],
    known: string | undefined,
    signal: AbortSignal,
  ): Promise<Filtered | undefined>
}

/** RFC 7644 §3.4.2.2; some services take only the second. */
const WAYS = ['members.value', 'members'] as const
/** In one filter: its address stays below what servers take. */
const IDS_IN_FILTER = 30

export const createMemberFilter = (http: ScimHttp): MemberFilter => {
  /** Null: there is no way. */
  let way: (typeof WAYS)[number] | null | undefined
  let several = true
  let findsMembers: boolean | undefined

  /** Is one of them in the group? Undefined: the service doesn't take the question. */
  const match = async (
    by: (typeof WAYS)[number],
    groupId: string,
    userIds: readonly string[],
    signal: AbortSignal,
  ): Promise<boolean | undefined> => {
    const members = userIds.map((id) => `${by} eq ${scimString(id)}`).join(' or ')
    const asked = {
      of: 'Groups',
      filter: `id eq ${scimString(groupId)} and ${userIds.length > 1 ? `(${members})` : members}`,
      attributes: 'id',
      count: 10,
    } as const
    try {
      for await (const { status, resources } of listPages(http, asked, signal)) {
        const ids = resources.map((body) => readAs(scimGroupSchema, { status, body }).id)
        // Others than asked for: the filter isn't heeded.
        if (ids.some((id) => id !== groupId)) return undefined
        if (ids.length > 0) return true
      }
      return false
    } catch (error) {
      if (isRefusal(error)) return undefined
      throw error
    }
  }

  const findWay = async (groupId: string, like: string, signal: AbortSignal): Promise<void> => {
    for (const each of WAYS) {
      if ((await match(each, groupId, [nobodyLike(like)], signal)) !== false) continue
      way = each
      return
    }
    way = null
  }

  const insideOf = async (
    by: (typeof WAYS)[number],
    groupId: string,
    userIds: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly string[] | undefined> => {
    const inside: string[] = []
    const width = several ? IDS_IN_FILTER : 1
    for (let start = 0; start < userIds.length; start += width) {
      const some = userIds.slice(start, start + width)
      const matched = await match(by, groupId, some, signal)
      if (matched === false) continue
      if (some.length === 1) {
        if (matched === undefined) return undefined
        inside.push(...some)
        continue
      }
      // One of them is inside, or the service takes no more than one.
      if (matched === undefined) several = false
      for (const id of some) {
        const is = await match(by, groupId, [id], signal)
        if (is === undefined) return undefined
        if (is) inside.push(id)
      }
    }
    return inside
  }

  return {
    ask: async (groupId, userIds, known, signal) => {
      const [first] = userIds
      if (first === undefined) return { inside: new Set(), sure: true }
      if (way === undefined) await findWay(groupId, first, signal)
      if (way === undefined || way === null) return undefined
      if (findsMembers === undefined && known !== undefined)
        findsMembers = await match(way, groupId, [known], signal)
      if (findsMembers === false) return undefined
      const inside = await insideOf(way, groupId, userIds, signal)
      if (inside === undefined) return undefined
      if (inside.length > 0) findsMembers = true
      return { inside: new Set(inside), sure: findsMembers === true }
    },
  }
}

/** The question isn't taken, by this service or from us; anything else that goes wrong is no answer to it. */
const isRefusal = (error: unknown): boolean =>
  error instanceof ScimRefusal ||
  error instanceof AnswerTooLarge ||
  (error instanceof ConnectorError &&
    ['scim.forbidden', 'scim.not-scim', 'scim.list-incomplete'].includes(error.code))

/** An id that nobody has, of the shape of this one: some services refuse other shapes. */
const nobodyLike = (id: string): string =>
  /^\d+$/.test(id)
    ? '9'.repeat(Math.max(9, id.length))
    : /^[0-9a-f-]{32,36}$/i.test(id)
      ? id.replaceAll(/[0-9a-f]/gi, 'f')
      : `nobody-${id}`
