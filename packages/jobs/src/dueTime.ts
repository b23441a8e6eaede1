import { type Clock, type NewJob, toMillis } from '@portcullis/core'

/**
 * How long until a job may run, by the injected clock.
 * @returns milliseconds, 0 when it is due
 * @throws RangeError when `runAt` isn't an instant
 */
export const millisUntilDue = (job: NewJob, clock: Clock): number => {
  if (job.runAt === undefined) return 0
  const due = toMillis(job.runAt)
  if (Number.isNaN(due)) {
    throw new RangeError(`job ${job.name}: runAt ${job.runAt} is not an instant (ISO 8601, UTC)`)
  }
  return Math.max(0, due - toMillis(clock.now()))
}
