import { z } from 'zod'
import { command, noBody, noParams, oneQuery, pageSchema, paging, query } from './operation.ts'
import { exampleInstant } from './policyTerms.ts'
import { descriptionSchema, displayNameSchema, idSchema, instantSchema } from './primitives.ts'
import { historyEntrySchema } from './requestViews.ts'

const tag = 'Catalogs'
const catalog = z.strictObject({ catalogId: idSchema })
const person = z.strictObject({ personId: idSchema })
const catalogAndPerson = z.strictObject({ catalogId: idSchema, personId: idSchema })

export const catalogViewSchema = z
  .object({
    id: idSchema,
    displayName: z.string(),
    description: z.string(),
    ownerIds: z.array(z.string()),
    packageManagerIds: z.array(z.string()),
    resourceIds: z.array(z.string()),
    createdAt: instantSchema,
  })
  .meta({ id: 'Catalog', description: 'A container of access packages, and who may manage it.' })

const exampleCatalog = {
  id: 'engineering',
  displayName: 'Engineering',
  description: 'What the product teams need.',
  ownerIds: ['alice'],
  packageManagerIds: [],
  resourceIds: ['git', 'wiki'],
  createdAt: exampleInstant,
}

export const catalogOperations = {
  createCatalog: command({
    id: 'createCatalog',
    method: 'POST',
    path: '/v1/catalogs',
    tag,
    summary: 'Create a catalog',
    description:
      'User administrators and Catalog creators may; the creator becomes its first owner (S1).',
    params: noParams,
    body: z.strictObject({
      id: idSchema.optional().describe('Derived from the command id when absent.'),
      displayName: displayNameSchema,
      description: descriptionSchema.default(''),
    }),
    status: 201,
    example: {
      body: { id: 'engineering', displayName: 'Engineering' },
      answer: { catalogId: 'engineering' },
    },
  }),
  listCatalogs: query({
    id: 'listCatalogs',
    path: '/v1/catalogs',
    tag,
    summary: 'Catalogs that the caller may see',
    params: noParams,
    query: z.strictObject(paging),
    answer: pageSchema(catalogViewSchema),
    example: { items: [exampleCatalog], next: null },
  }),
  getCatalog: query({
    id: 'getCatalog',
    path: '/v1/catalogs/{catalogId}',
    tag,
    summary: 'One catalog',
    params: catalog,
    query: oneQuery,
    answer: catalogViewSchema,
    example: exampleCatalog,
  }),
  listCatalogsForNewPackages: query({
    id: 'listCatalogsForNewPackages',
    path: '/v1/catalogs-for-new-packages',
    tag,
    summary: 'Catalogs that the caller may create access packages in',
    description: 'The built-in `default` one only for User administrators (S2).',
    params: noParams,
    query: z.strictObject(paging),
    answer: pageSchema(catalogViewSchema),
    example: { items: [exampleCatalog], next: null },
  }),
  getCatalogHistory: query({
    id: 'getCatalogHistory',
    path: '/v1/catalogs/{catalogId}/history',
    tag,
    summary: 'What has happened to the catalog itself, from the start',
    params: catalog,
    query: z.strictObject(paging),
    answer: pageSchema(historyEntrySchema),
    example: {
      items: [
        {
          position: '1020',
          at: exampleInstant,
          type: 'CatalogCreated.v1',
          actor: { kind: 'user', id: 'alice' },
          data: { catalogId: 'engineering', displayName: 'Engineering', ownerId: 'alice' },
        },
      ],
      next: null,
    },
  }),
  renameCatalog: command({
    id: 'renameCatalog',
    method: 'PATCH',
    path: '/v1/catalogs/{catalogId}',
    tag,
    summary: "Change a catalog's name, or its description",
    description: 'What is left out stays as it is.',
    params: catalog,
    body: z
      .strictObject({
        displayName: displayNameSchema.optional(),
        description: descriptionSchema.optional(),
      })
      .refine(
        ({ displayName, description }) => displayName !== undefined || description !== undefined,
        'give `displayName`, or `description`, or both',
      ),
    example: {
      body: { displayName: 'Engineering', description: 'What the product teams need.' },
      answer: { catalogId: 'engineering' },
    },
  }),
  addCatalogOwner: command({
    id: 'addCatalogOwner',
    method: 'POST',
    path: '/v1/catalogs/{catalogId}/owners',
    tag,
    summary: 'Add an owner',
    params: catalog,
    body: person,
    example: { body: { personId: 'carol' }, answer: { catalogId: 'engineering' } },
  }),
  removeCatalogOwner: command({
    id: 'removeCatalogOwner',
    method: 'DELETE',
    path: '/v1/catalogs/{catalogId}/owners/{personId}',
    tag,
    summary: 'Remove an owner',
    description: 'The last owner stays (S1).',
    params: catalogAndPerson,
    body: noBody,
    example: { answer: { catalogId: 'engineering' } },
  }),
  addPackageManager: command({
    id: 'addPackageManager',
    method: 'POST',
    path: '/v1/catalogs/{catalogId}/managers',
    tag,
    summary: 'Add an access package manager',
    params: catalog,
    body: person,
    example: { body: { personId: 'dave' }, answer: { catalogId: 'engineering' } },
  }),
  removePackageManager: command({
    id: 'removePackageManager',
    method: 'DELETE',
    path: '/v1/catalogs/{catalogId}/managers/{personId}',
    tag,
    summary: 'Remove an access package manager',
    params: catalogAndPerson,
    body: noBody,
    example: { params: { personId: 'dave' }, answer: { catalogId: 'engineering' } },
  }),
  addResource: command({
    id: 'addResource',
    method: 'POST',
    path: '/v1/catalogs/{catalogId}/resources',
    tag,
    summary: 'Add a resource of the directory to the catalog',
    description: 'User administrators and Catalog owners may, if they own the resource (S4).',
    params: catalog,
    body: z.strictObject({ resourceId: idSchema }),
    example: { body: { resourceId: 'wiki' }, answer: { catalogId: 'engineering' } },
  }),
  removeResource: command({
    id: 'removeResource',
    method: 'DELETE',
    path: '/v1/catalogs/{catalogId}/resources/{resourceId}',
    tag,
    summary: 'Remove a resource from the catalog',
    params: z.strictObject({ catalogId: idSchema, resourceId: idSchema }),
    body: noBody,
    example: { answer: { catalogId: 'engineering' } },
  }),
}
