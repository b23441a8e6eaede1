import { type AssignmentQueries, assignmentQueries } from './assignmentQueries.ts'
import { type CatalogQueries, catalogQueries } from './catalogQueries.ts'
import type { QueryDependencies } from './dependencies.ts'
import { type DirectoryQueries, directoryQueries } from './directoryQueries.ts'
import { type DownloadQueries, downloadQueries } from './downloads.ts'
import { type DriftScanQueries, driftScanQueries } from './driftScanQueries.ts'
import { type EngineQueries, engineQueries } from './engineQueries.ts'
import { type FulfilmentQueries, fulfilmentQueries } from './fulfilmentQueries.ts'
import { type MetricQueries, metricQueries } from './metricQueries.ts'
import { type PackageQueries, packageQueries } from './packageQueries.ts'
import { type ProblemQueries, problemQueries } from './problemQueries.ts'
import { type QueueQueries, queueQueries } from './queueQueries.ts'
import { type RequestQueries, requestQueries } from './requestQueries.ts'
import { type RollOutQueries, rollOutQueries } from './rollOutQueries.ts'
import { type WhyQueries, whyQueries } from './whyQuery.ts'

/** Everything that callers from outside may ask. */
export interface Queries
  extends CatalogQueries,
    PackageQueries,
    WhyQueries,
    DirectoryQueries,
    RequestQueries,
    AssignmentQueries,
    RollOutQueries,
    ProblemQueries,
    MetricQueries,
    QueueQueries,
    DownloadQueries,
    FulfilmentQueries,
    DriftScanQueries,
    EngineQueries {}

/**
 * Queries with their guard: a subject sees their own, an approver what waits for them, a package's managers what is
 * theirs (S3).
 */
export const createQueries = (dependencies: QueryDependencies): Queries => ({
  ...catalogQueries(dependencies),
  ...packageQueries(dependencies),
  ...whyQueries(dependencies),
  ...directoryQueries(dependencies),
  ...requestQueries(dependencies),
  ...assignmentQueries(dependencies),
  ...rollOutQueries(dependencies),
  ...problemQueries(dependencies),
  ...metricQueries(dependencies),
  ...queueQueries(dependencies),
  ...downloadQueries(dependencies),
  ...fulfilmentQueries(dependencies),
  ...driftScanQueries(dependencies),
  ...engineQueries(dependencies),
})
