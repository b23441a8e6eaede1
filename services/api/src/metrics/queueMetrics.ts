import { Gauge } from 'prom-client'
import { type MetricFamily, secondsBetween } from './family.ts'

/** What waits: jobs, mails, and deadlines that should have fired. */
export const queueMetrics: MetricFamily = ({ at, queues, mails, views }, registry) => {
  const registers = [registry]
  const jobs = new Gauge({
    name: 'portcullis_queue_jobs',
    help: 'Jobs of a queue: waiting, delayed (for their time), or active.',
    labelNames: ['queue', 'state'] as const,
    registers,
  })
  const oldest = new Gauge({
    name: 'portcullis_queue_oldest_job_seconds',
    help: 'For how long the oldest job that waits could have been run.',
    labelNames: ['queue'] as const,
    registers,
  })
  for (const [queue, state] of queues ?? []) {
    for (const name of ['waiting', 'delayed', 'active'] as const)
      jobs.set({ queue, state: name }, state[name])
    oldest.set({ queue }, secondsBetween(state.oldestReadyAt, at))
  }
  const gauge = (name: string, help: string) => {
    const made = new Gauge({ name, help, registers })
    // Without a label a gauge begins with 0, which would be an answer.
    made.remove()
    return made
  }
  const unsent = gauge('portcullis_mails_unsent', 'Mails that wait to be sent, or sent again.')
  const age = gauge(
    'portcullis_mail_oldest_unsent_seconds',
    'Since what the oldest of them tells of.',
  )
  if (mails !== undefined) {
    unsent.set(mails.count)
    age.set(secondsBetween(mails.oldestAt, at))
  }
  const overdue = gauge(
    'portcullis_deadline_oldest_due_seconds',
    'For how long the earliest deadline that has not fired is due; 0 when none is.',
  )
  if (views !== undefined) overdue.set(secondsBetween(views.oldestDueAt, at))
}
