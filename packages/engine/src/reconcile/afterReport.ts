import { reconcileJobs } from '../queues.ts'
import { type BatchDependencies, provisionBatch } from './batch.ts'
import { entitlementsOn, loadGrants } from './grants.ts'

/**
 * The `after-report` job: goes on from where work by hand has left grants, and lets everybody who holds them take note:
 * the report itself was nobody's job.
 */
export const afterReport = async (
  dependencies: BatchDependencies,
  grantIds: readonly string[],
  signal: AbortSignal,
): Promise<void> => {
  await provisionBatch(dependencies, grantIds, signal)
  const grants = await loadGrants(dependencies.store, grantIds)
  await dependencies.jobs.enqueue(reconcileJobs([...grants.values()].flatMap(entitlementsOn)))
}
