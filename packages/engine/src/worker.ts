import {
  type Clock,
  createCommandHandler,
  type EventStore,
  type JobHandler,
  type Jobs,
  type RecordedEvent,
} from '@portcullis/core'
import type { Directory } from '@portcullis/directory'
import type { PortcullisEvent } from '@portcullis/domain'
import {
  type Mailer,
  type MailLookups,
  mailEventTypes,
  type Outbox,
} from '@portcullis/notifications'
import {
  delay,
  isTransientError,
  openCheckpoint,
  type Progress,
  readCheckpoints,
  runSubscription,
  type Sql,
} from '@portcullis/postgres'
import type { Connector } from '@portcullis/provisioning'
import type { Projections, Views } from '@portcullis/views'
import type pg from 'pg'
import { createStates } from './commands/facts.ts'
import { jobHandlers } from './jobHandlers.ts'
import { errorText, type Log } from './log.ts'
import { mailJobs, QUEUES, SWEEP_JOB, SWEEP_NOW } from './queues.ts'
import { ROUTED_TYPES, routeToJobs } from './reactors/jobRouter.ts'
import { addMails } from './reactors/mailReactor.ts'

export interface WorkerSettings {
  /** Seconds between two sweeps. */
  readonly sweepSeconds: number
  /** Alarms are set for what is due within so many milliseconds; more than the time between two sweeps. */
  readonly horizonMillis: number
  /** Milliseconds that something stands still before a sweep queues it again. */
  readonly staleMillis: number
  /** Milliseconds that one connector operation may hold its grant. */
  readonly leaseMillis: number
  /** Milliseconds after which a connector's call is given up; less than the lease. */
  readonly operationMillis: number
  /** Jobs of the provision queue side by side in this process. */
  readonly provisionConcurrency: number
  readonly mailConcurrency: number
}

export const DEFAULT_WORKER_SETTINGS: WorkerSettings = {
  sweepSeconds: 60,
  horizonMillis: 3_600_000,
  staleMillis: 60_000,
  leaseMillis: 60_000,
  operationMillis: 25_000,
  provisionConcurrency: 8,
  mailConcurrency: 4,
}

export interface WorkerDependencies {
  readonly store: EventStore
  readonly pool: pg.Pool
  readonly clock: Clock
  readonly newId: () => string
  readonly jobs: Jobs
  readonly directory: Directory
  readonly views: Views
  readonly projections: Projections
  readonly progress: Progress
  readonly connectors: ReadonlyMap<string, Connector>
  readonly outbox: Outbox
  readonly mailer: Mailer
  readonly mailLookups: MailLookups
  readonly log: Log
  readonly settings: WorkerSettings
}

/** Names of the reactors' checkpoints: they are never set back (promise 8). */
export const JOB_ROUTER = 'reactor:jobs'
export const MAIL_REACTOR = 'reactor:mail'

const BATCH = 500
const RESTART_MILLIS = 1_000

export interface Worker {
  /** Runs projections, reactors and job workers until the signal aborts and what is under way is done. A queue that can't be reached is tried again; the log and the views go on without it. */
  run(signal: AbortSignal): Promise<void>
  /** Puts the sweep's schedule into the queue; a queue that was wiped gets it back, and its first sweep at once. */
  schedule(): Promise<void>
  /** A sweep right now, as after a start: a schedule that is there already keeps its next time. */
  sweepNow(): Promise<void>
}

export const createWorker = (dependencies: WorkerDependencies): Worker => {
  const { store, pool, clock, jobs, progress, log, projections, settings } = dependencies
  const handle = createCommandHandler(dependencies)
  const now = () => clock.now()
  const common = { ...dependencies, ...settings, now, handle, states: createStates(store) }
  const handlers = jobHandlers(common)

  const reactor = (
    name: string,
    types: readonly string[],
    signal: AbortSignal,
    react: (events: readonly RecordedEvent<PortcullisEvent>[], tx: Sql) => Promise<void>,
    committed: () => Promise<void>,
  ): Promise<void> =>
    keepRunning(name, log, signal, () =>
      runSubscription({
        name,
        store,
        pool,
        clock,
        types,
        batchSize: BATCH,
        startAt: 'end',
        signal,
        // The codec only lets in what the schemas name.
        handle: (events, tx) => react(events as readonly RecordedEvent<PortcullisEvent>[], tx),
        progress: {
          ...progress,
          moved: (moved, position) => {
            // The next sweep queues what is in the outbox, should this fail.
            committed().catch((error: unknown) =>
              log.warn({ error: errorText(error) }, 'mails could not be queued'),
            )
            progress.moved(moved, position)
          },
        },
        isTransient: (error) => isTransientError(error) || isQueueError(error),
        onProblem: ({ kind, error, position }) =>
          log.error(
            { subscription: name, kind, position: position?.toString(), error: errorText(error) },
            kind === 'paused' ? 'a reactor stands still' : 'a reactor tries again',
          ),
      }),
    )

  const runJobRouter = (signal: AbortSignal): Promise<void> =>
    reactor(
      JOB_ROUTER,
      ROUTED_TYPES,
      signal,
      async (events) => jobs.enqueue(routeToJobs(events, clock.now(), settings.horizonMillis)),
      async () => {},
    )

  const runMailReactor = (signal: AbortSignal): Promise<void> => {
    const added: string[] = []
    return reactor(
      MAIL_REACTOR,
      mailEventTypes,
      signal,
      async (events, tx) => {
        added.push(
          ...(await addMails(
            { lookups: dependencies.mailLookups, outbox: dependencies.outbox },
            events,
            tx,
            clock.now(),
          )),
        )
      },
      async () => jobs.enqueue(mailJobs(added.splice(0))),
    )
  }

  return {
    run: async (signal) => {
      const workOn = (queue: string, concurrency: number): Promise<void> =>
        untilDone(`queue ${queue}`, log, signal, () => work(jobs, queue, concurrency, handlers))
      await Promise.all([
        workOn(QUEUES.provision, settings.provisionConcurrency),
        workOn(QUEUES.fanOut, 1),
        workOn(QUEUES.mail, settings.mailConcurrency),
        workOn(QUEUES.deadlines, 1),
        keepRunning('projections', log, signal, () => projections.run(signal)),
        runJobRouter(signal),
        runMailReactor(signal),
      ])
    },
    schedule: () => jobs.schedule(SWEEP_JOB, settings.sweepSeconds),
    sweepNow: () => jobs.enqueue([SWEEP_NOW]),
  }
}

const work = (
  jobs: Jobs,
  queue: string,
  concurrency: number,
  handlers: Readonly<Record<string, JobHandler>>,
): Promise<void> =>
  jobs.work({
    queue,
    concurrency,
    handler: async (job, signal) => {
      const handler = Object.hasOwn(handlers, job.name) ? handlers[job.name] : undefined
      if (handler === undefined) throw new Error(`queue ${queue} holds an unknown job ${job.name}`)
      await handler(job, signal)
    },
  })

/** A loop that ends with an error (another process took its checkpoint, the database went away) is started again until the signal aborts. */
const keepRunning = async (
  name: string,
  log: Log,
  signal: AbortSignal,
  run: () => Promise<void>,
): Promise<void> => {
  while (!signal.aborted) await untilDone(name, log, signal, run)
}

/** What fails is tried again until it doesn't, or the signal aborts. */
const untilDone = async (
  name: string,
  log: Log,
  signal: AbortSignal,
  run: () => Promise<void>,
): Promise<void> => {
  while (!signal.aborted) {
    try {
      return await run()
    } catch (error) {
      if (signal.aborted) return
      log.warn({ loop: name, error: errorText(error) }, 'failed and is started again')
      await delay(RESTART_MILLIS, signal)
    }
  }
}

const isQueueError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('jobs.')

/** Sets where the reactors begin, the first time that a database is opened: at the end of the log of then. Later calls change nothing. */
export const registerReactors = async ({
  store,
  pool,
  clock,
}: Pick<WorkerDependencies, 'store' | 'pool' | 'clock'>): Promise<void> => {
  const names = [JOB_ROUTER, MAIL_REACTOR]
  const known = await readCheckpoints(pool, names)
  for (const name of names)
    if (!known.has(name)) await openCheckpoint(pool, name, () => store.head(), clock)
}
