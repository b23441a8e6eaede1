import { addMillis, type Clock, type Jobs } from '@portcullis/core'
import type { Views } from '@portcullis/views'
import { alarmJob } from '../queues.ts'

/**
 * Sets an alarm for every instant at which something is due from now until `horizonMillis` later. Alarms that are set already stay as they are.
 * @returns how many instants
 */
export const setAlarms = async (
  { views, clock, jobs }: { readonly views: Views; readonly clock: Clock; readonly jobs: Jobs },
  horizonMillis: number,
): Promise<number> => {
  const now = clock.now()
  const times = await views.deadlineTimes(now, addMillis(now, horizonMillis))
  await jobs.enqueue(times.map(alarmJob))
  return times.length
}
