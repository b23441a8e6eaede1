import { sql } from 'kysely'
import type { CatalogView, PackageView, Page } from '../rows.ts'
import { type PageRequest, pageOf } from './cursor.ts'
import { CATALOG, PACKAGE, type ViewsSql } from './database.ts'

export interface PackageFilters {
  readonly catalogIds?: readonly string[] | undefined
  readonly ids?: readonly string[] | undefined
  /** Deleted ones as well (S24). */
  readonly includeDeleted?: boolean | undefined
}

/** A person as policies see them. */
export interface Requestor {
  readonly personId: string
  /** The groups that the person is in. */
  readonly groupIds: readonly string[]
  /** The external directory that the person comes from; null for our own people. */
  readonly externalDirectoryId: string | null
}

export interface CatalogQueries {
  /** Oldest first. */
  catalogs(page: PageRequest): Promise<Page<CatalogView>>
  catalog(id: string): Promise<CatalogView | undefined>
  /** Catalogs that the person owns or whose packages they manage (S2, S3), oldest first. */
  catalogsOf(personId: string): Promise<readonly CatalogView[]>
  /** Oldest first, hidden ones too, deleted ones only when asked for. */
  packages(page: PageRequest, filters?: PackageFilters): Promise<Page<PackageView>>
  /** Also a hidden one (S23), and one that has been deleted (S24). */
  package(id: string): Promise<PackageView | undefined>
  /**
   * Ids of all packages in these catalogs, also of those that have been deleted: what became of their requests still
   * answers (S24).
   */
  packageIdsIn(catalogIds: readonly string[]): Promise<readonly string[]>
  packagesByIds(ids: readonly string[]): Promise<ReadonlyMap<string, PackageView>>
  /** Not hidden and with an enabled policy that somebody may request by. */
  packagesWithEnabledPolicies(page: PageRequest): Promise<Page<PackageView>>
  /**
   * Of those, the ones with an enabled policy that names the person, one of their groups or their external directory
   * (S7, S23).
   */
  requestable(requestor: Requestor, page: PageRequest): Promise<Page<PackageView>>
}

export const catalogQueries = (db: ViewsSql): CatalogQueries => {
  const catalogs = () => db.selectFrom('catalogs').select(CATALOG)
  const packages = () => db.selectFrom('packages').select(PACKAGE)
  const allPackages = () => db.selectFrom('all_packages as packages').select(PACKAGE)
  const packagesAfter = (after: string | null, limit: number) => {
    const query = packages().select('seq').orderBy('seq').limit(limit)
    return after === null ? query : query.where('seq', '>', after)
  }
  return {
    catalogs: (page) =>
      pageOf('catalogs', page, (after, limit) => {
        const query = catalogs().select('seq').orderBy('seq').limit(limit)
        return (after === null ? query : query.where('seq', '>', after)).execute()
      }),
    catalog: (id) => catalogs().where('id', '=', id).executeTakeFirst(),
    catalogsOf: (personId) =>
      catalogs().where(sql<boolean>`member_ids ? ${personId}`).orderBy('seq').execute(),
    packages: (page, { catalogIds, ids, includeDeleted = false } = {}) =>
      pageOf('packages', page, (after, limit) => {
        let query = includeDeleted
          ? allPackages().select('seq').orderBy('seq').limit(limit)
          : packages().select('seq').orderBy('seq').limit(limit)
        if (after !== null) query = query.where('seq', '>', after)
        if (catalogIds) query = query.where('catalog_id', '=', sql<string>`any(${catalogIds})`)
        if (ids) query = query.where('id', '=', sql<string>`any(${ids})`)
        return query.execute()
      }),
    package: (id) => allPackages().where('id', '=', id).executeTakeFirst(),
    packageIdsIn: async (catalogIds) => {
      const rows = await db
        .selectFrom('all_packages')
        .select('id')
        .where('catalog_id', '=', sql<string>`any(${catalogIds})`)
        .execute()
      return rows.map(({ id }) => id)
    },
    packagesByIds: async (ids) => {
      const rows = await packages().where('id', '=', sql<string>`any(${ids})`).execute()
      return new Map(rows.map((row) => [row.id, row]))
    },
    packagesWithEnabledPolicies: (page) =>
      pageOf('packages-with-policies', page, (after, limit) =>
        packagesAfter(after, limit)
          .where('hidden', '=', false)
          .where(sql<boolean>`requestors <> '[]'::jsonb`)
          .execute(),
      ),
    requestable: ({ personId, groupIds, externalDirectoryId }, page) => {
      const tokens = [`user:${personId}`, ...groupIds.map((id) => `group:${id}`)]
      if (externalDirectoryId !== null) tokens.push(`external:${externalDirectoryId}`)
      return pageOf('requestable', page, (after, limit) =>
        packagesAfter(after, limit)
          .where('hidden', '=', false)
          .where(sql<boolean>`requestors ?| ${tokens}::text[]`)
          .execute(),
      )
    },
  }
}
