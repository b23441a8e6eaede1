import { createHash, randomUUID } from 'node:crypto'
import SCIMMY from 'scimmy'

interface Stored {
  readonly id: string
  readonly userName?: string
  readonly members?: readonly { readonly value: string }[]
  readonly roles?: readonly { readonly value: string }[]
  readonly entitlements?: readonly { readonly value: string }[]
}

export interface Handled {
  readonly id?: string
  readonly filter?: { match(values: readonly object[]): object[] }
}

/** People and groups of a SCIM test server, and the handlers that SCIMMY calls. */
export interface ScimDirectory {
  /** @returns the id that the server gave */
  addUser(user: { userName: string; externalId?: string; email?: string; active?: unknown }): string
  renameUser(id: string, userName: string, email?: string): void
  addGroup(displayName: string): string
  /** Puts somebody in without asking the API. */
  addMember(groupId: string, userId: string): void
  /** Takes somebody out without asking the API. */
  removeMember(groupId: string, userId: string): void
  /** Gives a role or entitlement without asking the API. */
  addValue(userId: string, attribute: 'roles' | 'entitlements', value: string): void
  removeGroup(groupId: string): void
  /** Groups go on listing them. */
  removeUser(userId: string): void
  /** User ids in a group, as stored: a lost or doubled member shows. */
  membersOf(groupId: string): readonly string[]
  userNames(): readonly string[]
  /** Ids of the users with this role or entitlement, as often as they have it. */
  usersWith(attribute: 'roles' | 'entitlements', value: string): readonly string[]
  /** Changes whenever a user or a group does; undefined when there is none. */
  versionOf(id: string): string | undefined
  /** `seen` is told of each change of a group by the API, at once, however short it lasts: who is in it now. */
  watchGroups(seen: (groupId: string, userIds: readonly string[]) => void): void
  /** From now on new users and groups have numbers as ids. */
  countIds(): void
  /** From now on accounts say which groups they are in. */
  tellGroups(): void
  /** From now on what is read has its version in `meta`. */
  showVersions(): void
  readUsers(resource: Handled): object | object[]
  writeUser(resource: Handled, instance: object): object
  readGroups(resource: Handled): object | object[]
  writeGroup(resource: Handled, instance: object): object
}

export const createScimDirectory = (): ScimDirectory => {
  const users = new Map<string, Stored>()
  const groups = new Map<string, Stored>()

  let watching = (_groupId: string, _userIds: readonly string[]): void => {}
  let versions = false
  let counted: number | undefined
  const newId = (): string => {
    if (counted === undefined) return randomUUID()
    counted += 1
    return String(counted)
  }
  const versionOf = (stored: Stored): string =>
    `W/"${createHash('sha256').update(JSON.stringify(stored)).digest('hex').slice(0, 16)}"`
  let groupsTold = false
  const groupsOf = (id: string) =>
    [...groups.values()]
      .filter(({ members = [] }) => members.some(({ value }) => value === id))
      .map((group) => ({ value: group.id }))
  // SCIMMY's filters can't be asked about a list that isn't there.
  const shown = (stored: Stored): object => ({
    emails: [],
    roles: [],
    entitlements: [],
    ...stored,
    ...(groupsTold && 'userName' in stored ? { groups: groupsOf(stored.id) } : {}),
    ...(versions ? { meta: { version: versionOf(stored) } } : {}),
  })
  const read = (all: ReadonlyMap<string, Stored>, { id, filter }: Handled): object | object[] => {
    const everything = [...all.values()].map(shown)
    if (id === undefined) return filter ? filter.match(everything) : everything
    const found = all.get(id)
    if (found === undefined) throw new SCIMMY.Types.Error(404, '', `Resource ${id} not found`)
    return shown(found)
  }

  return {
    addUser: ({ userName, externalId, email, active }) => {
      const id = newId()
      users.set(id, {
        id,
        userName,
        ...(externalId === undefined ? {} : { externalId }),
        ...(email === undefined ? {} : { emails: [{ value: email }] }),
        ...(active === undefined ? {} : { active }),
      })
      return id
    },
    renameUser: (id, userName, email) => {
      const user = users.get(id)
      if (user === undefined) throw new Error(`no user ${id}`)
      users.set(id, {
        ...user,
        userName,
        ...(email === undefined ? {} : { emails: [{ value: email }] }),
      })
    },
    addGroup: (displayName) => {
      const id = newId()
      const group = { id, displayName, members: [] }
      groups.set(id, group)
      return id
    },
    removeMember: (groupId, userId) => {
      const group = groups.get(groupId)
      if (group === undefined) throw new Error(`no group ${groupId}`)
      const members = (group.members ?? []).filter(({ value }) => value !== userId)
      groups.set(groupId, { ...group, members })
    },
    addMember: (groupId, userId) => {
      const group = groups.get(groupId)
      if (group === undefined) throw new Error(`no group ${groupId}`)
      groups.set(groupId, { ...group, members: [...(group.members ?? []), { value: userId }] })
    },
    addValue: (userId, attribute, value) => {
      const user = users.get(userId)
      if (user === undefined) throw new Error(`no user ${userId}`)
      users.set(userId, { ...user, [attribute]: [...(user[attribute] ?? []), { value }] })
    },
    removeUser: (userId) => {
      users.delete(userId)
    },
    removeGroup: (groupId) => {
      groups.delete(groupId)
    },
    membersOf: (groupId) => (groups.get(groupId)?.members ?? []).map(({ value }) => value),
    userNames: () => [...users.values()].map((user) => user.userName ?? ''),
    usersWith: (attribute, value) =>
      [...users.values()].flatMap((user) =>
        (user[attribute] ?? []).filter((each) => each.value === value).map(() => user.id),
      ),
    versionOf: (id) => {
      const stored = users.get(id) ?? groups.get(id)
      return stored === undefined ? undefined : versionOf(stored)
    },
    watchGroups: (seen) => {
      watching = seen
    },
    countIds: () => {
      counted = 40
    },
    tellGroups: () => {
      groupsTold = true
    },
    showVersions: () => {
      versions = true
    },
    readUsers: (resource) => read(users, resource),
    writeUser: ({ id: given }, instance) => {
      const id = given ?? newId()
      const user = { ...plain(instance), id }
      const taken = [...users.values()].some((u) => u.id !== id && u.userName === user.userName)
      if (taken) throw new SCIMMY.Types.Error(409, 'uniqueness', 'this userName is taken')
      users.set(id, user)
      return user
    },
    readGroups: (resource) => read(groups, resource),
    writeGroup: ({ id: given }, instance) => {
      const id = given ?? newId()
      const group = plain(instance)
      // A set by value, as services keep it: adding twice changes nothing.
      const values = new Set((group.members ?? []).map(({ value }) => value))
      const stored = { ...group, id, members: [...values].map((value) => ({ value })) }
      groups.set(id, stored)
      watching(id, [...values])
      return stored
    },
  }
}

/** Out of SCIMMY's own classes, which hide and freeze some of their fields. */
const plain = (instance: object): Omit<Stored, 'id'> => JSON.parse(JSON.stringify(instance))
