import {
  type Clock,
  codeOf,
  createBulkHandler,
  createCommandHandler,
  type EventStore,
  inBatchSpan,
  type Jobs,
  noTracing,
  type RecordedEvent,
  type Tracing,
} from '@portcullis/core'
import { DEFAULT_LIMITS, type Directory, type ImportLedger } from '@portcullis/directory'
import type { PortcullisEvent } from '@portcullis/domain'
import type { FinishedRuns } from '@portcullis/jobs'
import {
  type Mailer,
  type MailLookups,
  mailEventTypes,
  type Outbox,
} from '@portcullis/notifications'
import { delay, type FiringTurns, isTransientError, type Sql } from '@portcullis/postgres'
import type { PromiseRecords } from '@portcullis/promises'
import type { Connector, DriftPolicy, DriftRecords } from '@portcullis/provisioning'
import type { LeasedSubscription, Progress, Subscriptions } from '@portcullis/subscriptions'
import type { PeopleViews, ProblemFindings, Projections, Views } from '@portcullis/views'
import { createStates } from './commands/facts.ts'
import type { OnFired } from './deadlines/deadlineDependencies.ts'
import { logImports } from './directoryImports.ts'
import { anyJob, type HandlerDependencies, jobHandlers } from './jobHandlers.ts'
import { errorText, type Log } from './log.ts'
import { findLogAhead } from './logAhead.ts'
import type { LeaverSettings } from './people/lookAfterLeavers.ts'
import { createPeopleCare } from './people/lookAfterPeople.ts'
import { driftScanJob, newMailJobs, QUEUES, SCANS_DUE_JOB, SWEEP_JOB, SWEEP_NOW } from './queues.ts'
import { ROUTED_TYPES, routeToJobs } from './reactors/jobRouter.ts'
import { addMails, type TracedMail } from './reactors/mailReactor.ts'
import { JOB_ROUTER, MAIL_REACTOR } from './reactors/reactors.ts'
import { createRolePackages } from './reconcile/rolePackages.ts'
import { createSweep, type SweepReport } from './sweep.ts'

export interface WorkerSettings {
  /** Seconds between two sweeps. */
  readonly sweepSeconds: number
  /** Alarms are set for what is due within so many milliseconds; more than the time between two sweeps. */
  readonly horizonMillis: number
  /** Milliseconds after which something unfinished is stale, so that a sweep queues it again. */
  readonly staleMillis: number
  /** Milliseconds that one connector operation may hold its grant. */
  readonly leaseMillis: number
  /** Milliseconds after which a connector's call is given up; less than the lease. */
  readonly operationMillis: number
  /** Jobs of the provision queue side by side in this process. */
  readonly provisionConcurrency: number
  /** Jobs of the roll-out queue side by side in this process: they share its time with everything else. */
  readonly rollOutConcurrency: number
  readonly mailConcurrency: number
  /** Milliseconds from the end of one check of the promises to the next; null: only when somebody asks. */
  readonly promisesEveryMillis: number | null
  readonly leavers: LeaverSettings
}

export const DEFAULT_WORKER_SETTINGS: WorkerSettings = {
  sweepSeconds: 60,
  horizonMillis: 3_600_000,
  staleMillis: 60_000,
  leaseMillis: 60_000,
  operationMillis: 25_000,
  provisionConcurrency: 8,
  rollOutConcurrency: 2,
  mailConcurrency: 4,
  promisesEveryMillis: 86_400_000,
  leavers: { endAfterMillis: 86_400_000, limits: DEFAULT_LIMITS },
}

export interface WorkerDependencies {
  readonly store: EventStore
  readonly subscriptions: Subscriptions
  readonly turns: FiringTurns
  readonly runs: FinishedRuns
  readonly imports: ImportLedger
  readonly peopleViews: PeopleViews
  readonly clock: Clock
  readonly newId: () => string
  readonly jobs: Jobs
  readonly directory: Directory
  readonly views: Views
  readonly projections: Projections
  readonly progress: Progress
  readonly connectors: ReadonlyMap<string, Connector>
  /** By connector; one without a policy is scanned for drift only when somebody asks. */
  readonly driftPolicies: ReadonlyMap<string, DriftPolicy>
  readonly driftRecords: DriftRecords
  /** Where checks put what they find. */
  readonly problemFindings: ProblemFindings
  readonly promiseRecords: PromiseRecords
  readonly outbox: Outbox
  readonly mailer: Mailer
  readonly mailLookups: MailLookups
  readonly log: Log
  readonly settings: WorkerSettings
  readonly tracing?: Tracing
  /** Told of each deadline that fires in this process. */
  readonly onFired?: OnFired | undefined
  /** Told of the engine's commands that were said to be done already although the log didn't show it. */
  readonly onWithoutEffect?: HandlerDependencies['onWithoutEffect']
  /** Told of what a sweep found overdue. */
  readonly onOverdue?: HandlerDependencies['onOverdue']
}

const BATCH = 500
const RESTART_MILLIS = 1_000
/** How often it is looked whether somebody has asked for a scan. */
const ASKED_MILLIS = 2_000

export interface Worker {
  /**
   * Runs projections and reactors, its share of them where other workers run too, and job workers until the signal
   * aborts and what is under way is done. A queue that can't be reached is tried again; the log and the views go on
   * without it.
   */
  run(signal: AbortSignal): Promise<void>
  /**
   * Puts the sweep's schedule into the queue; a queue that was wiped gets it back, and its first sweep at once, as does
   * one whose next sweep a clock that was ahead has put off. Called again and again.
   */
  schedule(): Promise<void>
  /** A sweep right now, as after a start: a schedule that is there already keeps its next time. */
  sweepNow(): Promise<void>
  /** A sweep here and now, past the queue. */
  sweep(signal: AbortSignal): Promise<SweepReport>
}

export const createWorker = (dependencies: WorkerDependencies): Worker => {
  const { store, subscriptions, clock, jobs, progress, log, projections, settings } = dependencies
  const now = () => clock.now()
  const common = {
    ...dependencies,
    ...settings,
    now,
    handle: createCommandHandler(dependencies),
    handleMany: createBulkHandler(dependencies),
    states: createStates(store),
    logImports: () => logImports(dependencies),
    lookAfterPeople: createPeopleCare({
      ...dependencies,
      handleMany: createBulkHandler(dependencies),
      leavers: settings.leavers,
    }),
    rolePackages: createRolePackages(dependencies),
    tracing: dependencies.tracing ?? noTracing,
    onSwept: async () => {
      await dependencies.runs.finished('sweep', clock.now())
      await findLogAhead(dependencies, dependencies.problemFindings)
    },
  }
  const handler = anyJob(jobHandlers(common))

  const reactor = (
    name: string,
    types: readonly string[],
    react: (events: readonly RecordedEvent<PortcullisEvent>[], tx: Sql) => Promise<void>,
    committed: () => Promise<void>,
  ): LeasedSubscription => ({
    name,
    run: ({ epoch, signal }) =>
      subscriptions.run({
        name,
        epoch,
        store,
        clock,
        types,
        batchSize: BATCH,
        startAt: 'end',
        signal,
        handle: (events, tx) =>
          inBatchSpan(common.tracing, `react ${name}`, events, () =>
            // The codec only lets in what the schemas name.
            react(events as readonly RecordedEvent<PortcullisEvent>[], tx),
          ),
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
            kind === 'paused' ? 'a reactor is paused' : 'a reactor tries again',
          ),
      }),
  })

  const jobRouter = reactor(
    JOB_ROUTER,
    ROUTED_TYPES,
    async (events) => jobs.enqueue(routeToJobs(events, clock.now(), settings.horizonMillis)),
    async () => {},
  )

  /** In the outbox, and not in the queue yet. */
  const added: TracedMail[] = []
  const mailReactor = reactor(
    MAIL_REACTOR,
    mailEventTypes,
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
    async () => jobs.enqueue(newMailJobs(added.splice(0), clock.now())),
  )

  /** What the API queued shouldn't wait for a minute. */
  const queueAsked = async (signal: AbortSignal): Promise<void> => {
    await jobs.enqueue((await dependencies.driftRecords.unfinished()).map(driftScanJob))
    await delay(ASKED_MILLIS, signal)
  }

  return {
    run: async (signal) => {
      const workOn = (queue: string, concurrency: number): Promise<void> =>
        untilDone(`queue ${queue}`, log, signal, () => jobs.work({ queue, concurrency, handler }))
      await Promise.all([
        workOn(QUEUES.provision, settings.provisionConcurrency),
        workOn(QUEUES.rollOut, settings.rollOutConcurrency),
        workOn(QUEUES.fanOut, 1),
        workOn(QUEUES.mail, settings.mailConcurrency),
        workOn(QUEUES.deadlines, 1),
        workOn(QUEUES.drift, 1),
        keepRunning('asked scans', log, signal, () => queueAsked(signal)),
        subscriptions.runLeased({
          subscriptions: async () => [
            ...(await projections.subscriptions()),
            jobRouter,
            mailReactor,
          ],
          signal,
          onProblem: ({ name, error }) =>
            log.warn({ loop: name, error: errorText(error) }, 'failed and is started again'),
        }),
      ])
    },
    schedule: async () => {
      await jobs.schedule(SWEEP_JOB, settings.sweepSeconds)
      await jobs.schedule(SCANS_DUE_JOB, settings.sweepSeconds)
    },
    sweepNow: () => jobs.enqueue([SWEEP_NOW]),
    sweep: createSweep(common),
  }
}

/** A loop that ends with an error (the database went away) is started again until the signal aborts. */
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

const isQueueError = (error: unknown): boolean => codeOf(error)?.startsWith('jobs.') === true
