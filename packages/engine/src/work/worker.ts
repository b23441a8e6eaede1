import { createBulkHandler, createCommandHandler, noTracing } from '@portcullis/core'
import { delay } from '@portcullis/postgres'
import { createStates } from '../facts/states.ts'
import { errorText, type Log } from '../log.ts'
import { createPeopleCare } from '../people/lookAfterPeople.ts'
import { driftScanJob, QUEUES, SCANS_DUE_JOB, SWEEP_JOB, SWEEP_NOW } from '../queues.ts'
import { createRolePackages } from '../reconcile/rolePackages.ts'
import { logImports } from './directoryImports.ts'
import { anyJob, jobHandlers } from './jobHandlers.ts'
import { findLogAhead } from './logAhead.ts'
import { createReactorSubscriptions } from './reactorSubscriptions.ts'
import { createSweep, type SweepReport } from './sweep.ts'
import type { WorkerDependencies } from './workerDependencies.ts'

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
  const { store, subscriptions, clock, jobs, log, projections, settings } = dependencies
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

  const reactorSubscriptions = createReactorSubscriptions(dependencies)

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
            ...reactorSubscriptions,
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
