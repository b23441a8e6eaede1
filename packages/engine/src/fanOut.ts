import { type Jobs, parsePosition, START } from '@portcullis/core'
import type { Projections, Views } from '@portcullis/views'
import { ViewsLagging } from './application.ts'
import { BACKGROUND, reconcileJobs } from './queues.ts'

const PAGE = 1000
const VIEW_TIMEOUT_MILLIS = 60_000

/**
 * Queues a reconcile of everybody with an assignment to the package (S5, S6), once the view is at or past the package's event:
 * who is assigned later reads the new roles anyway, so nobody falls between.
 * @returns how many entitlements
 * @throws ViewsLagging when the view doesn't get there in time: the job is tried again, nobody is left out
 */
export const fanOut = async (
  dependencies: {
    readonly views: Pick<Views, 'activeAssignmentsOfPackage'>
    readonly projections: Pick<Projections, 'waitForView'>
    readonly jobs: Pick<Jobs, 'enqueue'>
  },
  packageId: string,
  position: string,
  signal: AbortSignal,
): Promise<number> => {
  const { views, projections, jobs } = dependencies
  const needed = parsePosition(position) ?? START
  if (!(await projections.waitForView('entitlements', needed, VIEW_TIMEOUT_MILLIS)))
    throw new ViewsLagging(needed)
  let queued = 0
  let after: string | null = null
  do {
    const page: Awaited<ReturnType<Views['activeAssignmentsOfPackage']>> =
      await views.activeAssignmentsOfPackage(packageId, after, PAGE)
    const ids = page.items.map(({ entitlementId }) => entitlementId)
    await jobs.enqueue(reconcileJobs(ids, BACKGROUND))
    queued += ids.length
    after = page.next
  } while (after !== null && !signal.aborted)
  return queued
}
