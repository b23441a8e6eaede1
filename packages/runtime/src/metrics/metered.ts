import { type EventStore, isRevisionConflict, type Jobs } from '@portcullis/core'
import type { Application } from '@portcullis/engine'
import type { Mailer } from '@portcullis/notifications'
import type { Instruments } from './instruments.ts'

/** The store, with its appends counted. What it does and throws is the same. */
export const meteredStore = (
  store: EventStore,
  { appends, appendedEvents, conflicts }: Instruments,
): EventStore => ({
  readStream: (stream, after) => store.readStream(stream, after),
  readStreams: (asks) => store.readStreams(asks),
  readAll: (options) => store.readAll(options),
  head: () => store.head(),
  newest: () => store.newest(),
  subscribe: (options) => store.subscribe(options),
  close: () => store.close(),
  append: async (stream, expected, events) => {
    const end = appends.startTimer()
    try {
      const result = await store.append(stream, expected, events)
      end({ outcome: 'done' })
      if (!result.repeated) appendedEvents.inc(events.length)
      return result
    } catch (error) {
      const conflict = isRevisionConflict(error)
      end({ outcome: conflict ? 'conflict' : 'failed' })
      if (conflict) conflicts.inc()
      throw error
    }
  },
  appendAll: async (all, options) => {
    const end = appends.startTimer()
    try {
      const results = await store.appendAll(all, options)
      const lost = results.filter(isRevisionConflict).length
      end({ outcome: results.length > 0 && lost === results.length ? 'conflict' : 'done' })
      if (lost > 0) conflicts.inc(lost)
      for (const [index, result] of results.entries())
        if (!isRevisionConflict(result) && !result.repeated)
          appendedEvents.inc(all[index]?.events.length ?? 0)
      return results
    } catch (error) {
      end({ outcome: 'failed' })
      throw error
    }
  },
})

/** The application, with its commands counted by kind and outcome. */
export const meteredApplication = (
  application: Application,
  { commands }: Instruments,
): Application => {
  const counted = async <Answer extends { readonly ok: boolean }>(
    command: string,
    run: () => Promise<Answer>,
  ): Promise<Answer> => {
    const end = commands.startTimer({ command })
    try {
      const answer = await run()
      end({ outcome: !answer.ok ? 'refused' : isRepeated(answer) ? 'repeated' : 'accepted' })
      return answer
    } catch (error) {
      end({ outcome: 'failed' })
      throw error
    }
  }
  return {
    ...application,
    execute: (command, envelope) =>
      counted(command.type, () => application.execute(command, envelope)),
    assignMany: (command, envelope) =>
      counted('AssignMany', () => application.assignMany(command, envelope)),
    receiveCallback: (report, connector, correlationId) =>
      counted('ReceiveCallback', () =>
        application.receiveCallback(report, connector, correlationId),
      ),
  }
}

/** Of many in one command, a number of them is. */
const isRepeated = (answer: object): boolean => 'repeated' in answer && answer.repeated === true

/** The queue, with the jobs that run here counted. */
export const meteredJobs = (jobs: Jobs, { jobs: ran }: Instruments): Jobs => ({
  enqueue: (added) => jobs.enqueue(added),
  schedule: (job, everySeconds) => jobs.schedule(job, everySeconds),
  counts: (queue) => jobs.counts(queue),
  close: (graceMs) => jobs.close(graceMs),
  work: ({ handler, ...options }) =>
    jobs.work({
      ...options,
      handler: async (job, signal) => {
        const end = ran.startTimer({ queue: job.queue, job: job.name })
        try {
          await handler(job, signal)
          end({ outcome: 'done' })
        } catch (error) {
          end({ outcome: 'failed' })
          throw error
        }
      },
    }),
})

/** The mailer, with what became of each try. */
export const meteredMailer = (mailer: Mailer, { mails }: Instruments): Mailer => ({
  send: async (ids, signal) => {
    const summary = await mailer.send(ids, signal)
    mails.inc({ outcome: 'accepted' }, summary.accepted)
    mails.inc({ outcome: 'refused' }, summary.refused)
    mails.inc({ outcome: 'withdrawn' }, summary.withdrawn)
    mails.inc({ outcome: 'later' }, summary.later.length)
    return summary
  },
})
