import type { Jobs } from '@portcullis/core'
import { laterProvisionJob, reconcileJobs } from '../queues.ts'
import { provisionGrant } from './provisionGrant.ts'
import {
  entitlementsOn,
  type ReconcileDependencies,
  reconcileEntitlement,
} from './reconcileEntitlement.ts'

export interface BatchDependencies extends ReconcileDependencies {
  readonly jobs: Jobs
}

/** Entitlements or grants of one job that are worked on side by side. */
const SIDE_BY_SIDE = 8

/** Runs `work` for each item, a few at a time; when some fail, the others still run, and the first error is thrown at the end so that the job is tried again. */
export const forEachSideBySide = async <Item>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<void>,
): Promise<void> => {
  const waiting = [...items]
  const errors: unknown[] = []
  const lane = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      try {
        await work(item)
      } catch (error) {
        errors.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane))
  if (errors.length > 0) throw errors[0]
}

/** The `reconcile` job. */
export const reconcileBatch = async (
  dependencies: BatchDependencies,
  entitlementIds: readonly string[],
  signal: AbortSignal,
): Promise<void> => {
  const affected = new Set<string>()
  await forEachSideBySide(entitlementIds, SIDE_BY_SIDE, async (id) => {
    const { alsoAffected, lookAgain } = await reconcileEntitlement(dependencies, id, signal)
    for (const other of alsoAffected) affected.add(other)
    await dependencies.jobs.enqueue(
      lookAgain.map(({ grantId, at }) => laterProvisionJob(grantId, at)),
    )
  })
  await dependencies.jobs.enqueue(reconcileJobs([...affected]))
}

/** The `provision` job: drives the grants, then lets everybody who holds them, or waits for their end, take note. */
export const provisionBatch = async (
  dependencies: BatchDependencies,
  grantIds: readonly string[],
  signal: AbortSignal,
): Promise<void> => {
  const affected = new Set<string>()
  await forEachSideBySide(grantIds, SIDE_BY_SIDE, async (id) => {
    const { changed, lookAgainAt } = await provisionGrant(dependencies, id, signal)
    if (lookAgainAt !== null) await dependencies.jobs.enqueue([laterProvisionJob(id, lookAgainAt)])
    for (const other of changed ? await entitlementsOn(dependencies, id) : []) affected.add(other)
  })
  await dependencies.jobs.enqueue(reconcileJobs([...affected]))
}
