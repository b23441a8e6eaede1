import { createBulkHandler, type Job, type JobHandler } from '@portcullis/core'
import type { Mailer } from '@portcullis/notifications'
import type { z } from 'zod'
import type { DeadlineDependencies } from '../deadlines/deadlineDependencies.ts'
import { fireDue } from '../deadlines/fireDue.ts'
import type { DriftDependencies } from '../drift/driftDependencies.ts'
import { runScans } from '../drift/scanJob.ts'
import { queueScans } from '../drift/schedule.ts'
import { alarmAgain, jobSchemas, laneOf, laterMailJob, ROLL_OUT } from '../queues.ts'
import { afterReport } from '../reconcile/afterReport.ts'
import { createBackPressure } from '../reconcile/backPressure.ts'
import { type BatchDependencies, provisionBatch, reconcileBatch } from '../reconcile/batch.ts'
import { endWithPackage, fanOut, rollOut } from '../rollOut/fanOut.ts'
import { type CheckJobDependencies, queueCheck, runCheck } from './checkPromisesJob.ts'
import { createSweep, type SweepDependencies } from './sweep.ts'

export type HandlerDependencies = BatchDependencies &
  DeadlineDependencies &
  SweepDependencies &
  DriftDependencies &
  CheckJobDependencies & {
    readonly mailer: Mailer
    /** Told of each sweep that was done to its end. */
    readonly onSwept?: () => Promise<void>
  }

/** Job name to what it does. Each reads what is due when it runs, so that a job is only ever a hint. */
export const jobHandlers = (
  dependencies: HandlerDependencies,
): Readonly<Record<string, JobHandler>> => {
  const { clock, jobs, mailer, log, projections, store } = dependencies
  const backPressure = createBackPressure(projections)
  const counted = backPressure.counting(store)
  const forRollOuts = {
    ...dependencies,
    handleMany: createBulkHandler({ ...dependencies, store: counted }),
  }
  const sweep = createSweep(dependencies)
  return {
    reconcile: async (job, signal) => {
      const { entitlementIds } = read(jobSchemas.reconcile, job)
      const lane = laneOf(job.queue)
      if (lane !== ROLL_OUT) return reconcileBatch(dependencies, entitlementIds, signal, lane)
      await backPressure.giveWay()
      await reconcileBatch(forRollOuts, entitlementIds, signal, lane)
    },
    provision: (job, signal) =>
      provisionBatch(
        dependencies,
        read(jobSchemas.provision, job).grantIds,
        signal,
        laneOf(job.queue),
      ),
    'after-report': (job, signal) =>
      afterReport(dependencies, read(jobSchemas.provision, job).grantIds, signal),
    'roll-out': async (job, signal) => {
      const { packageId, position } = read(jobSchemas.fanOut, job)
      const queued = (await rollOut(dependencies, packageId, position, signal)) ?? 0
      log[queued > 0 ? 'info' : 'debug'](
        { packageId, assignments: queued },
        'a change of roles is rolled out to the assignments',
      )
    },
    'fan-out': async (job, signal) => {
      const { packageId, position } = read(jobSchemas.fanOut, job)
      const queued =
        (await rollOut(dependencies, packageId, position, signal)) ??
        (await fanOut(dependencies, packageId, position, signal))
      log[queued > 0 ? 'info' : 'debug'](
        { packageId, assignments: queued },
        'a change of roles continues to the assignments that it has not reached',
      )
    },
    'end-with-package': async (job, signal) => {
      const { packageId, position } = read(jobSchemas.fanOut, job)
      const queued = await endWithPackage(dependencies, packageId, position, signal)
      log[queued > 0 ? 'info' : 'debug'](
        { packageId, entitlements: queued },
        'a deleted package ends what came in meanwhile',
      )
    },
    send: async (job, signal) => {
      const { later } = await mailer.send(read(jobSchemas.mail, job).mailIds, signal)
      await jobs.enqueue(later.map(({ id, dueAt }) => laterMailJob(id, dueAt)))
    },
    fire: async (job, signal) => {
      const { second } = read(jobSchemas.fire, job)
      const now = clock.now()
      await fireDue(dependencies, signal)
      // It rang early: the queue's clock is ahead of ours, or ours was set back.
      if (second !== undefined && now < second) await jobs.enqueue([alarmAgain(second, now)])
    },
    'scans-due': async (_job, signal) => {
      const resources = await queueScans(dependencies, signal)
      log.debug({ resources }, 'scans for drift queued')
      await queueCheck(dependencies)
    },
    'check-promises': (_job, signal) => runCheck(dependencies, signal),
    scan: (job, signal) => runScans(dependencies, read(jobSchemas.drift, job).resourceId, signal),
    sweep: async (_job, signal) => {
      const report = await sweep(signal)
      if (!signal.aborted) await dependencies.onSwept?.()
      const found = Object.values(report).some((count) => count > 0)
      log[found ? 'info' : 'debug'](report, 'swept')
    },
  }
}

/** Does what the job's name says. */
export const anyJob =
  (handlers: Readonly<Record<string, JobHandler>>): JobHandler =>
  async (job, signal) => {
    const handler = Object.hasOwn(handlers, job.name) ? handlers[job.name] : undefined
    if (handler === undefined)
      throw new Error(`queue ${job.queue} holds an unknown job ${job.name}`)
    await handler(job, signal)
  }

/** What a job carries, checked: a queue is not to be trusted more than any other input. */
const read = <Schema extends z.ZodType>(schema: Schema, job: Job): z.infer<Schema> =>
  schema.parse(job.data)
