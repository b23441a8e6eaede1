import type { ActorFacts } from '../permissions/standings.ts'
import type { CatalogState } from './catalog.state.ts'

export interface CatalogFacts {
  readonly actor: ActorFacts
  /** Does the person that the command names exist in the directory? Absent when it names none. */
  readonly personExists?: boolean
  /** The resource that the command names. Absent when it names none. */
  readonly resource?: { readonly exists: boolean; readonly ownedByActor: boolean }
}

/** The actor's facts with the catalog that the command is about. */
export const inCatalog = (
  { catalogId }: { readonly catalogId: string },
  { displayName }: CatalogState,
  { actor }: CatalogFacts,
): ActorFacts => ({ ...actor, catalog: { id: catalogId, displayName } })
