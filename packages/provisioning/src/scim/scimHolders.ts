import { ConnectorError, type Holder } from '../connector.ts'
import { AnswerTooLarge } from '../http/answerText.ts'
import { type GroupMember, readMembers } from './scimGroups.ts'
import { readAs, type ScimHttp, ScimRefusal } from './scimHttp.ts'
import { failingAs, listPages } from './scimLists.ts'
import type { Scim } from './scimMembers.ts'
import { ENTERPRISE, type ScimUser, scimString, scimUserSchema } from './scimMessages.ts'
import { ACCOUNT_ATTRIBUTES } from './scimUsers.ts'

/** Members whose accounts are looked up by one filter: its address stays below what servers take. */
const IDS_IN_FILTER = 40
const SIDE_BY_SIDE = 4
const PAGE = 200

/**
 * Everybody in a group, in pages: its members and their accounts. A group too long for one answer, or whose list isn't
 * known to hold everybody, is read through the accounts that say they are in it.
 * A group that isn't there has nobody.
 * @throws ConnectorError `scim.group-too-large`, `scim.members-not-told` where that can't be asked either, what the
 *   exchange throws, and the signal's reason
 */
export async function* groupHolders(
  { http, memberships }: Pick<Scim, 'http' | 'memberships'>,
  groupId: string,
  signal: AbortSignal,
): AsyncGenerator<readonly Holder[], void> {
  const read = await readMembers(http, groupId, signal)
  if (read.is === 'gone') return
  if (read.is === 'too long') {
    yield* usersOfGroup(http, groupId, 'scim.group-too-large', signal)
    return
  }
  if (!(await memberships.tellsAll(read, signal))) {
    yield* usersOfGroup(http, groupId, 'scim.members-not-told', signal)
    return
  }
  if (read.members.length === 0 && !memberships.hasListed(groupId)) {
    yield* orNobody(usersOfGroup(http, groupId, 'scim.members-not-told', signal))
    return
  }
  const { members } = read
  const width = IDS_IN_FILTER * SIDE_BY_SIDE
  for (let start = 0; start < members.length; start += width) {
    signal.throwIfAborted()
    const page = members.slice(start, start + width)
    const chunks = Array.from({ length: SIDE_BY_SIDE }, (_, index) =>
      page.slice(index * IDS_IN_FILTER, (index + 1) * IDS_IN_FILTER),
    )
    const found = await Promise.all(chunks.map((chunk) => accountsOf(http, chunk, signal)))
    const accounts = new Map<string | null, ScimUser>(found.flat().map((user) => [user.id, user]))
    yield page.map(({ value, display }) => {
      const holder = holderOf(accounts.get(value), display || value || 'a member without an id')
      // An account that is gone may still be listed.
      return value === null ? holder : { ...holder, account: { id: value, member: value } }
    })
  }
}

/** Whom the accounts say, of a group that may hide its members; where they don't tell, it is as empty as it says. */
async function* orNobody<Page>(pages: AsyncIterable<Page>): AsyncGenerator<Page, void> {
  try {
    yield* pages
  } catch (error) {
    if (!(error instanceof ConnectorError && error.code === 'scim.members-not-told')) throw error
  }
}

/**
 * The members' accounts, by one filter; one by one where the target refuses or ignores it. Those that aren't accounts,
 * or are gone, are left out.
 */
const accountsOf = async (
  http: ScimHttp,
  members: readonly GroupMember[],
  signal: AbortSignal,
): Promise<readonly ScimUser[]> => {
  const wanted = new Set(members.flatMap(({ value }) => value ?? []))
  if (wanted.size === 0) return []
  const asked = {
    of: 'Users',
    filter: [...wanted].map((id) => `id eq ${scimString(id)}`).join(' or '),
    attributes: ACCOUNT_ATTRIBUTES,
    count: IDS_IN_FILTER,
  } as const
  try {
    return await listedOf(http, asked, wanted, signal)
  } catch (error) {
    if (!(error instanceof ScimRefusal || error instanceof AnswerTooLarge || error instanceof Odd))
      throw error
  }
  const users: ScimUser[] = []
  for (const id of wanted) users.push(...(await accountOf(http, id, signal)))
  return users
}

/** The answer isn't one to the question. */
class Odd extends Error {}

const listedOf = async (
  http: ScimHttp,
  asked: Parameters<typeof listPages>[1],
  wanted: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<readonly ScimUser[]> => {
  const users: ScimUser[] = []
  for await (const { status, resources, total } of listPages(http, asked, signal)) {
    users.push(...resources.map((body) => readAs(scimUserSchema, { status, body })))
    if ((total ?? users.length) > wanted.size || users.some(({ id }) => !wanted.has(id)))
      throw new Odd('others than those that were asked for')
  }
  return users
}

const accountOf = async (
  http: ScimHttp,
  id: string,
  signal: AbortSignal,
): Promise<readonly ScimUser[]> => {
  const path = `/Users/${encodeURIComponent(id)}?attributes=${ACCOUNT_ATTRIBUTES}`
  try {
    return [readAs(scimUserSchema, await http({ method: 'GET', path, signal }))]
  } catch (error) {
    if (error instanceof ScimRefusal && error.status === 404) return []
    throw lasting('scim.read-refused', error)
  }
}

/**
 * Accounts that say that they are in the group: what they say is looked at, because some services ignore a filter that
 * they don't know.
 */
async function* usersOfGroup(
  http: ScimHttp,
  groupId: string,
  otherwise: 'scim.group-too-large' | 'scim.members-not-told',
  signal: AbortSignal,
): AsyncGenerator<readonly Holder[], void> {
  const asked = {
    of: 'Users',
    filter: `groups.value eq ${scimString(groupId)}`,
    attributes: `${ACCOUNT_ATTRIBUTES},groups`,
    count: PAGE,
  } as const
  let nobody = true
  const failure = (error: unknown) => lasting(otherwise, error)
  for await (const { status, resources } of failingAs(failure, listPages(http, asked, signal))) {
    const users = resources.map((body) => readAs(scimUserSchema, { status, body }))
    nobody &&= users.length === 0
    if (users.some(({ groups }) => !groups?.some(({ value }) => value === groupId)))
      throw notTold(groupId, otherwise)
    // Members of a group within the group aren't its members: nothing of ours would find them there.
    const direct = users.filter(({ groups }) =>
      groups?.some(({ value, type }) => value === groupId && type !== 'indirect'),
    )
    if (direct.length > 0) yield direct.map((user) => holderOf(user, user.id))
  }
  // A filter that finds nobody may be one that isn't heeded.
  if (nobody) throw notTold(groupId, otherwise)
}

const notTold = (groupId: string, code: string): ConnectorError =>
  new ConnectorError(
    code,
    `the target's list of group ${groupId} is too long or isn't known to hold everybody, and it can't be asked for the accounts in it (filter groups.value)`,
    { transient: false },
  )

/** @param otherwise what people read where the account has no user name */
export const holderOf = (user: ScimUser | undefined, otherwise: string): Holder => ({
  subjectId: user?.externalId ?? null,
  userName: user?.userName ?? null,
  email: user?.emails?.find(({ value }) => value)?.value ?? null,
  employeeNumber: user?.[ENTERPRISE]?.employeeNumber ?? null,
  account: user === undefined ? null : { id: user.id, member: user.id },
  label: user?.userName || otherwise,
})

const lasting = (code: string, error: unknown): unknown =>
  error instanceof ScimRefusal || error instanceof AnswerTooLarge
    ? new ConnectorError(code, error.message, { transient: false })
    : error
