import type { Refusal } from '@portcullis/core'
import type {
  ExternalDirectory,
  GroupSummary,
  ListPage,
  Person,
  Resource,
} from '@portcullis/directory'
import type { QueryName } from '@portcullis/domain'
import type { Caller } from '../caller.ts'
import { type Sight, sightOf, unlessMayAsk } from './access.ts'
import type { QueryDependencies } from './dependencies.ts'
import { emptyPage, type ListOptions } from './listOptions.ts'

export type Search = ListOptions & { readonly search?: string }

/** For a query that is refused as a whole to anybody who has no such role. */
export type WholeAnswer<Answer> =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly refusal: Refusal }

/**
 * The directory, to pick from. Nobody but those who administer something can enumerate people, groups and external
 * directories (S3).
 */
export interface DirectoryQueries {
  /**
   * Resources to build packages of (S4): of a catalog in which the caller may, or the caller's own, or both. With
   * neither, all that the caller may see.
   */
  resources(
    caller: Caller,
    options: Search & {
      readonly catalogId?: string
      readonly ownedByMe?: boolean
      readonly kind?: Resource['kind']
    },
  ): Promise<ListPage<Resource>>
  people(caller: Caller, options: Search): Promise<WholeAnswer<ListPage<Person>>>
  groups(caller: Caller, options: Search): Promise<WholeAnswer<ListPage<GroupSummary>>>
  externalDirectories(
    caller: Caller,
    options: Search,
  ): Promise<WholeAnswer<ListPage<ExternalDirectory>>>
  /** By any of its domains (S8); an answer of undefined when none has it. */
  externalDirectoryByDomain(
    caller: Caller,
    domain: string,
  ): Promise<WholeAnswer<ExternalDirectory | undefined>>
}

export const directoryQueries = (dependencies: QueryDependencies): DirectoryQueries => {
  const { clock, directory, views } = dependencies
  const ifAdministrator = async <Answer>(
    name: QueryName,
    caller: Caller,
    ask: () => Promise<Answer>,
  ): Promise<WholeAnswer<Answer>> =>
    (await unlessMayAsk(dependencies, caller, name)) ?? { ok: true, answer: await ask() }

  /** Ids of the catalog's resources, where the caller may build packages of them. */
  const resourcesOf = async (seen: Sight, catalogId: string): Promise<readonly string[]> => {
    const may = seen.everything || seen.catalogIds.includes(catalogId)
    return may ? ((await views.catalog(catalogId))?.resourceIds ?? []) : []
  }

  return {
    resources: async (caller, { catalogId, ownedByMe, kind, ...page }) => {
      const seen = await sightOf(dependencies, caller, 'listResources')
      if (!seen.everything && seen.person === undefined) return emptyPage<Resource>()
      const ids = catalogId === undefined ? undefined : await resourcesOf(seen, catalogId)
      if (ids !== undefined || ownedByMe === true || seen.everything) {
        const ownerId = ownedByMe === true ? seen.callerId : undefined
        return directory.listResources(page, { kind, ids, ownerId })
      }
      const theirs = await Promise.all(seen.catalogIds.map((id) => resourcesOf(seen, id)))
      const idsOrOwned = { ids: [...new Set(theirs.flat())], ownerId: seen.callerId }
      return directory.listResources(page, { kind, idsOrOwned })
    },

    people: (caller, options) =>
      ifAdministrator('listPeople', caller, () => directory.listPeople(options)),
    groups: (caller, options) =>
      ifAdministrator('listGroups', caller, () => directory.listGroups(options, clock.now())),
    externalDirectories: (caller, options) =>
      ifAdministrator('listExternalDirectories', caller, () =>
        directory.listExternalDirectories(options),
      ),
    externalDirectoryByDomain: (caller, domain) =>
      ifAdministrator('findExternalDirectory', caller, () =>
        directory.externalDirectoryByDomain(domain),
      ),
  }
}
