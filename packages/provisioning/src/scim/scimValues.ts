import type { Holder } from '../connector.ts'
import { AnswerTooLarge } from '../http/answerText.ts'
import { isGone } from './scimGroups.ts'
import { holderOf } from './scimHolders.ts'
import { readAs, type ScimHttp, ScimRefusal } from './scimHttp.ts'
import { failingAs, listPages } from './scimLists.ts'
import type { Scim } from './scimMembers.ts'
import type { Told } from './scimMembership.ts'
import {
  addValues,
  listSchema,
  removeValues,
  scimGrantedSchema,
  scimString,
  scimUserSchema,
} from './scimMessages.ts'
import { asConnectorError, refused } from './scimPatch.ts'
import { ACCOUNT_ATTRIBUTES } from './scimUsers.ts'

const PAGE = 200

/** A value of an account's `roles` or `entitlements` (RFC 7643 §4.1.2): an app role, a licence. */
export interface GrantedValue {
  readonly userId: string
  readonly attribute: 'roles' | 'entitlements'
  readonly value: string
  readonly signal: AbortSignal
}

/** Whether accounts show such values, once one has: by connector and attribute. */
const shown = new WeakMap<ScimHttp, Set<string>>()

/**
 * Does the account have the value? It does if it says so. If it doesn't, that counts only where accounts are known to
 * show such values at all. One that is gone has none.
 * @throws ConnectorError `scim.read-refused`, also for a 404 that may mean something else, and what the exchange throws
 */
export const valueTold = async ({ http }: Scim, granted: GrantedValue): Promise<Told> => {
  const { attribute, value, userId, signal } = granted
  const shows = shown.get(http) ?? new Set()
  shown.set(http, shows)
  try {
    const path = `${pathOf(granted)}?attributes=${attribute}`
    const user = readAs(scimGrantedSchema, await http({ method: 'GET', path, signal }))
    const values = user[attribute] ?? []
    if (values.some((each) => each.value !== null)) shows.add(attribute)
    if (values.some((each) => each.value === value)) return 'in'
  } catch (error) {
    if (!(error instanceof ScimRefusal && error.status === 404))
      throw asConnectorError('scim.read-refused', error)
    if (await isGone(http, 'Users', userId, signal)) return 'out'
    throw asConnectorError('scim.read-refused', error)
  }
  if (shows.has(attribute) || (await someoneShows(http, attribute, signal))) {
    shows.add(attribute)
    return 'out'
  }
  return 'untold'
}

/** Does any account show a value of this kind? */
export const someoneShows = async (
  http: ScimHttp,
  attribute: 'roles' | 'entitlements',
  signal: AbortSignal,
): Promise<boolean> => {
  for (const query of [`filter=${attribute}+pr&`, '']) {
    const path = `/Users?${query}attributes=id,${attribute}&count=100`
    try {
      const { status, body } = await http({ method: 'GET', path, signal })
      const users = readAs(listSchema, { status, body }).Resources.map((each) =>
        readAs(scimGrantedSchema, { status, body: each }),
      )
      if (users.some((user) => user[attribute]?.some((each) => each.value !== null))) return true
    } catch (error) {
      if (!(error instanceof ScimRefusal || error instanceof AnswerTooLarge)) throw error
    }
  }
  return false
}

/** Adds the value; having it already is done. */
export const addValue = async (scim: Scim, granted: GrantedValue): Promise<void> => {
  // Some services keep a value as often as it is added.
  if ((await valueTold(scim, granted)) === 'in') return
  try {
    await change(scim, granted, addValues(granted.attribute, [granted.value]))
  } catch (error) {
    if (!(error instanceof ScimRefusal)) throw asConnectorError('scim.add-refused', error)
    if ((await valueTold(scim, granted)) === 'in') return
    throw refused('scim.add-refused', error)
  }
}

/**
 * Takes the value away. A refusal is done only where the account is known not to have it; one that is gone has nothing.
 */
export const removeValue = async (scim: Scim, granted: GrantedValue): Promise<void> => {
  try {
    await change(scim, granted, removeValues(granted.attribute, [granted.value]))
  } catch (error) {
    if (!(error instanceof ScimRefusal)) throw asConnectorError('scim.remove-refused', error)
    if ((await valueTold(scim, granted)) === 'out') return
    throw refused('scim.remove-refused', error)
  }
}

const change = ({ patch }: Scim, granted: GrantedValue, body: object): Promise<void> =>
  patch({ path: pathOf(granted), body, signal: granted.signal })

const pathOf = ({ userId }: GrantedValue): string => `/Users/${encodeURIComponent(userId)}`

/**
 * Every account with the value, in pages. What accounts say is looked at, because some services ignore a filter that
 * they don't know.
 */
export async function* valueHolders(
  http: ScimHttp,
  { attribute, value, signal }: Omit<GrantedValue, 'userId'>,
): AsyncGenerator<readonly Holder[], void> {
  const asked = {
    of: 'Users',
    filter: `${attribute}.value eq ${scimString(value)}`,
    attributes: `${ACCOUNT_ATTRIBUTES},${attribute}`,
    count: PAGE,
  } as const
  const failure = (error: unknown) => asConnectorError('scim.read-refused', error)
  for await (const { status, resources } of failingAs(failure, listPages(http, asked, signal))) {
    const page = resources.flatMap((body) => {
      const granted = readAs(scimGrantedSchema, { status, body })[attribute] ?? []
      if (!granted.some((each) => each.value === value)) return []
      return [holderOf(readAs(scimUserSchema, { status, body }), value)]
    })
    if (page.length > 0) yield page
  }
}
