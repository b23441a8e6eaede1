import type { Clock } from '@portcullis/core'
import { toMillis } from '@portcullis/core'
import { ConnectorError } from '../connector.ts'
import { AnswerTooLarge } from '../http/answerText.ts'
import { inTurns } from '../many.ts'
import { firstIn, type GroupMembers, readMembers } from './scimGroups.ts'
import { readAs, type ScimHttp, ScimRefusal } from './scimHttp.ts'
import { listPages } from './scimLists.ts'
import { createMemberFilter } from './scimMemberFilter.ts'
import { scimGroupSchema, scimUserSchema } from './scimMessages.ts'

/** What is known of an account in a group; `untold`: nothing that the service says tells. */
export type Told = 'in' | 'out' | 'untold'

export interface Memberships {
  /** Which accounts are in a group, by their ids. */
  of(
    groupId: string,
    userIds: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Told>>
  /** Is who isn't in this answer of a group not in the group, as far as is known? */
  tellsAll(read: GroupMembers, signal: AbortSignal): Promise<boolean>
  /** By what the log knows: the group has told somebody who was granted to as in it, or hasn't. */
  noteTelling(groupId: string, tells: boolean): void
  /** The group is being changed: anybody who is put in would have to show. */
  noteChange(groupId: string): void
  /** Has the group itself been seen to list anybody? */
  hasListed(groupId: string): boolean
}

const SIDE_BY_SIDE = 8
/** How long it isn't asked again whether any group shows members, milliseconds. */
const LOOK_AGAIN = 300_000
const GROUPS_LISTED = 1_000
const GROUPS_LOOKED_AT = 20

/**
 * Who is in a group. Who is listed is in it; who isn't may be in it all the same, because the service lists nobody, or
 * not everybody. So a filter by members is asked, then the account's own `groups`, and each counts as a "no" only once
 * it has been seen to say "yes". The list itself does where it shows members and isn't as long as lists are cut; one
 * that shows none, not any more once somebody was put in or taken out and it has never shown anybody: services hide the
 * members of some groups.
 */
export const createMemberships = (http: ScimHttp, clock: Clock): Memberships => {
  const filter = createMemberFilter(http)
  /** `cut`: it has left out somebody who is in a group. */
  let listing: 'unseen' | 'shows' | 'cut' = 'unseen'
  const listed = new Set<string>()
  const changed = new Set<string>()
  /** Whether accounts tell their groups. */
  let accountsTell: boolean | undefined
  let lookedAt: number | undefined

  /** The groups that an account says it is in, itself and not through others; undefined: it can't be asked. */
  const groupsOf = async (
    userId: string,
    signal: AbortSignal,
  ): Promise<ReadonlySet<string> | undefined> => {
    const path = `/Users/${encodeURIComponent(userId)}?attributes=id,groups`
    try {
      const { groups } = readAs(scimUserSchema, await http({ method: 'GET', path, signal }))
      // Nothing is told like none.
      const direct = (groups ?? []).filter(({ type }) => type?.toLowerCase() !== 'indirect')
      return new Set(direct.flatMap(({ value }) => value ?? []))
    } catch (error) {
      if (isNoAnswer(error)) return undefined
      throw error
    }
  }

  const byAccounts = async (
    groupId: string,
    userIds: readonly string[],
    known: string | undefined,
    signal: AbortSignal,
  ): Promise<readonly Told[]> => {
    if (accountsTell === undefined && known !== undefined)
      accountsTell = (await groupsOf(known, signal))?.has(groupId)
    if (accountsTell === false) return userIds.map(() => 'untold')
    return await inTurns(userIds, SIDE_BY_SIDE, async (userId): Promise<Told> => {
      const groups = await groupsOf(userId, signal)
      if (groups !== undefined && groups.size > 0) accountsTell = true
      if (groups?.has(groupId)) return 'in'
      return accountsTell === true && groups !== undefined ? 'out' : 'untold'
    })
  }

  /** Has any group ever shown a member? Where none was seen so far, some are looked at. */
  const showsMembers = async (signal: AbortSignal): Promise<boolean> => {
    const now = toMillis(clock.now())
    if (listing !== 'unseen') return listing === 'shows'
    if (lookedAt !== undefined && Math.abs(now - lookedAt) < LOOK_AGAIN) return false
    try {
      if (await someGroupShows(http, signal)) {
        listing = 'shows'
        return true
      }
    } catch (error) {
      if (!isNoAnswer(error)) throw error
    }
    lookedAt = now
    return false
  }

  const tellsAll = async (read: GroupMembers, signal: AbortSignal): Promise<boolean> => {
    if (read.is === 'list' && read.ids.size > 0 && listing === 'unseen') listing = 'shows'
    if (read.is !== 'list' || read.unnamed) return false
    return await showsMembers(signal)
  }

  return {
    tellsAll,
    noteTelling: (groupId, tells) => {
      if (tells) listed.add(groupId)
      else changed.add(groupId)
    },
    noteChange: (groupId) => {
      changed.add(groupId)
    },
    hasListed: (groupId) => listed.has(groupId),
    of: async (groupId, userIds, signal) => {
      const told = new Map<string, Told>()
      const read = await readMembers(http, groupId, signal)
      const inList = read.is === 'list' ? read.ids : new Set<string>()
      if (inList.size > 0) listed.add(groupId)
      if (inList.size > 0 && listing === 'unseen') listing = 'shows'
      for (const id of userIds) told.set(id, inList.has(id) ? 'in' : 'untold')
      if (read.is === 'gone') return new Map(userIds.map((id) => [id, 'out']))
      const open = () => [...told].flatMap(([id, is]) => (is === 'untold' ? [id] : []))
      const note = (id: string, is: Told): void => {
        told.set(id, is)
        if (is === 'in' && read.is === 'list') listing = 'cut'
      }
      if (open().length === 0) return told
      const known = read.is === 'too long' ? read.one : inList.values().next().value
      const filtered = await filter.ask(groupId, open(), known, signal)
      for (const id of open()) {
        if (filtered?.inside.has(id)) note(id, 'in')
        else if (filtered?.sure) note(id, 'out')
      }
      const rest = open()
      if (rest.length === 0) return told
      const said = await byAccounts(groupId, rest, known, signal)
      rest.forEach((id, index) => {
        note(id, said[index] ?? 'untold')
      })
      // As the one thing that says no, a list must not look as if it were cut.
      if (open().length === 0 || mayBeCut(inList.size)) return told
      // Somebody should have shown by now.
      if (inList.size === 0 && changed.has(groupId) && !listed.has(groupId)) return told
      if (await tellsAll(read, signal)) for (const id of open()) note(id, 'out')
      return told
    },
  }
}

/** Does any group show a member, in the list of groups or on its own? */
const someGroupShows = async (http: ScimHttp, signal: AbortSignal): Promise<boolean> => {
  const asked = { of: 'Groups', attributes: 'id,members', count: 100 } as const
  const empty: string[] = []
  try {
    for await (const { status, resources } of listPages(http, asked, signal)) {
      const groups = resources.map((body) => readAs(scimGroupSchema, { status, body }))
      if (groups.some(({ members }) => members?.some(({ value }) => value !== null))) return true
      empty.push(...groups.map(({ id }) => id))
      if (empty.length >= GROUPS_LISTED) break
    }
  } catch (error) {
    if (error instanceof AnswerTooLarge) return firstIn(error.beginning) !== undefined
    throw error
  }
  for (const id of empty.slice(0, GROUPS_LOOKED_AT)) {
    const read = await readMembers(http, id, signal)
    if (read.is === 'list' && read.ids.size > 0) return true
  }
  return false
}

/** Lists are cut at round lengths, if they are. */
const mayBeCut = (length: number): boolean =>
  [10, 20, 25].includes(length) || (length > 0 && length % 50 === 0)

const isNoAnswer = (error: unknown): boolean =>
  error instanceof ScimRefusal ||
  error instanceof AnswerTooLarge ||
  (error instanceof ConnectorError &&
    ['scim.forbidden', 'scim.not-scim', 'scim.read-refused', 'scim.list-incomplete'].includes(
      error.code,
    ))
