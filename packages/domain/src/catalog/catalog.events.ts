// These names and shapes are the storage format. A change is a new version with an upcaster, never an edit.
import { idSchema } from '@portcullis/core'
import { z } from 'zod'
import { textSchema } from '../text.ts'

const name = textSchema(1, 256)
const description = textSchema(0, 2000)

export const catalogEvents = {
  'CatalogCreated.v1': z.object({
    catalogId: idSchema,
    displayName: name,
    description,
    /** The first owner; null for the built-in Default catalog, which nobody owns. */
    ownerId: idSchema.nullable(),
  }),
  'CatalogRenamed.v1': z.object({ catalogId: idSchema, displayName: name, description }),
  'CatalogOwnerAdded.v1': z.object({ catalogId: idSchema, personId: idSchema }),
  'CatalogOwnerRemoved.v1': z.object({ catalogId: idSchema, personId: idSchema }),
  'PackageManagerAdded.v1': z.object({ catalogId: idSchema, personId: idSchema }),
  'PackageManagerRemoved.v1': z.object({ catalogId: idSchema, personId: idSchema }),
  'ResourceAddedToCatalog.v1': z.object({ catalogId: idSchema, resourceId: idSchema }),
  'ResourceRemovedFromCatalog.v1': z.object({ catalogId: idSchema, resourceId: idSchema }),
} as const
