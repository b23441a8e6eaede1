import { addMillis, type Clock, type Jobs } from '@portcullis/core'
import type { Views } from '@portcullis/views'
import { alarmJob } from '../queues.ts'

/**
 * Sets an alarm for every second in which something becomes due from now until `horizonMillis` later. Alarms that are
 * set already stay as they are.
 * @returns how many seconds: at most as many as the horizon has
 */
export const setAlarms = async (
  {
    views,
    clock,
    jobs,
  }: { readonly views: Pick<Views, 'alarmSeconds'>; readonly clock: Clock; readonly jobs: Jobs },
  horizonMillis: number,
): Promise<number> => {
  const now = clock.now()
  const seconds = await views.alarmSeconds(now, addMillis(now, horizonMillis))
  await jobs.enqueue(seconds.map(alarmJob))
  return seconds.length
}
