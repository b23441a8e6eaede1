import type { Ability } from '../connector.ts'
import { AnswerTooLarge } from '../http/answerText.ts'
import type { LookUpAttribute } from './scimAccounts.ts'
import { readMembers } from './scimGroups.ts'
import { readAs, type ScimHttp, ScimRefusal } from './scimHttp.ts'
import { createMemberFilter } from './scimMemberFilter.ts'
import { listSchema, scimGroupSchema, scimString, scimUserSchema } from './scimMessages.ts'
import { someoneShows } from './scimValues.ts'

type Can = Ability['can']

/** Somebody who is in a group by the group's own list: what everything else is tried by. */
interface Known {
  readonly groupId: string
  readonly userId: string
}

const GROUPS_LOOKED_AT = 20
const NOBODY = 'portcullis-asks-for-nobody'

/**
 * What a SCIM service does of what is optional in practice, found out by asking; nothing is changed. What it says of
 * itself (`ServiceProviderConfig`) isn't looked at.
 * @param attribute what access is a value of; undefined: groups
 * @param by what accounts are looked up by besides the user name
 * @throws what the exchange throws
 */
export const scimAbilities = async (
  http: ScimHttp,
  attribute: 'roles' | 'entitlements' | undefined,
  by: readonly LookUpAttribute[],
  signal: AbortSignal,
): Promise<readonly Ability[]> => {
  const lookUps = await Promise.all(
    by.map(
      async (way): Promise<Ability> => ({
        ability: way === 'email' ? 'find-by-email' : 'find-by-external-id',
        can: await canBeSearched(http, way === 'email' ? 'emails.value' : 'externalId', signal),
      }),
    ),
  )
  if (attribute !== undefined) {
    const shown = await someoneShows(http, attribute, signal)
    const can: Can = shown ? 'yes' : 'not known'
    return [...lookUps, { ability: `show-${attribute}`, can }, { ability: 'read-back', can }]
  }
  const looked = await knownMember(http, signal)
  const lists: Can = looked.known ? 'yes' : looked.groups ? 'no' : 'not known'
  const filter = await filterFinds(http, looked.known, looked.groups, signal)
  const accounts = await accountsTell(http, looked.known, signal)
  const all = [lists, filter, accounts]
  return [
    ...lookUps,
    { ability: 'list-members', can: lists },
    { ability: 'filter-by-member', can: filter },
    { ability: 'tell-groups-of-account', can: accounts },
    {
      ability: 'read-back',
      can: all.includes('yes') ? 'yes' : all.includes('not known') ? 'not known' : 'no',
    },
  ]
}

/** A filter that can find nobody has to find nobody. */
const canBeSearched = async (http: ScimHttp, path: string, signal: AbortSignal): Promise<Can> => {
  const filter = new URLSearchParams({ filter: `${path} eq ${scimString(NOBODY)}`, count: '1' })
  try {
    const answer = await http({ method: 'GET', path: `/Users?${filter}`, signal })
    return readAs(listSchema, answer).Resources.length === 0 ? 'yes' : 'no'
  } catch (error) {
    if (isNo(error)) return 'no'
    throw error
  }
}

const knownMember = async (
  http: ScimHttp,
  signal: AbortSignal,
): Promise<{ readonly known: Known | undefined; readonly groups: string | undefined }> => {
  try {
    const path = `/Groups?count=${GROUPS_LOOKED_AT}&attributes=id`
    const answer = await http({ method: 'GET', path, signal })
    const ids = readAs(listSchema, answer).Resources.map(
      (body) => readAs(scimGroupSchema, { status: answer.status, body }).id,
    )
    for (const groupId of ids.slice(0, GROUPS_LOOKED_AT)) {
      const read = await readMembers(http, groupId, signal)
      const userId = read.is === 'list' ? read.ids.values().next().value : undefined
      if (userId !== undefined) return { known: { groupId, userId }, groups: groupId }
    }
    return { known: undefined, groups: ids[0] }
  } catch (error) {
    if (isNo(error)) return { known: undefined, groups: undefined }
    throw error
  }
}

const filterFinds = async (
  http: ScimHttp,
  known: Known | undefined,
  group: string | undefined,
  signal: AbortSignal,
): Promise<Can> => {
  if (group === undefined) return 'not known'
  const filter = createMemberFilter(http)
  const asked = known?.userId ?? NOBODY
  const found = await filter.ask(known?.groupId ?? group, [asked], known?.userId, signal)
  if (found === undefined) return 'no'
  if (known === undefined) return 'not known'
  return found.inside.has(known.userId) ? 'yes' : 'no'
}

const accountsTell = async (
  http: ScimHttp,
  known: Known | undefined,
  signal: AbortSignal,
): Promise<Can> => {
  const path =
    known === undefined
      ? '/Users?count=100&attributes=id,groups'
      : `/Users/${encodeURIComponent(known.userId)}?attributes=id,groups`
  try {
    const answer = await http({ method: 'GET', path, signal })
    if (known === undefined) {
      const users = readAs(listSchema, answer).Resources.map((body) =>
        readAs(scimUserSchema, { status: answer.status, body }),
      )
      return users.some(({ groups }) => groups?.some(({ value }) => value)) ? 'yes' : 'not known'
    }
    const { groups } = readAs(scimUserSchema, answer)
    return groups?.some(({ value }) => value === known.groupId) ? 'yes' : 'no'
  } catch (error) {
    if (isNo(error)) return 'no'
    throw error
  }
}

const isNo = (error: unknown): boolean =>
  error instanceof ScimRefusal || error instanceof AnswerTooLarge
