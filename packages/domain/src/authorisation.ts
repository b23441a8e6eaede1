/** Roles of the whole directory (S3). */
export type DirectoryRole = 'UserAdministrator' | 'CatalogCreator'
/** Roles in one catalog (S3). */
export type CatalogRole = 'CatalogOwner' | 'AccessPackageManager'

/** What the actor may: gathered before each decision, from the directory and from the catalog's stream. */
export interface ActorFacts {
  readonly directoryRoles: readonly DirectoryRole[]
  /** In the catalog that the command is about; empty where none is. */
  readonly catalogRoles: readonly CatalogRole[]
}
