export { catalogsProjection } from './catalogs/catalogs.projector.ts'
export { deadlinesProjection } from './deadlines/deadlines.projector.ts'
export { entitlementsProjection } from './entitlements/entitlements.projector.ts'
export { grantsProjection } from './grants/grants.projector.ts'
export { packagesProjection } from './packages/packages.projector.ts'
export { allProjections } from './projections/allProjections.ts'
export {
  createProjections,
  type Projections,
  type ProjectionsOptions,
  UnknownProjection,
} from './projections/createProjections.ts'
export type { RebuildResult } from './projections/rebuild.ts'
export { RebuildRunning } from './projections/rebuildLock.ts'
export type { OnProgress, RebuildProgress } from './projections/shadow.ts'
export type { TableComparison, Verification } from './projections/verify.ts'
export { MissingRow } from './projector/foldTable.ts'
export type { Projection, ViewProjector } from './projector/projection.ts'
export type { PackageFilters, Requestor } from './queries/catalogQueries.ts'
export { createViews, type Views } from './queries/createViews.ts'
export { BadCursor, BadLimit, type PageRequest } from './queries/cursor.ts'
export type {
  AssignmentFilters,
  RequestFilters,
  StatusCounts,
} from './queries/entitlementQueries.ts'
export type * from './rows.ts'
