import { catalogStream, type QueryName } from '@portcullis/domain'
import type { CatalogView, HistoryEntry, Page } from '@portcullis/views'
import type { Caller } from '../caller.ts'
import { maySee, sightOf } from './access.ts'
import type { QueryDependencies } from './dependencies.ts'
import { emptyPage, type ListOptions } from './listOptions.ts'
import { streamHistory } from './streamHistory.ts'

export interface CatalogQueries {
  catalogs(caller: Caller, options: ListOptions): Promise<Page<CatalogView>>
  catalog(caller: Caller, id: string): Promise<CatalogView | undefined>
  /** Catalogs that the caller may create access packages in (S2): the built-in one only for User administrators. */
  catalogsForNewPackages(caller: Caller, options: ListOptions): Promise<Page<CatalogView>>
  /** The catalog's own events, from the first on. */
  catalogHistory(
    caller: Caller,
    id: string,
    options: ListOptions,
  ): Promise<Page<HistoryEntry> | undefined>
}

/** Catalogs (S1–S3). */
export const catalogQueries = (dependencies: QueryDependencies): CatalogQueries => {
  const { store, views } = dependencies
  /** The catalogs that the matrix's row lets the caller see. */
  const listed = async (
    name: QueryName,
    caller: Caller,
    options: ListOptions,
  ): Promise<Page<CatalogView>> => {
    const { everything, person, catalogIds } = await sightOf(dependencies, caller, name)
    if (everything) return views.catalogs(options)
    if (person === undefined) return emptyPage<CatalogView>()
    // Those of one person fit on one page.
    const theirs = await views.catalogsOf(person.id)
    return { items: theirs.filter(({ id }) => catalogIds.includes(id)), next: null }
  }
  return {
    catalogs: (caller, options) => listed('listCatalogs', caller, options),

    catalog: async (caller, id) => {
      const allowed = await maySee(dependencies, caller, 'getCatalog', { catalogId: id })
      return allowed ? views.catalog(id) : undefined
    },

    catalogsForNewPackages: (caller, options) =>
      listed('listCatalogsForNewPackages', caller, options),

    catalogHistory: async (caller, id, options) => {
      const allowed = await maySee(dependencies, caller, 'getCatalogHistory', { catalogId: id })
      if (!allowed) return undefined
      const history = await streamHistory(store, catalogStream(id), options)
      return history.items.length === 0 && options.cursor === undefined ? undefined : history
    },
  }
}
