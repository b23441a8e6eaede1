import type { Directory, Person, Resource } from '@portcullis/directory'
import type { PackageView, Views } from '@portcullis/views'

export interface Named {
  readonly id: string
  /** Null where nobody knows it any more. */
  readonly displayName: string | null
}

/** One of the roles that a package confers. */
export interface ConferredRole {
  readonly resourceId: string
  readonly roleId: string
  readonly resourceName: string | null
  readonly roleName: string | null
}

/** Names beside the ids of a list's items. */
export interface ListedNames {
  readonly subjectName: string | null
  readonly packageName: string | null
}

/** Names of people, packages and roles for answers that people read, looked up together. */
export interface Names {
  person(id: string): Named & { readonly email: string | null }
  package(id: string): Named
  /** By the package's policy of now; the terms of then are pinned in the request. */
  policy(packageId: string, policyId: string): Named
  role(role: { readonly resourceId: string; readonly roleId: string }): {
    readonly resourceName: string | null
    readonly roleName: string | null
  }
}

/** One statement for each kind of thing that is asked about. */
export const lookUpNames = async (
  { directory, views }: { readonly directory: Directory; readonly views: Views },
  ids: {
    readonly people?: Iterable<string>
    readonly packages?: Iterable<string>
    readonly resources?: Iterable<string>
  },
): Promise<Names> => {
  const [people, packages, resources] = await Promise.all([
    ask(ids.people, (some) => directory.people(some)),
    ask(ids.packages, (some) => views.packagesByIds(some)),
    ask(ids.resources, (some) => directory.resources(some)),
  ])
  return namesFrom(people, packages, resources)
}

/** Puts the names of subjects and packages beside their ids. */
export const withListedNames = async <
  Item extends { readonly subjectId: string; readonly packageId: string },
>(
  dependencies: Parameters<typeof lookUpNames>[0],
  items: readonly Item[],
): Promise<readonly (Item & ListedNames)[]> => {
  const names = await lookUpNames(dependencies, {
    people: items.map(({ subjectId }) => subjectId),
    packages: items.map(({ packageId }) => packageId),
  })
  return items.map((item) => ({
    ...item,
    subjectName: names.person(item.subjectId).displayName,
    packageName: names.package(item.packageId).displayName,
  }))
}

/** The roles that a package confers, with their names. */
export const conferredBy = (
  names: Names,
  roles: readonly { readonly resourceId: string; readonly roleId: string }[],
): readonly ConferredRole[] =>
  roles.map(({ resourceId, roleId }) => ({
    resourceId,
    roleId,
    ...names.role({ resourceId, roleId }),
  }))

const ask = async <Found>(
  ids: Iterable<string> | undefined,
  find: (ids: readonly string[]) => Promise<ReadonlyMap<string, Found>>,
): Promise<ReadonlyMap<string, Found>> => {
  const distinct = [...new Set(ids)]
  return distinct.length === 0 ? new Map<string, Found>() : find(distinct)
}

const namesFrom = (
  people: ReadonlyMap<string, Person>,
  packages: ReadonlyMap<string, PackageView>,
  resources: ReadonlyMap<string, Resource>,
): Names => ({
  person: (id) => {
    const found = people.get(id)
    return { id, displayName: found?.displayName ?? null, email: found?.email ?? null }
  },
  package: (id) => ({ id, displayName: packages.get(id)?.displayName ?? null }),
  policy: (packageId, id) => {
    const found = packages.get(packageId)?.policies.find((policy) => policy.id === id)
    return { id, displayName: found?.terms.displayName ?? null }
  },
  role: ({ resourceId, roleId }) => {
    const resource = resources.get(resourceId)
    const role = resource?.roles.find(({ id }) => id === roleId)
    return { resourceName: resource?.displayName ?? null, roleName: role?.displayName ?? null }
  },
})
