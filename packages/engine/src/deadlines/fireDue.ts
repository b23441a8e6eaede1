import {
  type Clock,
  type createCommandHandler,
  deriveId,
  type EventStore,
  type Jobs,
} from '@portcullis/core'
import { deadlineCommand, entitlementDecider } from '@portcullis/domain'
import type { DeadlineView, Projections, Views } from '@portcullis/views'
import { ViewsLagging } from '../application.ts'
import type { Log } from '../log.ts'
import { provisionJobs } from '../queues.ts'
import { ENGINE_FACTS } from '../reconcile/reconcileEntitlement.ts'

export interface DeadlineDependencies {
  readonly handle: ReturnType<typeof createCommandHandler>
  readonly store: EventStore
  readonly clock: Clock
  readonly views: Views
  readonly projections: Projections
  readonly jobs: Jobs
  readonly log: Log
}

const TIMER = { kind: 'system', id: 'timer' } as const
const PAGE = 500
/** How long the view may take to catch up with the log before the rest is left to the next sweep. */
const VIEW_TIMEOUT_MILLIS = 30_000

/**
 * Fires everything that is due now, in the order of the due times (promise 5). The deadlines view says what; the stream decides whether the state has moved on.
 * The command's id comes from the deadline's key, so that firing twice does it once.
 * @returns how many fired for the first time
 * @throws ViewsLagging when the view doesn't catch up with the log in time, after firing what it shows: the job is tried again
 */
export const fireDue = async (
  dependencies: DeadlineDependencies,
  signal: AbortSignal,
): Promise<number> => {
  const { views, projections, store, clock } = dependencies
  const head = await store.head()
  const upToDate = await projections.waitForView('deadlines', head, VIEW_TIMEOUT_MILLIS)
  const now = clock.now()
  let fired = 0
  for (let after: DeadlineView | undefined; !signal.aborted; ) {
    const due: readonly DeadlineView[] = await views.dueDeadlines(now, PAGE, after)
    for (const deadline of due) {
      if (signal.aborted) break
      if (await fireOne(dependencies, deadline)) fired += 1
    }
    after = due.at(-1)
    if (due.length < PAGE) break
  }
  if (!upToDate) throw new ViewsLagging(head)
  return fired
}

const fireOne = async (
  { handle, jobs, log }: DeadlineDependencies,
  deadline: DeadlineView,
): Promise<boolean> => {
  const order = deadlineCommand(deadline.key)
  if (order === undefined) {
    log.error({ key: deadline.key }, 'a deadline whose key says nothing')
    return false
  }
  if (order.kind === 'provision') {
    await jobs.enqueue(provisionJobs([order.grantId]))
    return true
  }
  const outcome = await handle({
    stream: order.stream,
    decider: entitlementDecider,
    command: order.command,
    envelope: { commandId: deriveId('deadline', deadline.key), actor: TIMER },
    facts: () => ENGINE_FACTS,
  })
  return outcome.ok && !outcome.repeated && outcome.events.length > 0
}
