import type { Holder } from '../connector.ts'
import { holderOf } from './scimHolders.ts'
import { readAs, type ScimHttp, ScimRefusal } from './scimHttp.ts'
import { failingAs, listPages } from './scimLists.ts'
import type { Scim } from './scimMembers.ts'
import {
  addValues,
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

/** Does the account have the value? One that is gone has none. */
export const hasValue = async (http: ScimHttp, granted: GrantedValue): Promise<boolean> => {
  const { attribute, value, signal } = granted
  try {
    const path = `${pathOf(granted)}?attributes=${attribute}`
    const user = readAs(scimGrantedSchema, await http({ method: 'GET', path, signal }))
    return (user[attribute] ?? []).some((each) => each.value === value)
  } catch (error) {
    // The account was found right before: so it isn't a wrong address.
    if (error instanceof ScimRefusal && error.status === 404 && error.genuine) return false
    throw asConnectorError('scim.read-refused', error)
  }
}

/** Adds the value; having it already is done. */
export const addValue = async (scim: Scim, granted: GrantedValue): Promise<void> => {
  // Some services keep a value as often as it is added.
  if (await hasValue(scim.http, granted)) return
  try {
    await change(scim, granted, addValues(granted.attribute, [granted.value]))
  } catch (error) {
    if (!(error instanceof ScimRefusal)) throw asConnectorError('scim.add-refused', error)
    if (await hasValue(scim.http, granted)) return
    throw refused('scim.add-refused', error)
  }
}

/** Takes the value away; not having it is done, and so is an account that is gone. */
export const removeValue = async (scim: Scim, granted: GrantedValue): Promise<void> => {
  try {
    await change(scim, granted, removeValues(granted.attribute, [granted.value]))
  } catch (error) {
    if (!(error instanceof ScimRefusal)) throw asConnectorError('scim.remove-refused', error)
    if (!(await hasValue(scim.http, granted))) return
    throw refused('scim.remove-refused', error)
  }
}

const change = ({ patch }: Scim, granted: GrantedValue, body: object): Promise<void> =>
  patch({ path: pathOf(granted), body, signal: granted.signal })

const pathOf = ({ userId }: GrantedValue): string => `/Users/${encodeURIComponent(userId)}`

/** Every account with the value, in pages. What accounts say is looked at, because some services ignore a filter that they don't know. */
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
