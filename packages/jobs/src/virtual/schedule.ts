import { addMillis, fromMillis, type Instant, toMillis } from '@portcullis/core'

/**
 * When a scheduled job runs after `dueAt`: one interval later, or, when that is past, at the next whole interval.
 * Missed ones aren't made up for.
 */
export const nextRunAt = (dueAt: Instant, everySeconds: number, now: Instant): Instant => {
  const next = addMillis(dueAt, everySeconds * 1000)
  if (next >= now) return next
  const interval = everySeconds * 1000
  return fromMillis((Math.floor(toMillis(now) / interval) + 1) * interval)
}
