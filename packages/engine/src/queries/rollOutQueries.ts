import { addMillis, type Instant, type RecordedEvent, toMillis } from '@portcullis/core'
import {
  type AccessPackageEvent,
  type AccessPackageState,
  accessPackageDecider,
  accessPackageStream,
  changesBetween,
  type RoleChange,
  versionsAlike,
} from '@portcullis/domain'
import type { RollOutCounts } from '@portcullis/views'
import type { Caller } from '../caller.ts'
import { maySee } from './access.ts'
import type { QueryDependencies } from './dependencies.ts'

export interface RollOut extends Omit<RollOutCounts, 'lastAt' | 'recent'> {
  readonly packageId: string
  /** Counts the changes of the package's roles. */
  readonly rolesVersion: number
  /** The version that the numbers are about: the one that is being rolled out, or has been; else the one that waits. */
  readonly toVersion: number
  /** What there is to see of it: `none` while the package has the roles that it was created with. */
  readonly state: 'none' | 'held' | 'queued' | 'running' | 'paused' | 'done'
  /** Since when it is so; null for `none`. */
  readonly since: Instant | null
  /** What `toVersion` changes for who had the package before. */
  readonly changes: readonly Omit<RoleChange, 'rolesVersion'>[]
  /** Changes behind it that wait, held back or to start; none when the numbers are about those. */
  readonly waiting: readonly Omit<RoleChange, 'rolesVersion'>[]
  /** When the newest of the changes was made; null where there was none. */
  readonly changedAt: Instant | null
  /** Assignments that got there a second, over the last minute; null when it doesn't run, or has just begun. */
  readonly perSecond: number | null
  /** At that pace; null when that can't be said. */
  readonly secondsLeft: number | null
  /** When the last active assignment had got there; null while some are left or fail. */
  readonly doneAt: Instant | null
}

export interface RollOutQueries {
  /** How far the newest change of a package's roles has got (S5, S6). */
  rollOut(caller: Caller, packageId: string): Promise<RollOut | undefined>
}

/** What is looked back on to tell the pace. */
const WINDOW_MILLIS = 60_000
/** The spans in which arrivals are counted. */
const SPAN_MILLIS = 10_000

type History = readonly RecordedEvent<AccessPackageEvent>[]

export const rollOutQueries = (dependencies: QueryDependencies): RollOutQueries => {
  const { store, views, clock } = dependencies
  return {
    rollOut: async (caller, packageId) => {
      const [allowed, events] = await Promise.all([
        maySee(dependencies, caller, 'getRollOut', { packageId }),
        store.readStream(accessPackageStream(packageId)),
      ])
      if (!allowed || events.length === 0) return undefined
      const history = events as History
      const now = clock.now()
      const state = history.reduce(accessPackageDecider.evolve, accessPackageDecider.initialState())
      const from = windowOf(history, now)
      const count = (version: number) =>
        views.rollOut({ packageId, version, alike: versionsAlike(state.rollOut) }, from)
      const started = await count(state.rollOut.startedVersion)
      const isRunning = state.rollOut.last === 'started' && started.left + started.failed > 0
      const isAboutWaiting = !isRunning && state.rollOut.waiting !== null
      const counts = isAboutWaiting ? await count(state.rolesVersion) : started
      return told({ packageId, state, history, now, from, counts, isRunning, isAboutWaiting })
    },
  }
}

const told = ({
  packageId,
  state,
  history,
  now,
  from,
  counts,
  isRunning,
  isAboutWaiting,
}: {
  readonly packageId: string
  readonly state: AccessPackageState
  readonly history: History
  readonly now: Instant
  readonly from: Instant
  readonly counts: RollOutCounts
  readonly isRunning: boolean
  readonly isAboutWaiting: boolean
}): RollOut => {
  const { rollOut, rolesVersion } = state
  const { startedVersion, fromVersion, waiting, last, paused } = rollOut
  const { lastAt, recent, ...numbers } = counts
  const changedAt = lastOf(history, 'ResourceRoleAdded.v1', 'ResourceRoleRemoved.v1')
  const isDone = numbers.left === 0 && numbers.failed === 0
  // With nobody there before the change there was nothing to do.
  const arrivedAt = lastAt !== null && lastAt > (changedAt ?? '') ? lastAt : changedAt
  const doneAt = isDone ? arrivedAt : null
  const going = isRunning ? 'running' : (waiting ?? (last === null ? 'none' : 'done'))
  const stateNow = paused ? 'paused' : going
  const pace = stateNow === 'running' ? paceOf(recent, from, now) : null
  return {
    packageId,
    rolesVersion,
    toVersion: isAboutWaiting ? rolesVersion : startedVersion,
    state: stateNow,
    since: sinceWhen(history, stateNow) ?? (stateNow === 'done' ? doneAt : null),
    changes: isAboutWaiting
      ? changesBetween(state, startedVersion, rolesVersion)
      : last === null
        ? []
        : changesBetween(state, fromVersion, startedVersion),
    waiting:
      isAboutWaiting || waiting === null ? [] : changesBetween(state, startedVersion, rolesVersion),
    changedAt,
    ...numbers,
    perSecond: pace,
    secondsLeft:
      pace === null || pace === 0 || numbers.left === 0 ? null : Math.ceil(numbers.left / pace),
    doneAt,
  }
}

const lastOf = (history: History, ...types: readonly AccessPackageEvent['type'][]) =>
  history.findLast(({ type }) => types.includes(type))?.metadata.at ?? null

const sinceWhen = (history: History, state: RollOut['state']): Instant | null => {
  switch (state) {
    case 'held':
      return lastOf(history, 'RollOutHeld.v1')
    case 'queued':
      return lastOf(history, 'RollOutQueued.v1')
    case 'running':
      return lastOf(history, 'RollOutStarted.v1', 'RollOutResumed.v1')
    case 'paused':
      return lastOf(history, 'RollOutPaused.v1')
    default:
      return null
  }
}

/** The last minute, from the beginning of a span on; or since the roll-out began or went on. */
const windowOf = (history: History, now: Instant): Instant => {
  const span = Math.floor((toMillis(now) - WINDOW_MILLIS) / SPAN_MILLIS) * SPAN_MILLIS
  const earliest = addMillis(now, span - toMillis(now))
  const begun = sinceWhen(history, 'running')
  return begun !== null && begun > earliest ? begun : earliest
}

const paceOf = (recent: number, from: Instant, now: Instant): number | null => {
  const seconds = (toMillis(now) - toMillis(from)) / 1000
  return seconds < 1 ? null : Math.round((recent / seconds) * 10) / 10
}
