import { addMillis } from '@portcullis/core'
import type { Outbox } from '@portcullis/notifications'
import { setAlarms } from './deadlines/alarms.ts'
import { type DeadlineDependencies, fireDue } from './deadlines/fireDue.ts'
import { BACKGROUND, mailJobs, provisionJobs, QUEUES, reconcileJobs } from './queues.ts'

export interface SweepDependencies extends DeadlineDependencies {
  readonly outbox: Outbox
  /** What has stood still for so long is looked at again: longer than an ordinary delivery takes, so that a sweep doesn't double the work under way. */
  readonly staleMillis: number
  /** Alarms are set for what is due within so many milliseconds. */
  readonly horizonMillis: number
}

export interface SweepReport {
  readonly fired: number
  readonly alarms: number
  readonly entitlements: number
  readonly grants: number
  readonly mails: number
}

const PAGE = 1000
/** With so many jobs waiting, the queue hasn't lost anything that a sweep should put back: it is just long. */
const BACKLOG = 2000

/**
 * Finds everything due or unfinished in the views and queues it again: after a wiped queue, a lost job or downtime nothing waits longer than one sweep (promises 1, 2, 5).
 */
export const sweep = async (
  dependencies: SweepDependencies,
  signal: AbortSignal,
): Promise<SweepReport> => {
  const fired = await fireDue(dependencies, signal)
  const alarms = await setAlarms(dependencies, dependencies.horizonMillis)
  const mails = await requeueMails(dependencies)
  const busy = (await dependencies.jobs.counts(QUEUES.provision)).waiting > BACKLOG
  if (busy || signal.aborted) return { fired, alarms, mails, entitlements: 0, grants: 0 }
  const entitlements = await requeueEntitlements(dependencies, signal)
  const grants = await requeueGrants(dependencies)
  return { fired, alarms, mails, entitlements, grants }
}

const requeueMails = async ({
  outbox,
  clock,
  jobs,
  staleMillis,
}: SweepDependencies): Promise<number> => {
  // What became due a moment ago has a job already: queued again by each sweep, a burst of mails would hold itself up.
  const ids = await outbox.unsent({ now: addMillis(clock.now(), -staleMillis), limit: PAGE })
  await jobs.enqueue(mailJobs(ids))
  return ids.length
}

const requeueEntitlements = async (
  { views, clock, jobs, staleMillis }: SweepDependencies,
  signal: AbortSignal,
): Promise<number> => {
  const updatedBefore = addMillis(clock.now(), -staleMillis)
  let found = 0
  for (let after: string | undefined; !signal.aborted; ) {
    const ids = await views.unsettledEntitlements({
      updatedBefore,
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    })
    await jobs.enqueue(reconcileJobs(ids, BACKGROUND))
    found += ids.length
    after = ids.at(-1)
    if (ids.length < PAGE) break
  }
  return found
}

const requeueGrants = async ({
  views,
  clock,
  jobs,
  staleMillis,
}: SweepDependencies): Promise<number> => {
  const now = clock.now()
  const grants = await views.unsettledGrants({
    updatedBefore: addMillis(now, -staleMillis),
    now,
    limit: PAGE,
  })
  await jobs.enqueue(
    provisionJobs(
      grants.map(({ id }) => id),
      BACKGROUND,
    ),
  )
  return grants.length
}
