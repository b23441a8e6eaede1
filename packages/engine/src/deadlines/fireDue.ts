import type {
  Clock,
  createBulkHandler,
  createCommandHandler,
  EventStore,
  Instant,
  Jobs,
} from '@portcullis/core'
import type { DeadlineView, Projections, Views } from '@portcullis/views'
import type { States } from '../commands/facts.ts'
import type { Log } from '../log.ts'
import { ViewsLagging } from '../viewsLagging.ts'
import { fireWave } from './fireWave.ts'
import { wavesOf } from './waves.ts'

export interface DeadlineDependencies {
  readonly handle: ReturnType<typeof createCommandHandler>
  readonly handleMany: ReturnType<typeof createBulkHandler>
  readonly store: EventStore
  readonly states: Pick<States, 'package'>
  readonly clock: Clock
  readonly views: Views
  readonly projections: Projections
  readonly jobs: Jobs
  readonly log: Log
  /** Told of each deadline that fires, for the first time, and when. */
  readonly onFired?: OnFired | undefined
}

export type OnFired = (deadline: Pick<DeadlineView, 'kind' | 'dueAt'>, at: Instant) => void

const PAGE = 500
/** How long the view may take to catch up with the log: what it shows by then isn't held up by what it doesn't show yet. */
const VIEW_TIMEOUT_MILLIS = 3_000
/** After so many pages a catch-up says how far it is. */
const TELL_AFTER_PAGES = 20

/**
 * Fires everything that is due now, in the order of the due times (promise 5). The deadlines view says what; the streams decide whether the state has moved on.
 * Each command's id comes from its deadline's key, so that firing twice does it once: told to stop, it stops between two waves, and the next one goes on from there.
 * @returns how many fired for the first time
 * @throws ViewsLagging when the view doesn't catch up with the log in time, after firing what it shows: the job is tried again
 */
export const fireDue = async (
  dependencies: DeadlineDependencies,
  signal: AbortSignal,
): Promise<number> => {
  const { views, projections, store, clock, log } = dependencies
  const head = await store.head()
  const upToDate = await projections.waitForView('deadlines', head, VIEW_TIMEOUT_MILLIS)
  const now = clock.now()
  let fired = 0
  for (let page = 1, full = true, after: Last | undefined; full && !signal.aborted; page += 1) {
    const due = await views.dueDeadlines(now, PAGE, after)
    for (const wave of wavesOf(due)) {
      if (signal.aborted) break
      fired += await fireWave(dependencies, wave)
    }
    after = due.at(-1)
    full = due.length === PAGE
    if (full && page % TELL_AFTER_PAGES === 0)
      log.info({ fired, dueAt: after?.dueAt, until: now }, 'catching up with what fell due')
  }
  if (!upToDate) throw new ViewsLagging(head)
  return fired
}

type Last = { readonly dueAt: string; readonly key: string }
