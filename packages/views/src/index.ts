export { catalogsProjection } from './catalogs/catalogs.projector.ts'
export { commandKeysProjection, KEY_KEPT_MILLIS } from './commandKeys/commandKeys.projector.ts'
export { deadlinesProjection } from './deadlines/deadlines.projector.ts'
export { entitlementsProjection } from './entitlements/entitlements.projector.ts'
export { grantsProjection } from './grants/grants.projector.ts'
export { packagesProjection } from './packages/packages.projector.ts'
export {
  createPeopleViews,
  type LeaverAssignment,
  type PeopleViews,
} from './people/peopleViews.ts'
export {
  createProblemFindings,
  type ProblemFinding,
  type ProblemFindings,
} from './problems/problemFindings.ts'
export { migrateProblems } from './problems/problemTables.ts'
export { allProjections } from './projections/allProjections.ts'
export {
  createProjections,
  type Projections,
  type ProjectionsOptions,
  UnknownProjection,
} from './projections/createProjections.ts'
export { NotPartitionable } from './projections/layout.ts'
export type { RebuildResult } from './projections/rebuild.ts'
export { RebuildRunning } from './projections/rebuildLock.ts'
export { resetViews } from './projections/resetViews.ts'
export type { OnProgress, RebuildProgress } from './projections/shadow.ts'
export type { TableComparison, Verification } from './projections/verify.ts'
export { MissingRow } from './projector/foldTable.ts'
export type { Projection, ViewProjector } from './projector/projection.ts'
export { createPromiseRecords } from './promises/promiseRecords.ts'
export { migratePromises } from './promises/promiseTables.ts'
export type { PackageFilters, Requestor } from './queries/catalogQueries.ts'
export { createViews, type Views } from './queries/createViews.ts'
export { BadCursor, BadLimit, type PageRequest } from './queries/cursor.ts'
export type { AssignmentFilters, RequestFilters, Within } from './queries/entitlementFilters.ts'
export type { PackageStanding, StatusCounts } from './queries/entitlementQueries.ts'
export type { ProblemFilters } from './queries/problemQueries.ts'
export type { RemovalFilters } from './queries/removalQueries.ts'
export type { StoodStill } from './queries/stoodStill.ts'
export type { RolesVersion } from './queries/workQueries.ts'
export * from './rows.ts'
