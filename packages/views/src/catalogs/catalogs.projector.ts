import { foldTable } from '../projector/foldTable.ts'
import {
  type Projection,
  type ProjectionDefinition,
  projection,
  wholeTable,
} from '../projector/projection.ts'
import { ofTypes } from '../projector/selectEvents.ts'
import { foldCatalog, newCatalog } from './catalogs.fold.ts'
import { catalogs } from './catalogs.tables.ts'

const handles = [
  'CatalogCreated.v1',
  'CatalogRenamed.v1',
  'CatalogOwnerAdded.v1',
  'CatalogOwnerRemoved.v1',
  'PackageManagerAdded.v1',
  'PackageManagerRemoved.v1',
  'ResourceAddedToCatalog.v1',
  'ResourceRemovedFromCatalog.v1',
] as const

export const catalogsDefinition: ProjectionDefinition = {
  name: 'catalogs',
  version: 1,
  handles,
  tables: [catalogs],
  views: [wholeTable('catalogs')],
  open: (place) => {
    const rows = foldTable(place, catalogs)
    return {
      forget: rows.forget,
      apply: async (events, tx) => {
        const own = ofTypes(events, handles)
        await rows.ensure(
          tx,
          own.map((event) => event.data.catalogId),
        )
        for (const event of own) {
          rows.put(
            event.type === 'CatalogCreated.v1'
              ? newCatalog(event)
              : foldCatalog(rows.get(event.data.catalogId), event),
          )
        }
        await rows.flush(tx)
      },
    }
  },
}

/** Catalogs with their owners, package managers and resources (S1–S4). */
export const catalogsProjection: Projection = projection(catalogsDefinition)
