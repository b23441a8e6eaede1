import { sql } from 'kysely'
import type { CatalogView, PackageView, Page } from '../rows.ts'
import { type PageRequest, pageOf } from './cursor.ts'
import { CATALOG, PACKAGE, type ViewsSql } from './database.ts'

export interface PackageFilters {
  readonly catalogIds?: readonly string[] | undefined
  readonly ids?: readonly string[] | undefined
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
  /** Oldest first, hidden ones too, deleted ones not. */
  packages(page: PageRequest, filters?: PackageFilters): Promise<Page<PackageView>>
  /** Also a hidden one (S23); undefined when deleted. */
  package(id: string): Promise<PackageView | undefined>
  packagesByIds(ids: readonly string[]): Promise<ReadonlyMap<string, PackageView>>
  /** Not hidden and with an enabled policy that somebody may request by. */
  packagesWithEnabledPolicies(page: PageRequest): Promise<Page<PackageView>>
  /** Of those, the ones with an enabled policy that names the person, one of their groups or their external directory (S7, S23). */
  requestable(requestor: Requestor, page: PageRequest): Promise<Page<PackageView>>
}

export const catalogQueries = (db: ViewsSql): CatalogQueries => {
  const catalogs = () => db.selectFrom('catalogs').select(CATALOG)
  const packages = () => db.selectFrom('packages').select(PACKAGE)
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
    packages: (page, { catalogIds, ids } = {}) =>
      pageOf('packages', page, (after, limit) => {
        let query = packagesAfter(after, limit)
        if (catalogIds) query = query.where('catalog_id', '=', sql<string>`any(${catalogIds})`)
        if (ids) query = query.where('id', '=', sql<string>`any(${ids})`)
        return query.execute()
      }),
    package: (id) => packages().where('id', '=', id).executeTakeFirst(),
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
