import type { Job, JobHandler, JsonObject, TraceOrigin } from '@portcullis/core'
import { type Job as BullJob, type IQueueBackend, WaitingError, Worker } from 'bullmq'
import type { JobsLog } from '../log.ts'
import { endsWithin } from '../within.ts'
import type { BullBackend } from './backend.ts'

/** How our jobs lie in BullMQ: the key is kept readable beside the id that is made of it. */
export interface StoredJob {
  readonly key?: string
  readonly data: JsonObject
  readonly origins?: readonly TraceOrigin[]
}

export interface RunnerOptions {
  readonly queue: string
  readonly concurrency: number
  readonly handler: JobHandler
  readonly lockMillis: number
  readonly stalledCheckMillis: number
  readonly maxAttempts: number
  /** Milliseconds to wait after the n-th failed attempt, from 1. */
  readonly backoff: (attempt: number) => number
  readonly log: JobsLog
  /** Trouble with the queue itself: connections, locks that were lost to a wipe. */
  readonly onTrouble: (error: Error) => void
}

/**
 * A job whose process dies is taken again as often as this; then it is dropped and logged, and the sweeper finds its
 * work.
 */
const MAX_STALLED = 20
/** After the signal, a handler has this long to end on its own before its job is given back over its head. */
const SETTLE_MILLIS = 500
/** Waiting for a server that doesn't answer any more ends after this. */
const FORCE_MILLIS = 3000

interface Running {
  readonly abort: AbortController
  readonly giveUp: () => void
}

export interface Runner {
  ready(): Promise<void>
  close(graceMillis: number): Promise<void>
}

/** Runs one queue's jobs in this process. */
export const startRunner = (backend: BullBackend, options: RunnerOptions): Runner => {
  const { queue, log } = options
  const running = new Set<Running>()

  const process = async (job: BullJob<StoredJob>, token: string | undefined): Promise<void> => {
    const abort = new AbortController()
    let giveUp: () => void = () => {}
    const givenUp = new Promise<never>((_, reject) => {
      giveUp = () => reject(new Error('given back'))
    })
    const entry: Running = { abort, giveUp }
    running.add(entry)
    const ours: Job = {
      queue,
      name: job.name,
      data: job.data.data,
      attempt: job.attemptsMade + 1,
      ...(job.data.origins === undefined ? {} : { origins: job.data.origins }),
    }
    try {
      await Promise.race([options.handler(ours, abort.signal), givenUp])
    } catch (error) {
      if (!abort.signal.aborted) throw error
      // Closing: the job goes back as if it had never been taken; the attempt doesn't count.
      await job.moveToWait(token)
      throw new WaitingError()
    } finally {
      running.delete(entry)
    }
  }

  const worker = new Worker<StoredJob, void, string, IQueueBackend, object, object>(
    queue,
    process,
    {
      connection: {},
      prefix: backend.prefixOf(queue),
      concurrency: options.concurrency,
      lockDuration: options.lockMillis,
      stalledInterval: options.stalledCheckMillis,
      maxStalledCount: MAX_STALLED,
      runRetryDelay: 1000,
      drainDelay: 5,
      settings: { backoffStrategy: options.backoff },
    },
    backend.factory,
  )
  worker.on('error', options.onTrouble)
  worker.on('failed', (job, error) => {
    const data = { queue, job: job?.name, key: job?.data.key, attempt: job?.attemptsMade }
    const lasting = job === undefined || job.attemptsMade >= options.maxAttempts
    if (lasting) log.error(data, `job given up: ${error.message}`)
    else log.warn(data, `job failed, will be tried again: ${error.message}`)
  })
  worker.on('stalled', (id) =>
    log.warn({ queue, id }, 'job of a process that is gone was taken back'),
  )

  const close = async (graceMillis: number): Promise<void> => {
    const closing = worker.close().catch(options.onTrouble)
    if (await endsWithin(closing, graceMillis)) return
    for (const { abort } of running) abort.abort()
    if (await endsWithin(closing, SETTLE_MILLIS)) return
    for (const { giveUp } of running) giveUp()
    if (await endsWithin(closing, FORCE_MILLIS)) return
    log.warn({ queue }, 'closed without an answer from the queue; its jobs will be taken back')
    await endsWithin(worker.disconnect().catch(options.onTrouble), FORCE_MILLIS)
  }
  return { ready: () => worker.waitUntilReady(), close }
}
