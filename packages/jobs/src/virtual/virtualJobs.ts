import {
  addMillis,
  backOff,
  type Clock,
  type Instant,
  type Jobs,
  messageOf,
  type NewJob,
  toMillis,
  type WorkOptions,
} from '@portcullis/core'
import { millisUntilDue } from '../dueTime.ts'
import { isTooFarAhead, wasTriedAhead } from '../farAhead.ts'
import type { JobsLog } from '../log.ts'
import { FIRST_WAIT_MILLIS, LONGEST_WAIT_MILLIS, MAX_ATTEMPTS } from '../retries.ts'
import { nextRunAt } from './schedule.ts'

const waitAfter = backOff({ first: FIRST_WAIT_MILLIS, longest: LONGEST_WAIT_MILLIS })

/** A clock that its owner moves. */
export interface VirtualClock extends Clock {
  set(instant: Instant): void
}

export interface VirtualJobs extends Jobs {
  /**
   * When the next job of a queue that is worked on may run, now or past when it is due; undefined when there is none.
   */
  nextDueAt(): Instant | undefined
  /**
   * Runs the first job that is due, to its end.
   * @returns false when none is due
   */
  runNext(): Promise<boolean>
  /**
   * Runs all that is due now, and what that adds.
   * @returns how many ran
   */
  runDue(): Promise<number>
  /**
   * Moves the clock from one due job to the next, up to and including `until`, and leaves it there.
   * @returns how many ran
   */
  drain(until: Instant): Promise<number>
  /** Forgets every job and schedule, as a wiped queue does. */
  wipe(): void
}

interface Entry {
  readonly job: NewJob
  /** Order of arrival. */
  readonly sequence: number
  /** Of a scheduled job; its next run is added when this one is taken. */
  readonly everySeconds: number | undefined
  dueAt: Instant
  attempt: number
  /** When it was last tried without success. */
  failedAt?: Instant
  active: boolean
}

/**
 * Jobs in memory under a virtual clock: nothing runs but when it is told to, one at a time. For the time-lapse and for
 * specs.
 * Of each queue the most urgent due job comes first, of equally urgent ones the one that is due longest.
 */
export const createVirtualJobs = (clock: VirtualClock, log?: JobsLog): VirtualJobs => {
  const entries = new Set<Entry>()
  const byKey = new Map<string, Entry>()
  const schedules = new Map<string, Entry>()
  const workers = new Map<string, WorkOptions>()
  const underWay = new Set<AbortController>()
  let arrivals = 0

  const add = (job: NewJob, everySeconds?: number): Entry => {
    arrivals += 1
    const dueAt = addMillis(clock.now(), millisUntilDue(job, clock))
    const entry: Entry = { job, sequence: arrivals, everySeconds, dueAt, attempt: 1, active: false }
    entries.add(entry)
    return entry
  }
  const remove = (entry: Entry): void => {
    entries.delete(entry)
    const id = idOf(entry.job)
    if (byKey.get(id) === entry) byKey.delete(id)
  }

  const firstDue = (): Entry | undefined => {
    const now = clock.now()
    const heads = new Map<string, Entry>()
    for (const entry of entries) {
      const { queue } = entry.job
      if (entry.active || entry.dueAt > now || !workers.has(queue)) continue
      const head = heads.get(queue)
      if (head === undefined || byUrgency(entry, head) < 0) heads.set(queue, entry)
    }
    return [...heads.values()].sort(byTime)[0]
  }

  const failed = (entry: Entry, error: unknown): void => {
    const { queue, name, key } = entry.job
    const message = messageOf(error)
    const data = { queue, job: name, key, attempt: entry.attempt }
    if (entry.attempt >= MAX_ATTEMPTS) {
      log?.error(data, `job given up: ${message}`)
      remove(entry)
      return
    }
    log?.warn(data, `job failed, will be tried again: ${message}`)
    entry.failedAt = clock.now()
    entry.dueAt = addMillis(entry.failedAt, waitAfter(entry.attempt))
    entry.attempt += 1
  }

  const run = async (entry: Entry, worker: WorkOptions): Promise<void> => {
    const { queue, name, data, origins } = entry.job
    const abort = new AbortController()
    const aborted = new Promise<void>((resolve) => {
      abort.signal.addEventListener('abort', () => resolve())
    })
    underWay.add(abort)
    entry.active = true
    if (entry.everySeconds !== undefined) {
      const runAt = nextRunAt(entry.dueAt, entry.everySeconds, clock.now())
      schedules.set(idOf(entry.job), add({ ...entry.job, runAt }, entry.everySeconds))
    }
    try {
      const taken = { queue, name, data, attempt: entry.attempt }
      const handled = worker.handler(
        origins === undefined ? taken : { ...taken, origins },
        abort.signal,
      )
      await Promise.race([handled, aborted])
      if (!abort.signal.aborted) remove(entry)
    } catch (error) {
      if (!abort.signal.aborted) failed(entry, error)
    } finally {
      underWay.delete(abort)
      entry.active = false
    }
  }

  const runNext = async (): Promise<boolean> => {
    const entry = firstDue()
    const worker = workers.get(entry?.job.queue ?? '')
    if (entry === undefined || worker === undefined) return false
    await run(entry, worker)
    return true
  }
  const runDue = async (): Promise<number> => {
    let ran = 0
    while (await runNext()) ran += 1
    return ran
  }
  const nextDueAt = (): Instant | undefined => {
    let next: Instant | undefined
    for (const { active, dueAt, job } of entries) {
      if (!active && workers.has(job.queue) && (next === undefined || dueAt < next)) next = dueAt
    }
    return next
  }

  return {
    enqueue: async (jobs) => {
      for (const job of jobs) {
        if (job.key === undefined) add(job)
        else if (!byKey.has(idOf(job))) byKey.set(idOf(job), add(job))
      }
    },
    work: async (options) => {
      workers.set(options.queue, options)
      const now = clock.now()
      for (const entry of entries)
        if (
          entry.job.queue === options.queue &&
          wasTriedAhead(toMillis(entry.failedAt ?? now), toMillis(now))
        )
          entry.dueAt = now
    },
    schedule: async (job, everySeconds) => {
      const before = schedules.get(idOf(job))
      if (before !== undefined) remove(before)
      const now = clock.now()
      const keeps =
        before?.everySeconds === everySeconds &&
        !isTooFarAhead(toMillis(before.dueAt), everySeconds, toMillis(now))
      const runAt = keeps ? before.dueAt : now
      schedules.set(idOf(job), add({ ...job, runAt }, everySeconds))
    },
    counts: async (queue) => {
      const now = clock.now()
      const mine = [...entries].filter((entry) => entry.job.queue === queue)
      const idle = mine.filter((entry) => !entry.active)
      return {
        waiting: idle.filter((entry) => entry.dueAt <= now).length,
        delayed: idle.filter((entry) => entry.dueAt > now).length,
        active: mine.length - idle.length,
        failed: 0,
      }
    },
    close: async () => {
      workers.clear()
      for (const abort of underWay) abort.abort()
    },
    nextDueAt,
    runNext,
    runDue,
    drain: async (until) => {
      let ran = await runDue()
      for (let next = nextDueAt(); next !== undefined && next <= until; next = nextDueAt()) {
        clock.set(next)
        ran += await runDue()
      }
      if (clock.now() < until) clock.set(until)
      return ran
    },
    wipe: () => {
      entries.clear()
      byKey.clear()
      schedules.clear()
    },
  }
}

const idOf = (job: NewJob): string => JSON.stringify([job.queue, job.key])
const byTime = (a: Entry, b: Entry): number =>
  a.dueAt === b.dueAt ? a.sequence - b.sequence : a.dueAt < b.dueAt ? -1 : 1
const byUrgency = (a: Entry, b: Entry): number =>
  (a.job.priority ?? 0) - (b.job.priority ?? 0) || byTime(a, b)
