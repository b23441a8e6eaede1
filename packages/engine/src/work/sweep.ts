import { addMillis, formatPosition } from '@portcullis/core'
import type { Outbox } from '@portcullis/notifications'
import { setAlarms } from '../deadlines/alarms.ts'
import { fireDue } from '../deadlines/fireDue.ts'
import { mendOverdue, type OverdueDependencies } from '../overdue/mendOverdue.ts'
import { mailJobs, provisionJobs, QUEUES, ROLL_OUT, reconcileJobs, rollOutJob } from '../queues.ts'
import { ViewsLagging } from '../viewsLagging.ts'

export interface SweepDependencies extends OverdueDependencies {
  readonly outbox: Outbox
  /** Tells the log of imports that it hasn't been told of. */
  readonly logImports: () => Promise<number>
  /** What leavers have, and requests that nobody can decide on. */
  readonly lookAfterPeople: (signal: AbortSignal) => Promise<void>
  /**
   * What is stale is looked at again after so long: longer than an ordinary delivery takes, so that a sweep doesn't
   * double the work under way.
   */
  readonly staleMillis: number
  /** Alarms are set for what is due within so many milliseconds. */
  readonly horizonMillis: number
}

export interface SweepReport {
  readonly fired: number
  /** What the deadlines had missed, and the sweep has made up for. */
  readonly overdue: number
  readonly alarms: number
  readonly rollOuts: number
  readonly entitlements: number
  readonly grants: number
  readonly mails: number
}

const PAGE = 1000
/** With so many jobs waiting, the queue hasn't lost anything that a sweep should put back: it is just long. */
const BACKLOG = { [QUEUES.provision]: 2000, [QUEUES.rollOut]: 20 } as const
/** So many of the newest holds, and so many of the others, are looked at by one sweep. */
const HOLDS = 5000

/**
 * Finds everything due or unfinished in the views and queues it again: after a wiped queue, a lost job or downtime
 * nothing waits longer than one sweep (promises 1, 2, 5).
 * What only a look at every hold would find is looked for among the newest ones each time, and among all others bit by
 * bit, from one sweep to the next.
 */
export const createSweep = (
  dependencies: SweepDependencies,
): ((signal: AbortSignal) => Promise<SweepReport>) => {
  let lookedAt = ''
  const requeueAstray = async (): Promise<number> => {
    const { views, jobs } = dependencies
    const options = { ...stoodStill(dependencies), limit: HOLDS }
    const newest = await views.astrayEntitlements({ ...options, among: 'newest' })
    const others = await views.astrayEntitlements({ ...options, among: { after: lookedAt } })
    lookedAt = others.next ?? ''
    const ids = [...new Set([...newest.ids, ...others.ids])]
    await jobs.enqueue(reconcileJobs(ids, ROLL_OUT))
    return ids.length
  }
  return async (signal) => {
    // First: what was withheld from somebody who is back isn't overdue, but begins now.
    await dependencies.lookAfterPeople(signal)
    const { fired, overdue } = await seeToTime(dependencies, signal)
    await dependencies.logImports()
    const alarms = await setAlarms(dependencies, dependencies.horizonMillis)
    const mails = await requeueMails(dependencies)
    const rollOuts = await requeueRollOuts(dependencies)
    if ((await isBusy(dependencies)) || signal.aborted)
      return { fired, overdue, alarms, mails, rollOuts, entitlements: 0, grants: 0 }
    const entitlements = (await requeueEntitlements(dependencies, signal)) + (await requeueAstray())
    const grants = await requeueGrants(dependencies, signal)
    return { fired, overdue, alarms, mails, rollOuts, entitlements, grants }
  }
}

/**
 * What the deadlines show first, in their order; then what they don't show. A view that is behind, or stuck, holds up
 * only the rest of the sweep.
 */
const seeToTime = async (
  dependencies: SweepDependencies,
  signal: AbortSignal,
): Promise<{ readonly fired: number; readonly overdue: number }> => {
  try {
    const fired = await fireDue(dependencies, signal)
    return { fired, overdue: await mendOverdue(dependencies, false, signal) }
  } catch (error) {
    if (error instanceof ViewsLagging) await mendOverdue(dependencies, true, signal)
    throw error
  }
}

const stoodStill = ({ clock, staleMillis }: SweepDependencies) => {
  const now = clock.now()
  return { updatedBefore: addMillis(now, -staleMillis), now }
}

const isBusy = async ({ jobs }: SweepDependencies): Promise<boolean> => {
  for (const [queue, backlog] of Object.entries(BACKLOG))
    if ((await jobs.counts(queue)).waiting > backlog) return true
  return false
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

/** Changes of roles whose start was lost with its job. */
const requeueRollOuts = async (dependencies: SweepDependencies): Promise<number> => {
  const { store, views, jobs } = dependencies
  const ids = await views.overdueRollOuts({ ...stoodStill(dependencies), limit: PAGE })
  if (ids.length === 0) return 0
  const head = formatPosition(await store.head())
  await jobs.enqueue(ids.map((packageId) => rollOutJob(packageId, head)))
  return ids.length
}

const requeueEntitlements = (
  dependencies: SweepDependencies,
  signal: AbortSignal,
): Promise<number> => {
  const still = stoodStill(dependencies)
  return requeueAll(
    dependencies,
    signal,
    (after) => dependencies.views.unsettledEntitlements({ ...still, after, limit: PAGE }),
    reconcileJobs,
  )
}

const requeueGrants = (dependencies: SweepDependencies, signal: AbortSignal): Promise<number> => {
  const still = stoodStill(dependencies)
  return requeueAll(
    dependencies,
    signal,
    async (after) =>
      (await dependencies.views.unsettledGrants({ ...still, after, limit: PAGE })).map(
        ({ id }) => id,
      ),
    provisionJobs,
  )
}

/** All pages: those of a target that can't be called may be the first thousands, and others stand behind them. */
const requeueAll = async (
  { jobs }: SweepDependencies,
  signal: AbortSignal,
  read: (after: string | undefined) => Promise<readonly string[]>,
  jobsOf: typeof reconcileJobs,
): Promise<number> => {
  let found = 0
  for (let after: string | undefined; !signal.aborted; ) {
    const ids = await read(after)
    await jobs.enqueue(jobsOf(ids, ROLL_OUT))
    found += ids.length
    after = ids.at(-1)
    if (ids.length < PAGE) break
  }
  return found
}
