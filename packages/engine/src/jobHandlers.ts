import type { Job, JobHandler } from '@portcullis/core'
import type { Mailer } from '@portcullis/notifications'
import type { z } from 'zod'
import { setAlarms } from './deadlines/alarms.ts'
import { type DeadlineDependencies, fireDue } from './deadlines/fireDue.ts'
import { fanOut } from './fanOut.ts'
import { jobSchemas, laterMailJob } from './queues.ts'
import { type BatchDependencies, provisionBatch, reconcileBatch } from './reconcile/batch.ts'
import { type SweepDependencies, sweep } from './sweep.ts'

export type HandlerDependencies = BatchDependencies &
  DeadlineDependencies &
  SweepDependencies & {
    readonly mailer: Mailer
  }

/** Job name to what it does. Each reads what is due when it runs, so that a job is only ever a hint. */
export const jobHandlers = (
  dependencies: HandlerDependencies,
): Readonly<Record<string, JobHandler>> => {
  const { clock, jobs, mailer, log } = dependencies
  return {
    reconcile: (job, signal) =>
      reconcileBatch(dependencies, read(jobSchemas.reconcile, job).entitlementIds, signal),
    provision: (job, signal) =>
      provisionBatch(dependencies, read(jobSchemas.provision, job).grantIds, signal),
    'fan-out': async (job, signal) => {
      const { packageId, position } = read(jobSchemas.fanOut, job)
      const queued = await fanOut(dependencies, packageId, position, signal)
      log[queued > 0 ? 'info' : 'debug'](
        { packageId, assignments: queued },
        'a change of roles goes out to the assignments',
      )
    },
    send: async (job, signal) => {
      const { later } = await mailer.send(read(jobSchemas.mail, job).mailIds, signal)
      await jobs.enqueue(later.map(({ id, dueAt }) => laterMailJob(id, dueAt)))
    },
    fire: async (_job, signal) => {
      await fireDue(dependencies, signal)
      // An alarm that rang a moment early, by clocks that differ, is set again.
      await setAlarms({ ...dependencies, clock, jobs }, EARLY_MILLIS)
    },
    sweep: async (_job, signal) => {
      const report = await sweep(dependencies, signal)
      const found = Object.values(report).some((count) => count > 0)
      log[found ? 'info' : 'debug'](report, 'swept')
    },
  }
}

/** Clocks of the queue's server and of ours may differ by so much. */
const EARLY_MILLIS = 5_000

/** What a job carries, checked: a queue is not to be trusted more than any other input. */
const read = <Schema extends z.ZodType>(schema: Schema, job: Job): z.infer<Schema> =>
  schema.parse(job.data)
