import type { CreateCatalog, RenameCatalog } from './catalog.create.ts'
import type { AddOrRemovePerson } from './catalog.people.ts'
import type { AddResource, RemoveResource } from './catalog.resources.ts'

/** Each is declared beside the function that decides it. */
export type CatalogCommand =
  | CreateCatalog
  | RenameCatalog
  | AddOrRemovePerson
  | AddResource
  | RemoveResource
