import type { IQueueBackend, Queue } from 'bullmq'
import { wasTriedAhead } from '../farAhead.ts'

/**
 * Jobs that are looked at from each end of those that wait for their time, but for one: what was put off by days is at
 * the far end.
 */
const NEAR = 199

/**
 * Runs jobs now that failed while the clock was ahead: their next try would wait until the clock gets there once more,
 * and their key would be taken all that time.
 * What was set for a time from the beginning stays: that time is meant.
 */
export const recallRetries = async (
  queue: Queue<unknown, void, string, unknown, void, string, IQueueBackend, object>,
): Promise<void> => {
  const now = Date.now()
  // Which end is the far one, the backends don't agree.
  const ends = [
    ...(await queue.getJobs('delayed', 0, NEAR, true)),
    ...(await queue.getJobs('delayed', 0, NEAR, false)),
  ]
  const found = new Map(
    ends.flatMap((job) =>
      // A job may have been taken between the two looks.
      job?.id !== undefined && job.attemptsMade > 0 && wasTriedAhead(job.processedOn ?? 0, now)
        ? [[job.id, job] as const]
        : [],
    ),
  )
  // Somebody else may be quicker.
  for (const job of found.values()) await job.promote().catch(() => {})
}
