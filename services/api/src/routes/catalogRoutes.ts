import { operations } from '@portcullis/api-contract'
import { commandRoute, defined, queryRoute, type Route } from '../route.ts'

/** Catalogs, their owners, managers and resources (S1 to S4). */
export const catalogRoutes: readonly Route[] = [
  commandRoute(
    operations.createCatalog,
    ({ body }, { derive }) => ({
      type: 'CreateCatalog',
      catalogId: body.id ?? derive('catalog'),
      displayName: body.displayName,
      description: body.description,
    }),
    ({ catalogId }) => `/v1/catalogs/${catalogId}`,
  ),
  queryRoute(operations.listCatalogs, ({ query: { atLeast: _, ...options } }, call) =>
    call.application.catalogs(call.caller, defined(options)),
  ),
  queryRoute(operations.getCatalog, ({ params }, call) =>
    call.application.catalog(call.caller, params.catalogId),
  ),
  queryRoute(operations.listCatalogsForNewPackages, ({ query: { atLeast: _, ...options } }, call) =>
    call.application.catalogsForNewPackages(call.caller, defined(options)),
  ),
  queryRoute(operations.getCatalogHistory, ({ params, query: { atLeast: _, ...options } }, call) =>
    call.application.catalogHistory(call.caller, params.catalogId, defined(options)),
  ),
  commandRoute(operations.renameCatalog, ({ params, body }) => ({
    type: 'RenameCatalog',
    ...params,
    displayName: body.displayName ?? null,
    description: body.description ?? null,
  })),
  commandRoute(operations.addCatalogOwner, ({ params, body }) => ({
    type: 'AddCatalogOwner',
    ...params,
    ...body,
  })),
  commandRoute(operations.removeCatalogOwner, ({ params }) => ({
    type: 'RemoveCatalogOwner',
    ...params,
  })),
  commandRoute(operations.addPackageManager, ({ params, body }) => ({
    type: 'AddPackageManager',
    ...params,
    ...body,
  })),
  commandRoute(operations.removePackageManager, ({ params }) => ({
    type: 'RemovePackageManager',
    ...params,
  })),
  commandRoute(operations.addResource, ({ params, body }) => ({
    type: 'AddResource',
    ...params,
    ...body,
  })),
  commandRoute(operations.removeResource, ({ params }) => ({
    type: 'RemoveResource',
    ...params,
  })),
]
