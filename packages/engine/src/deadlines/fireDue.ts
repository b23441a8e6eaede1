import type { Position } from '@portcullis/core'
import type { DeadlineView } from '@portcullis/views'
import { ViewsLagging } from '../viewsLagging.ts'
import type { DeadlineDependencies } from './deadlineDependencies.ts'
import { fireWave } from './fireWave.ts'
import { wavesOf } from './waves.ts'

const PAGE = 500
/** Deadlines that are decided and appended together. */
const WAVE = 100
/**
 * How long the view may take to catch up with the log: what it shows by then isn't held up by what it doesn't show yet.
 */
const VIEW_TIMEOUT_MILLIS = 3_000
/** After so long a turn is left to the one who waits for it. */
const TURN_MILLIS = 2_000
/** After so many turns a catch-up says how far it is. */
const TELL_AFTER_TURNS = 20

/**
 * S28: fires everything that is due now, in the order of the due times, those of one second in any (promise 5). The
 * deadlines view says what; the streams decide whether the state has moved on.
 * Each command's id comes from its deadline's key, so that firing twice does it once: told to stop, it stops between
 * two waves, and the next one goes on from there.
 * One process at a time does it, so that no two are in each other's way; the next one finds what is left.
 * @returns how many fired for the first time
 * @throws ViewsLagging when the view doesn't catch up with the log in time, after firing what it shows: the job is
 *   tried again
 */
export const fireDue = async (
  dependencies: DeadlineDependencies,
  signal: AbortSignal,
): Promise<number> => {
  const { turns, log } = dependencies
  let fired = 0
  let turn: TurnReport | undefined
  for (let number = 1; turn?.last !== true && !signal.aborted; number += 1) {
    const after: Last | undefined = turn?.after
    turn = await turns.take(signal, () => fireTurn(dependencies, after, signal))
    fired += turn.fired
    if (!turn.last && number % TELL_AFTER_TURNS === 0)
      log.info({ fired, dueAt: turn.after?.dueAt }, 'catching up with what fell due')
  }
  if (turn?.behind !== undefined) throw new ViewsLagging(turn.behind)
  return fired
}

type Last = Pick<DeadlineView, 'dueAt' | 'kind' | 'key'>

interface TurnReport {
  readonly fired: number
  /** Of the last deadline that was looked at. */
  readonly after: Last | undefined
  /** Whether nothing more is due. */
  readonly last: boolean
  /** What the view didn't reach in time. */
  readonly behind: Position | undefined
}

const fireTurn = async (
  dependencies: DeadlineDependencies,
  begin: Last | undefined,
  signal: AbortSignal,
): Promise<TurnReport> => {
  const { views, projections, store, clock } = dependencies
  const head = await store.head()
  const upToDate = await projections.waitForView('deadlines', head, VIEW_TIMEOUT_MILLIS)
  const behind = upToDate ? undefined : head
  const due = await views.dueDeadlines(clock.now(), PAGE, begin)
  const begun = performance.now()
  let fired = 0
  let seen = 0
  for (const wave of wavesOf(due, WAVE)) {
    if (signal.aborted) break
    fired += await fireWave(dependencies, wave)
    seen += wave.length
    if (performance.now() - begun > TURN_MILLIS) break
  }
  return { fired, after: due[seen - 1] ?? begin, last: seen === due.length && seen < PAGE, behind }
}
