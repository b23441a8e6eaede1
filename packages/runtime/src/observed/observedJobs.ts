import { inSpan, type Job, type Jobs, type NewJob, noTracing } from '@portcullis/core'
import { type Observation, timed } from './observation.ts'

/** Most origins that a job carries into the queue. */
const MOST_ORIGINS = 128

/** The queue, with the jobs that run here counted, each as a span that follows from what asked for it. */
export const observedJobs = (jobs: Jobs, { instruments, tracing }: Observation): Jobs => {
  const counted = ({ queue, name }: Job, run: () => Promise<void>): Promise<void> =>
    timed(instruments.jobs.startTimer({ queue, job: name }), run)
  const traced = (job: Job, run: () => Promise<void>): Promise<void> =>
    inSpan(
      tracing,
      {
        name: `process ${job.queue}`,
        kind: 'consumer',
        origins: job.origins ?? [],
        attributes: {
          'messaging.system': 'bullmq',
          'messaging.operation.type': 'process',
          'messaging.operation.name': job.name,
          'messaging.destination.name': job.queue,
          'portcullis.attempt': job.attempt,
        },
      },
      run,
    )
  const withOrigins = (job: NewJob): NewJob => {
    if (job.origins !== undefined) return { ...job, origins: job.origins.slice(0, MOST_ORIGINS) }
    const current = tracing.current()
    return current === undefined ? job : { ...job, origins: [current] }
  }
  return {
    ...jobs,
    enqueue: (added) => jobs.enqueue(tracing === noTracing ? added : added.map(withOrigins)),
    work: (options) =>
      jobs.work({
        ...options,
        handler: (job, signal) =>
          traced(job, () => counted(job, () => options.handler(job, signal))),
      }),
  }
}
