import type { CatalogEvent } from '../events.ts'
import type { CatalogRole } from '../permissions/standings.ts'

export interface CatalogState {
  /** Null while there is no such catalog. */
  readonly catalogId: string | null
  readonly displayName: string
  readonly description: string
  readonly ownerIds: readonly string[]
  readonly packageManagerIds: readonly string[]
  readonly resourceIds: readonly string[]
}

export const initialCatalog = (): CatalogState => ({
  catalogId: null,
  displayName: '',
  description: '',
  ownerIds: [],
  packageManagerIds: [],
  resourceIds: [],
})

const without = (ids: readonly string[], id: string) => ids.filter((other) => other !== id)

export const evolveCatalog = (state: CatalogState, event: CatalogEvent): CatalogState => {
  switch (event.type) {
    case 'CatalogCreated.v1': {
      const { catalogId, displayName, description, ownerId } = event.data
      const ownerIds = ownerId === null ? [] : [ownerId]
      return { ...state, catalogId, displayName, description, ownerIds }
    }
    case 'CatalogRenamed.v1': {
      const { displayName, description } = event.data
      return { ...state, displayName, description }
    }
    case 'CatalogOwnerAdded.v1':
      return { ...state, ownerIds: [...state.ownerIds, event.data.personId] }
    case 'CatalogOwnerRemoved.v1':
      return { ...state, ownerIds: without(state.ownerIds, event.data.personId) }
    case 'PackageManagerAdded.v1':
      return { ...state, packageManagerIds: [...state.packageManagerIds, event.data.personId] }
    case 'PackageManagerRemoved.v1':
      return {
        ...state,
        packageManagerIds: without(state.packageManagerIds, event.data.personId),
      }
    case 'ResourceAddedToCatalog.v1':
      return { ...state, resourceIds: [...state.resourceIds, event.data.resourceId] }
    case 'ResourceRemovedFromCatalog.v1':
      return { ...state, resourceIds: without(state.resourceIds, event.data.resourceId) }
    default:
      event satisfies never
      return state
  }
}

/** The catalog roles (S3) that a person has here: what {@link ActorFacts} needs of a catalog's stream. */
export const catalogRolesOf = (state: CatalogState, personId: string): readonly CatalogRole[] => [
  ...(state.ownerIds.includes(personId) ? (['CatalogOwner'] as const) : []),
  ...(state.packageManagerIds.includes(personId) ? (['AccessPackageManager'] as const) : []),
]
