/** Upstream's data: imported, not event-sourced. */
export interface Person {
  readonly id: string
  readonly userName: string
  readonly displayName: string
  readonly email: string
  readonly enabled: boolean
  /** BCP 47, `en` when unknown. */
  readonly locale: string
  /** IANA zone; null: the organisation's. */
  readonly zone: string | null
  /** The external directory that the person comes from; null for our own people. */
  readonly externalDirectoryId: string | null
  readonly directoryRoles: readonly ('UserAdministrator' | 'CatalogCreator')[]
}

export interface Group {
  readonly id: string
  readonly displayName: string
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
  /** By the collaboration restrictions (S8). */
  readonly allowed: boolean
}

/** Look-ups, each answered from one indexed statement. Unknown ids are simply not in the answer. */
export interface Directory {
  person(id: string): Promise<Person | undefined>
  people(ids: readonly string[]): Promise<ReadonlyMap<string, Person>>
  /** Ids of the groups that the person is a member of. */
  groupsOf(personId: string): Promise<readonly string[]>
  /** Enabled people of a group. */
  membersOf(groupId: string): Promise<readonly Person[]>
  /** Which of these groups the person is in. */
  memberOfAny(personId: string, groupIds: readonly string[]): Promise<readonly string[]>
  groups(ids: readonly string[]): Promise<ReadonlyMap<string, Group>>
  resources(ids: readonly string[]): Promise<ReadonlyMap<string, Resource>>
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
