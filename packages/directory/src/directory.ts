import type { Instant } from '@portcullis/core'

/** Upstream's data: imported, not event-sourced. */
export interface Person {
  readonly id: string
  readonly userName: string
  readonly displayName: string
  readonly email: string
  readonly enabled: boolean
  /** BCP 47; null: the organisation's. */
  readonly locale: string | null
  /** IANA zone; null: the organisation's. */
  readonly zone: string | null
  /** The external directory that the person comes from; null for our own people. */
  readonly externalDirectoryId: string | null
  readonly directoryRoles: readonly ('UserAdministrator' | 'CatalogCreator' | 'MetricsReader')[]
}

export interface Group {
  readonly id: string
  readonly displayName: string
}

/** A group to pick. */
export interface GroupSummary extends Group {
  /** Enabled people in it now. */
  readonly memberCount: number
}

export interface Resource {
  readonly id: string
  readonly kind: 'group' | 'application' | 'sharepointSite'
  readonly displayName: string
  readonly description: string
  /** Name of the connector that provisions it. */
  readonly connector: string
  readonly externalId: string
  readonly roles: readonly {
    readonly id: string
    readonly displayName: string
    readonly externalId: string
  }[]
  readonly ownerIds: readonly string[]
}

export interface ExternalDirectory {
  readonly id: string
  readonly displayName: string
  readonly initialDomain: string
  readonly domains: readonly string[]
  /** By the collaboration restrictions (S8): its own flag, and the list of allowed or denied domains. */
  readonly allowed: boolean
  /** Where it isn't allowed: the reason, to follow the directory's name: `is marked as not allowed`. */
  readonly refusedBecause: string | null
}

/** A person's membership of a group, also one that is over. */
export interface Membership {
  readonly groupId: string
  readonly groupName: string
  /** Counts while now is before it; null: without an end. */
  readonly until: Instant | null
}

/** Somebody as a target system knows them; null: it doesn't say. */
export interface Description {
  readonly subjectId: string | null
  readonly userName: string | null
  readonly email: string | null
}

/**
 * What tells a person's account in a target from somebody else's with the same names; null: the directory doesn't say,
 * or says the same of several people.
 */
export interface Identity {
  readonly id: string
  /** Their id in the system that makes accounts in the targets. */
  readonly externalId: string | null
  readonly employeeNumber: string | null
  readonly givenName: string | null
  readonly familyName: string | null
  /** Somebody else has the same user name, whatever its case; also somebody who has left. */
  readonly userNameShared: boolean
  /** The same of the e-mail address, where they have one. */
  readonly emailShared: boolean
}

/** What tells a person; names may go from one to another. */
export type PersonKey = 'id' | 'objectId' | 'externalId' | 'employeeNumber' | 'userName' | 'email'

/** Null: the directory doesn't say. */
export type StableKeys = Readonly<
  Record<Extract<PersonKey, 'objectId' | 'externalId' | 'employeeNumber'>, string | null>
>

/**
 * Look-ups, each answered from one indexed statement. Unknown ids are simply not in the answer. `now` says which
 * memberships still count.
 */
export interface Directory extends DirectoryLists {
  person(id: string): Promise<Person | undefined>
  people(ids: readonly string[]): Promise<ReadonlyMap<string, Person>>
  /**
   * Who each of these may be: the people with that id, external id or user name, else those with that address, in order
   * of id.
   * None: nobody whom the directory knows; several: it isn't certain.
   */
  matchPeople(descriptions: readonly Description[]): Promise<readonly (readonly string[])[]>
  /** Who has that value there: names whatever their case, ids as they are. In order of id. */
  peopleWith(field: PersonKey, value: string): Promise<readonly Person[]>
  /** What tells the person for good, whatever their names; undefined for somebody who isn't in the directory. */
  stableKeys(id: string): Promise<StableKeys | undefined>
  /** Which of these are disabled, or aren't in the directory (any more): since when, null where nobody noted it. */
  leftAmong(ids: readonly string[]): Promise<ReadonlyMap<string, Instant | null>>
  identities(ids: readonly string[]): Promise<ReadonlyMap<string, Identity>>
  /** Ids of the groups that the person is a member of. */
  groupsOf(personId: string, now: Instant): Promise<readonly string[]>
  /** Enabled User administrators, in order of id. */
  administrators(): Promise<readonly Person[]>
  /** Enabled people of a group. */
  membersOf(groupId: string, now: Instant): Promise<readonly Person[]>
  /** Which of these groups the person is in. */
  memberOfAny(
    personId: string,
    groupIds: readonly string[],
    now: Instant,
  ): Promise<readonly string[]>
  /** The person's memberships of these groups, with those that are over. */
  membershipsIn(personId: string, groupIds: readonly string[]): Promise<readonly Membership[]>
  /** Which of these groups have no enabled member: approvers that nobody is. */
  groupsWithoutMembers(groupIds: readonly string[], now: Instant): Promise<readonly string[]>
  groups(ids: readonly string[]): Promise<ReadonlyMap<string, Group>>
  resources(ids: readonly string[]): Promise<ReadonlyMap<string, Resource>>
  /** Resources that a connector provisions, by id. */
  resourceIdsOf(connector: string): Promise<readonly string[]>
  externalDirectories(ids: readonly string[]): Promise<ReadonlyMap<string, ExternalDirectory>>
  /** By any of its domains (S8), case-insensitive. */
  externalDirectoryByDomain(domain: string): Promise<ExternalDirectory | undefined>
  counts(): Promise<{
    readonly people: number
    readonly groups: number
    readonly memberships: number
    readonly resources: number
    readonly externalDirectories: number
  }>
}

export interface ListRequest {
  /** 1 to 1,000. */
  readonly limit: number
  /** `next` of the page before. */
  readonly cursor?: string | undefined
  /** Part of the name, whatever its case and accents. */
  readonly search?: string | undefined
}

export interface ListPage<Row> {
  readonly items: readonly Row[]
  /** Opaque; null on the last page. */
  readonly next: string | null
}

export interface ResourceFilters {
  readonly kind?: Resource['kind'] | undefined
  /** Only these. */
  readonly ids?: readonly string[] | undefined
  readonly ownerId?: string | undefined
  /** Only these, and those that this person owns besides. */
  readonly idsOrOwned?: { readonly ids: readonly string[]; readonly ownerId: string } | undefined
}

/** Lists to pick from, in order of name, then id. What comes or goes between two pages moves no other row. */
export interface DirectoryLists {
  /** `search` looks into user names and addresses too. */
  listPeople(page: ListRequest): Promise<ListPage<Person>>
  listGroups(page: ListRequest, now: Instant): Promise<ListPage<GroupSummary>>
  listResources(page: ListRequest, filters?: ResourceFilters): Promise<ListPage<Resource>>
  /** `search` looks into domains too. */
  listExternalDirectories(page: ListRequest): Promise<ListPage<ExternalDirectory>>
}
