import { type Jobs, originsOf } from '@portcullis/core'
import { isTransientError } from '@portcullis/postgres'
import { type Lane, ORDINARY } from '../queues.ts'
import {
  type FollowUps,
  noFollowUps,
  noteResult,
  noteWithheld,
  queueFollowUps,
} from './followUps.ts'
import { loadGrants } from './grants.ts'
import { provisionGrants } from './provisionGrants.ts'
import { type ReconcileDependencies, reconcileEntitlements } from './reconcileEntitlements.ts'

export interface BatchDependencies extends ReconcileDependencies {
  readonly jobs: Jobs
}

/** The `reconcile` job. @param lane on which what follows from it goes as well */
export const reconcileBatch = (
  dependencies: BatchDependencies,
  entitlementIds: readonly string[],
  signal: AbortSignal,
  lane: Lane = ORDINARY,
): Promise<void> =>
  runBatch(dependencies, entitlementIds, lane, signal, (ids, followUps) =>
    reconcileEntitlements(dependencies, ids, followUps, signal),
  )

/** The `provision` job: drives the grants, then lets everybody who holds them, or waits for their end, take note. */
export const provisionBatch = (
  dependencies: BatchDependencies,
  grantIds: readonly string[],
  signal: AbortSignal,
  lane: Lane = ORDINARY,
): Promise<void> =>
  runBatch(dependencies, grantIds, lane, signal, async (ids, followUps) => {
    const grants = await loadGrants(dependencies.store, ids)
    // What a sweep or a retry goes on with was begun in another trace.
    dependencies.tracing.link(
      originsOf([...grants.values()].flatMap(({ events }) => events.slice(-1))),
    )
    await provisionGrants(
      dependencies,
      [...grants].map(([grantId, grant]) => ({ grantId, grant, holds: [] })),
      async (results) => {
        for (const result of results) {
          noteResult(followUps, result)
          noteWithheld(followUps, result)
        }
      },
      signal,
    )
  })

const runBatch = async (
  { jobs }: BatchDependencies,
  ids: readonly string[],
  lane: Lane,
  signal: AbortSignal,
  work: (ids: readonly string[], followUps: FollowUps) => Promise<void>,
): Promise<void> => {
  const followUps = noFollowUps()
  try {
    await halving(ids, signal, (some) => work(some, followUps))
  } finally {
    // Also of those who were done when another one failed: nobody else tells of them.
    await queueFollowUps(jobs, followUps, lane)
  }
}

/**
 * Works on all together; when that fails, on one half after the other, so that one that always fails leaves the others
 * alone. The error of the first half that failed is thrown at the end.
 */
const halving = async (
  ids: readonly string[],
  signal: AbortSignal,
  work: (ids: readonly string[]) => Promise<void>,
): Promise<void> => {
  try {
    await work(ids)
  } catch (error) {
    // What is away for all of them is away for each of them.
    if (ids.length < 2 || signal.aborted || isTransientError(error)) throw error
    const middle = Math.ceil(ids.length / 2)
    const halves = [ids.slice(0, middle), ids.slice(middle)]
    const ended = await Promise.allSettled(halves.map((half) => halving(half, signal, work)))
    for (const half of ended) if (half.status === 'rejected') throw half.reason
  }
}
