import type { ActorFacts } from '../permissions/standings.ts'

export type CatalogCommand =
  | {
      readonly type: 'CreateCatalog'
      readonly catalogId: string
      readonly displayName: string
      readonly description: string
    }
  | {
      readonly type: 'RenameCatalog'
      readonly catalogId: string
      /** Null leaves as it is. */
      readonly displayName: string | null
      readonly description: string | null
    }
  | { readonly type: 'AddCatalogOwner'; readonly catalogId: string; readonly personId: string }
  | { readonly type: 'RemoveCatalogOwner'; readonly catalogId: string; readonly personId: string }
  | { readonly type: 'AddPackageManager'; readonly catalogId: string; readonly personId: string }
  | { readonly type: 'RemovePackageManager'; readonly catalogId: string; readonly personId: string }
  | { readonly type: 'AddResource'; readonly catalogId: string; readonly resourceId: string }
  | { readonly type: 'RemoveResource'; readonly catalogId: string; readonly resourceId: string }

export interface CatalogFacts {
  readonly actor: ActorFacts
  /** Does the person that the command names exist in the directory? Absent when it names none. */
  readonly personExists?: boolean
  /** The resource that the command names. Absent when it names none. */
  readonly resource?: { readonly exists: boolean; readonly ownedByActor: boolean }
}
