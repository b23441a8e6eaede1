import { performance } from 'node:perf_hooks'
import {
  backOff,
  type Clock,
  fromMillis,
  type Jitter,
  type Jobs,
  type NewJob,
  type QueueCounts,
} from '@portcullis/core'
import { type IQueueBackend, type JobsOptions, Queue } from 'bullmq'
import { millisUntilDue } from '../dueTime.ts'
import { isTooFarAhead } from '../farAhead.ts'
import { jobIdOf } from '../jobId.ts'
import { calmWarnings, type JobsLog } from '../log.ts'
import { FIRST_WAIT_MILLIS, LONGEST_WAIT_MILLIS, MAX_ATTEMPTS } from '../retries.ts'
import { endsWithin, JobsUnavailable, within } from '../within.ts'
import { inLockOrder } from './lockOrder.ts'
import { type JobsServer, openBackend } from './openBackend.ts'
import { recallRetries } from './recallRetries.ts'
import { type Runner, type StoredJob, startRunner } from './runner.ts'

export interface BullJobsOptions {
  readonly clock: Clock
  readonly log: JobsLog
  /** A job belongs to its worker for this long without a sign of life; default 10,000 ms. */
  readonly lockMillis?: number
  /**
   * How often jobs of vanished workers are looked for; default 5,000 ms. With `lockMillis`, the time to take over is at
   * most lock + twice this.
   */
  readonly stalledCheckMillis?: number
  /** Then the job is dropped and logged; default 12. */
  readonly maxAttempts?: number
  /** Before the second attempt; doubles each time up to a minute; default 500 ms. */
  readonly firstWaitMillis?: number
  /** Adding jobs to a server that doesn't answer fails after this; default 5,000 ms. */
  readonly answerMillis?: number
  /** How often jobs are looked for that a clock which was ahead has put off; default 60,000 ms, first at once. */
  readonly recallMillis?: number
}

interface BulkJob {
  readonly name: string
  readonly data: StoredJob
  readonly opts: JobsOptions
}

type BullQueue = Queue<StoredJob, void, string, StoredJob, void, string, IQueueBackend, object>

/** Jobs in one call to the server. */
const BULK = 1000
/** For all queues and their workers in one process. */
const CONNECTIONS = 20
/** BullMQ writes an event for each step of each job; nobody reads them here. */
const KEPT_EVENTS = 100

/**
 * Jobs on BullMQ. Connects when first used.
 * The history of a job isn't kept in the queue: one that ended, well or not, is removed, so that its key is free again.
 */
export const createBullJobs = (server: JobsServer, options: BullJobsOptions): Jobs => {
  const { clock, log } = options
  const answerMillis = options.answerMillis ?? 5000
  const maxAttempts = options.maxAttempts ?? MAX_ATTEMPTS
  const waitAfter = backOff({
    first: options.firstWaitMillis ?? FIRST_WAIT_MILLIS,
    longest: LONGEST_WAIT_MILLIS,
    jitter: JITTER,
  })
  const warn = calmWarnings(log, () => performance.now())
  const trouble = (where: object) => (error: Error) =>
    warn({ ...where, kind: server.kind }, `queue: ${error.message}`)
  const backend = openBackend(server, CONNECTIONS, trouble({}))
  const queues = new Map<string, BullQueue>()
  const runners: Runner[] = []
  const recalls = new Set<NodeJS.Timeout>()
  const asked = new Set<Promise<unknown>>()
  let closing: Promise<void> | undefined
  /** Nothing runs any more: later than `closing`, because jobs that finish may add others. */
  let closed = false

  const discard = (name: string, queue: BullQueue) => {
    queues.delete(name)
    queue.close().catch(trouble({ queue: name }))
  }

  const queueFor = async (name: string): Promise<BullQueue> => {
    await backend.prepare()
    let queue = queues.get(name)
    if (queue === undefined) {
      queue = new Queue(
        name,
        {
          connection: {},
          prefix: backend.prefixOf(name),
          streams: { events: { maxLen: KEPT_EVENTS } },
        },
        backend.factory,
      )
      queue.on('error', trouble({ queue: name }))
      queues.set(name, queue)
    }
    try {
      await queue.waitUntilReady()
    } catch (error) {
      // BullMQ never tries again to get ready: the next call starts with a new one.
      discard(name, queue)
      throw error
    }
    return queue
  }

  /** Runs against a queue, once more after a repair. */
  const ask = async <T>(
    name: string,
    what: string,
    work: (queue: BullQueue) => Promise<T>,
  ): Promise<T> => {
    if (closed) throw new JobsUnavailable(`${what}: the queue is closed`)
    const attempt = async () => work(await queueFor(name))
    const repaired = async (error: unknown) => {
      if (await backend.repair(error)) return attempt()
      throw error
    }
    const answer = within(attempt().catch(repaired), answerMillis, what)
    asked.add(answer)
    try {
      return await answer
    } finally {
      asked.delete(answer)
    }
  }

  const lasting: JobsOptions = {
    attempts: maxAttempts,
    backoff: { type: 'doubling' },
    removeOnComplete: true,
    removeOnFail: true,
    stackTraceLimit: 0,
  }
  const bullOptions = (job: NewJob): JobsOptions => ({
    ...lasting,
    delay: millisUntilDue(job, clock),
    ...(job.key === undefined ? {} : { jobId: jobIdOf(job.key) }),
    ...(job.priority === undefined ? {} : { priority: job.priority }),
  })

  const toBull = (job: NewJob): BulkJob => ({
    name: job.name,
    data: stored(job),
    opts: bullOptions(job),
  })

  return {
    enqueue: async (jobs) => {
      for (const [name, group] of Map.groupBy(jobs, (job) => job.queue)) {
        const bulk = inLockOrder(group.map(toBull))
        for (let from = 0; from < bulk.length; from += BULK) {
          const part = bulk.slice(from, from + BULK)
          await ask(name, `adding jobs to ${name}`, (queue) => addTo(queue, part))
        }
      }
    },

    work: async ({ queue, concurrency, handler }) => {
      // A worker made for a server that isn't there would try to reach it for ever.
      const what = `working on ${queue}`
      await ask(queue, what, async () => {})
      // Closed while the queue was made ready: nobody would ever stop this runner.
      if (closing !== undefined) throw new JobsUnavailable(`${what}: the queue is closed`)
      const runner = startRunner(backend, {
        queue,
        concurrency,
        handler,
        lockMillis: options.lockMillis ?? 10_000,
        stalledCheckMillis: options.stalledCheckMillis ?? 5000,
        maxAttempts,
        backoff: waitAfter,
        log,
        onTrouble: trouble({ queue }),
      })
      runners.push(runner)
      try {
        await within(runner.ready(), answerMillis, what)
      } catch (error) {
        // The one who tries again shall not get two.
        runners.splice(runners.indexOf(runner), 1)
        await runner.close(0)
        throw error
      }
      const recall = (): void => {
        ask(queue, `looking for jobs put off in ${queue}`, recallRetries).catch(trouble({ queue }))
      }
      recall()
      recalls.add(setInterval(recall, options.recallMillis ?? 60_000).unref())
    },

    schedule: async (job, everySeconds) => {
      const { jobId: _, delay: __, ...template } = bullOptions(job)
      const id = jobIdOf(job.key)
      await ask(job.queue, `scheduling ${job.key}`, async (queue) => {
        const next = (await queue.getJobScheduler(id))?.next
        // BullMQ counts by the machine's clock, and leaves a schedule where it is. Without one, it begins anew: at
        // once.
        if (typeof next === 'number' && isTooFarAhead(next, everySeconds, Date.now())) {
          log.warn(
            { queue: job.queue, key: job.key, next: fromMillis(next) },
            'a schedule lay further ahead than its period, as after a clock that was ahead: it begins anew',
          )
          await queue.removeJobScheduler(id)
        }
        await queue.upsertJobScheduler(
          id,
          { every: everySeconds * 1000 },
          { name: job.name, data: stored(job), opts: template },
        )
      })
    },

    counts: (name) => ask(name, `counting ${name}`, countsOf),

    close: (graceMillis = 5000) => {
      closing ??= (async () => {
        for (const timer of recalls) clearInterval(timer)
        // Closed under it, what is being asked would never be answered.
        await Promise.allSettled(asked)
        await Promise.all(runners.map((runner) => runner.close(graceMillis)))
        closed = true
        await Promise.allSettled(asked)
        const ends = [...queues].map(([queue, bull]) => bull.close().catch(trouble({ queue })))
        await endsWithin(Promise.all(ends), answerMillis)
        await endsWithin(backend.close().catch(trouble({})), answerMillis)
      })()
      return closing
    },
  }
}

const stored = (job: NewJob): StoredJob => ({
  ...(job.key === undefined ? {} : { key: job.key }),
  data: job.data,
  ...(job.origins === undefined ? {} : { origins: job.origins }),
})

/** Up to a fifth less by chance, so that what failed together isn't tried together. */
const JITTER: Jitter = { less: 0.2, more: 0, chance: () => Math.random() }

/** A single job has a quicker way in. */
const addTo = async (queue: BullQueue, jobs: readonly BulkJob[]): Promise<void> => {
  const [only] = jobs
  if (only !== undefined && jobs.length === 1) await queue.add(only.name, only.data, only.opts)
  else await queue.addBulk([...jobs])
}

const countsOf = async (queue: BullQueue): Promise<QueueCounts> => {
  const counts = await queue.getJobCounts('waiting', 'prioritized', 'delayed', 'active', 'failed')
  return {
    waiting: (counts.waiting ?? 0) + (counts.prioritized ?? 0),
    delayed: counts.delayed ?? 0,
    active: counts.active ?? 0,
    failed: counts.failed ?? 0,
  }
}
