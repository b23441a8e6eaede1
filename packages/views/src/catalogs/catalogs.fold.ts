import { formatPosition } from '@portcullis/core'
import type { Row } from '../projector/foldTable.ts'
import type { ViewEvent } from '../projector/projection.ts'
import type { CatalogView } from '../rows.ts'

export type CatalogRow = Row<CatalogView, Readonly<Record<never, never>>>

export type CatalogViewEvent = Extract<
  ViewEvent,
  {
    type:
      | 'CatalogCreated.v1'
      | 'CatalogRenamed.v1'
      | 'CatalogOwnerAdded.v1'
      | 'CatalogOwnerRemoved.v1'
      | 'PackageManagerAdded.v1'
      | 'PackageManagerRemoved.v1'
      | 'ResourceAddedToCatalog.v1'
      | 'ResourceRemovedFromCatalog.v1'
  }
>

const withId = (ids: readonly string[], id: string): readonly string[] =>
  ids.includes(id) ? ids : [...ids, id]
const withoutId = (ids: readonly string[], id: string): readonly string[] =>
  ids.filter((one) => one !== id)

export const newCatalog = (
  event: Extract<CatalogViewEvent, { type: 'CatalogCreated.v1' }>,
): CatalogRow => ({
  seq: formatPosition(event.position),
  state: {},
  view: {
    id: event.data.catalogId,
    displayName: event.data.displayName,
    description: event.data.description,
    ownerIds: event.data.ownerId === null ? [] : [event.data.ownerId],
    packageManagerIds: [],
    resourceIds: [],
    createdAt: event.metadata.at,
  },
})

/** The catalog after one more event of its own. */
export const foldCatalog = (row: CatalogRow, event: CatalogViewEvent): CatalogRow => {
  const { view } = row
  const becomes = (changes: Partial<CatalogView>): CatalogRow => ({
    ...row,
    view: { ...view, ...changes },
  })
  switch (event.type) {
    case 'CatalogCreated.v1':
      return row
    case 'CatalogRenamed.v1':
      return becomes({ displayName: event.data.displayName, description: event.data.description })
    case 'CatalogOwnerAdded.v1':
      return becomes({ ownerIds: withId(view.ownerIds, event.data.personId) })
    case 'CatalogOwnerRemoved.v1':
      return becomes({ ownerIds: withoutId(view.ownerIds, event.data.personId) })
    case 'PackageManagerAdded.v1':
      return becomes({ packageManagerIds: withId(view.packageManagerIds, event.data.personId) })
    case 'PackageManagerRemoved.v1':
      return becomes({ packageManagerIds: withoutId(view.packageManagerIds, event.data.personId) })
    case 'ResourceAddedToCatalog.v1':
      return becomes({ resourceIds: withId(view.resourceIds, event.data.resourceId) })
    case 'ResourceRemovedFromCatalog.v1':
      return becomes({ resourceIds: withoutId(view.resourceIds, event.data.resourceId) })
  }
}
