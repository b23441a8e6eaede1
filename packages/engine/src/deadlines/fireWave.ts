import { deriveId } from '@portcullis/core'
import { deadlineCommand } from '@portcullis/domain'
import type { DeadlineView } from '@portcullis/views'
import { provisionJobs } from '../queues.ts'
import type { DeadlineDependencies } from './deadlineDependencies.ts'
import { hasEffect, sendTimers, type TimerDependencies, timerOf } from './sendTimers.ts'

/**
 * Fires deadlines of different streams, in a few round trips; in the log they lie in their order, those of one second
 * in any. Retries only queue their grants.
 * @returns how many fired for the first time
 */
export const fireWave = async (
  dependencies: TimerDependencies & Pick<DeadlineDependencies, 'jobs' | 'clock' | 'onFired'>,
  wave: readonly DeadlineView[],
): Promise<number> => {
  const { jobs, log, clock, onFired } = dependencies
  const grantIds: string[] = []
  const due: DeadlineView[] = []
  for (const deadline of wave) {
    const order = deadlineCommand(deadline.key)
    if (order === undefined) log.error({ key: deadline.key }, 'a deadline whose key says nothing')
    else if (order.kind === 'provision') grantIds.push(order.grantId)
    else due.push(deadline)
  }
  await jobs.enqueue(provisionJobs(grantIds))
  const timers = due.flatMap((deadline) => timerOf(deadline) ?? [])
  const outcomes = await sendTimers(dependencies, timers, ({ key }) => deriveId('deadline', key))
  const fired = due.filter((_, index) => hasEffect(outcomes[index]))
  const at = clock.now()
  for (const deadline of fired) onFired?.(deadline, at)
  return grantIds.length + fired.length
}
