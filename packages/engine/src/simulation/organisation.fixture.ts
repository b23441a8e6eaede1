import type { Directory, Person, Resource } from '@portcullis/directory'
import { only } from './only.fixture.ts'

// A small organisation that changes while the engine runs. `eng` may request, `leads` approve.

export const PEOPLE: readonly string[] = ['alice', 'ben', 'lea', 'leo', 'bob', 'admin', 'ned']
export const SUBJECTS = ['alice', 'ben', 'lea'] as const
export const APPROVERS = ['lea', 'leo', 'bob'] as const
export const PACKAGES = ['web', 'ops'] as const
export const ROLES = ['git.member', 'git.reader', 'wiki.editor'] as const

export interface Organisation {
  readonly directory: Directory
  /** Puts somebody into a group, or out of it. */
  toggleMember(groupId: string, personId: string): void
  toggleEnabled(personId: string): void
  isEnabled(personId: string): boolean
  isMember(groupId: string, personId: string): boolean
}

const person = (id: string): Person => ({
  id,
  userName: id,
  displayName: id,
  email: `${id}@example.com`,
  enabled: true,
  locale: 'en',
  zone: null,
  externalDirectoryId: null,
  directoryRoles: id === 'admin' ? ['UserAdministrator'] : [],
})

const resource = (id: string): Resource => ({
  id,
  kind: 'application',
  displayName: id,
  description: '',
  connector: 'main',
  externalId: id,
  roles: ['member', 'reader', 'editor'].map((role) => ({
    id: role,
    displayName: role,
    externalId: role,
  })),
  ownerIds: ['admin'],
})

export const createOrganisation = (): Organisation => {
  const people = new Map<string, Person>(PEOPLE.map((id) => [id, person(id)]))
  const resources = new Map(['git', 'wiki'].map((id) => [id, resource(id)]))
  const groups = new Map([
    ['eng', new Set<string>(SUBJECTS)],
    ['leads', new Set(['lea', 'leo'])],
  ])
  const isMember = (groupId: string, personId: string): boolean =>
    groups.get(groupId)?.has(personId) === true
  const named = <Item>(all: ReadonlyMap<string, Item>, ids: readonly string[]) =>
    new Map(
      ids.flatMap((id) => {
        const item = all.get(id)
        return item === undefined ? [] : [[id, item] as const]
      }),
    )
  return {
    isMember,
    isEnabled: (id) => people.get(id)?.enabled === true,
    toggleMember: (groupId, personId) => {
      const members = groups.get(groupId)
      if (members?.delete(personId) === false) members.add(personId)
    },
    toggleEnabled: (id) => {
      const known = people.get(id)
      if (known !== undefined) people.set(id, { ...known, enabled: !known.enabled })
    },
    directory: only<Directory>('directory', {
      leftAmong: async () => new Map(),
      identities: async (ids) =>
        new Map(
          [...named(people, ids).keys()].map((id) => [
            id,
            {
              id,
              externalId: null,
              employeeNumber: null,
              givenName: null,
              familyName: null,
              userNameShared: false,
              emailShared: false,
            },
          ]),
        ),
      person: async (id) => people.get(id),
      people: async (ids) => named(people, ids),
      membersOf: async (groupId) => [...named(people, [...(groups.get(groupId) ?? [])]).values()],
      memberOfAny: async (personId, ids) => ids.filter((id) => isMember(id, personId)),
      membershipsIn: async (personId, ids) =>
        ids
          .filter((id) => isMember(id, personId))
          .map((groupId) => ({ groupId, groupName: groupId, until: null })),
      groups: async (ids) => new Map(ids.map((id) => [id, { id, displayName: id }])),
      groupsWithoutMembers: async () => [],
      resources: async (ids) => named(resources, ids),
      externalDirectories: async () => new Map(),
    }),
  }
}
