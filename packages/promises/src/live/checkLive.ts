import { addMillis, type Clock, type EventStore, type Instant } from '@portcullis/core'
import { accessPackageStream } from '@portcullis/domain'
import type { Live, PromiseResult } from '../evidence.ts'
import type { LogEvent } from '../logEvent.ts'
import { indexLog } from '../logIndex.ts'
import { groupOf, packageOf } from './groups.ts'
import { judgeGroup } from './judgeGroup.ts'
import { type BrokenPromise, liveResults, problemsOf } from './liveResults.ts'
import type { CheckState, Group, GroupVerdict, PromiseRecords } from './promiseRecords.ts'

/** Deadlines that wait in their view. */
export interface DueDeadlines {
  /** Those due until then, the oldest first, at most so many. */
  dueDeadlines(until: Instant, limit: number): Promise<readonly unknown[]>
}

/** The list of open problems. */
export interface BrokenPromises {
  /** Makes these all that there is of this kind. */
  replace(kind: 'broken-promise', found: readonly BrokenPromise[]): Promise<void>
}

export interface LiveCheckDependencies {
  readonly store: Pick<EventStore, 'head' | 'readAll' | 'readStreams'>
  readonly clock: Clock
  readonly views: DueDeadlines
  readonly promiseRecords: PromiseRecords
  readonly problemFindings: BrokenPromises
}

/** How far a check has come: events read of those that were to be read, then groups judged of those that are to be. */
export type OnCheckProgress = (phase: 'reading' | 'judging', done: number, total: number) => void

export interface LiveCheckReport {
  /** In the order of the promises. Those that the log alone can't tell (7, 8) looked at nothing. */
  readonly results: readonly PromiseResult[]
  /** Everything up to here was looked at. */
  readonly position: string
  /** Read by this run. */
  readonly events: number
  /** Subjects, and other streams, that were judged by this run. */
  readonly groups: number
  /** False when it was told to stop: the next run goes on from there. */
  readonly finished: boolean
}

const BATCH = 2_000
/** Subjects judged together: their streams, and those of their packages, are in memory at one time. */
const PAGE = 250
const MINUTE = 60_000
const HOUR = 60 * MINUTE
/**
 * A timer that others have overtaken by less isn't judged: those of one second have no order, and a view may be behind.
 */
const OVERTAKEN = 15 * MINUTE
/** An end that is younger may still be under way. */
const RELEASED = HOUR
/** What an assignment confers is to be held after so long, also in a roll-out to many. */
const CONFERRED = 24 * HOUR

/**
 * Checks the promises on a live log, from where the last check came to. First it reads what is new and notes in which
 * groups (a subject, or another stream) something happened; then it judges those groups, each from its streams, and
 * those whose time has come.
 * So memory holds one page of groups, however long the log is; what is known of a group stays in a table. The log may
 * grow meanwhile: nothing behind the end that it had at first is looked at.
 * What is under way isn't broken: what the list of open problems shows with its age is left to it, and what is young
 * may still come.
 * @param fromStart forgets what was checked before
 * @returns undefined when another check is at it
 */
export const checkLive = async (
  dependencies: LiveCheckDependencies,
  options: {
    readonly fromStart?: boolean
    readonly signal: AbortSignal
    readonly onProgress?: OnCheckProgress
  },
): Promise<LiveCheckReport | undefined> => {
  let report: LiveCheckReport | undefined
  const { promiseRecords: records } = dependencies
  await records.withLock(async () => {
    if (options.fromStart === true) await records.reset()
    const read = await readOn(dependencies, options)
    const judged = await judge(dependencies, read, options)
    const results = liveResults(await records.results())
    const finished = !options.signal.aborted
    if (finished) {
      const now = dependencies.clock.now()
      await records.ended(now)
      await dependencies.problemFindings.replace('broken-promise', problemsOf(results, now))
    }
    const { position, before } = read
    report = {
      results,
      position: position.position.toString(),
      events: position.events - before.events,
      groups: judged,
      finished,
    }
  })
  return report
}

interface Read {
  readonly before: CheckState
  readonly position: CheckState
}

const readOn = async (
  { store, clock, promiseRecords: records }: LiveCheckDependencies,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress?: OnCheckProgress },
): Promise<Read> => {
  const before = await records.state()
  const head = await store.head()
  let state: CheckState = { ...before, beganAt: clock.now() }
  while (state.position < head && !signal.aborted) {
    const batch = await store.readAll({ after: state.position, limit: BATCH })
    const events = (batch.events as readonly LogEvent[]).filter(({ position }) => position <= head)
    const streams = new Map<string, Set<string>>()
    for (const { stream } of events) {
      const key = groupOf(stream)
      const group = streams.get(key) ?? new Set<string>()
      streams.set(key, group.add(stream))
    }
    const isThere = batch.position >= head
    const position = isThere ? head : batch.position
    state = { ...events.reduce(noted, state), position, events: state.events + events.length }
    await records.read(streams, state)
    onProgress?.('reading', Number(position - before.position), Number(head - before.position))
    if (events.length === 0 && batch.caughtUp) break
  }
  return { before, position: state }
}

/** What an event tells of the engine's clockwork. */
const noted = (state: CheckState, { metadata, type, data }: LogEvent): CheckState => {
  if (metadata.actor.kind !== 'system') return state
  const dueAt =
    type === 'AssignmentEnded.v2' && data.reason === 'expired'
      ? data.endAt
      : type === 'ApprovalTimedOut.v1'
        ? data.decideBy
        : null
  return {
    ...state,
    engineAt: later(state.engineAt, metadata.at),
    firedUntil: dueAt === null ? state.firedUntil : later(state.firedUntil, dueAt),
  }
}

const later = (one: Instant | null, other: Instant): Instant =>
  one === null || other > one ? other : one

/** What may still be under way at the end of what was read. */
const liveAt = async (
  { clock, views }: LiveCheckDependencies,
  { engineAt, firedUntil }: CheckState,
): Promise<Live> => {
  const now = clock.now()
  // What happened after the engine's last doing waits for an engine that is down.
  const asOf = engineAt === null || engineAt > now ? now : engineAt
  // Timers that wait in their view are being caught up with, in their order; what isn't there fires no more.
  const waits = (await views.dueDeadlines(addMillis(now, -OVERTAKEN), 1)).length > 0
  const overtaken = [firedUntil, waits ? null : asOf].filter((each) => each !== null).sort()
  const firedBefore = overtaken.at(-1)
  return {
    firedBefore: firedBefore === undefined ? null : addMillis(firedBefore, -OVERTAKEN),
    releasedBefore: addMillis(asOf, -RELEASED),
    conferredBefore: addMillis(asOf, -CONFERRED),
  }
}

const judge = async (
  dependencies: LiveCheckDependencies,
  { position: state }: Read,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress?: OnCheckProgress },
): Promise<number> => {
  const { clock, promiseRecords: records } = dependencies
  if (signal.aborted) return 0
  const now = clock.now()
  const live = await liveAt(dependencies, state)
  const total = await records.countDue(now)
  let judged = 0
  for (let after = ''; !signal.aborted; ) {
    const groups = await records.due(now, after, PAGE)
    if (groups.length === 0) break
    await records.judged(await judgePage(dependencies, groups, state, live, now))
    after = groups.at(-1)?.key ?? ''
    judged += groups.length
    onProgress?.('judging', judged, Math.max(total, judged))
  }
  return judged
}

const judgePage = async (
  { store }: LiveCheckDependencies,
  groups: readonly Group[],
  { position: until }: CheckState,
  live: Live,
  now: Instant,
): Promise<readonly GroupVerdict[]> => {
  const read = async (streams: readonly string[]): Promise<readonly (readonly LogEvent[])[]> =>
    ((await store.readStreams(streams.map((stream) => ({ stream })))) as LogEvent[][]).map(
      (events) => events.filter(({ position }) => position <= until),
    )
  const histories = (await read(groups.flatMap(({ streams }) => streams))).values()
  const packageIds = new Set(
    groups.flatMap(({ streams }) => streams.flatMap((stream) => packageOf(stream) ?? [])),
  )
  const packageEvents = new Map(
    (await read([...packageIds].map(accessPackageStream))).map((events, index) => [
      [...packageIds][index] ?? '',
      events,
    ]),
  )
  const { packages } = indexLog([...packageEvents.values()].flat())
  return groups.map(({ key, streams }) => {
    const own = streams.flatMap(() => histories.next().value ?? []).sort(byPosition)
    const mine = new Set(streams.flatMap((stream) => packageOf(stream) ?? []))
    const events = [...mine].flatMap((id) => packageEvents.get(id) ?? [])
    return judgeGroup(key, own, { events, packages }, live, now)
  })
}

const byPosition = (one: LogEvent, other: LogEvent): number =>
  one.position < other.position ? -1 : 1
