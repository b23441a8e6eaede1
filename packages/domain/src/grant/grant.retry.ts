import { addMillis, backOff, deriveId, type Instant } from '@portcullis/core'
import { LONGEST_RETRY } from './grant.waits.ts'

const JITTER = 0.2

/** From 0 to 1, the same for the same operation in every process: a decision must not depend on chance. */
const share = (operationId: string): number =>
  Number.parseInt(deriveId('retry-jitter', operationId).slice(0, 8), 16) / 0xffffffff

/**
 * How long to wait after the attempt-th failure (from 1), milliseconds: 5 s, doubled each time up to 50 min, ± 20 % so
 * that many don't come back at once.
 */
export const waitAfter = (attempt: number, operationId: string): number =>
  backOff({
    first: 5_000,
    // With the jitter on top, at most an hour.
    longest: 3_000_000,
    jitter: { less: JITTER, more: JITTER, chance: () => share(operationId) },
  })(attempt)

/**
 * When to try again: after the back-off, and not before the target asked us to (`retryAfterMillis`, null when it
 * didn't): up to a day for a grant, up to an hour for a revoke.
 * Many are asked for the same: up to a fifth is added, but never beyond those bounds.
 */
export const retryTime = (
  now: Instant,
  operation: 'grant' | 'revoke',
  attempt: number,
  operationId: string,
  retryAfterMillis: number | null,
): Instant => {
  const asked = Math.round(Math.max(0, retryAfterMillis ?? 0) * (1 + JITTER * share(operationId)))
  return addMillis(
    now,
    Math.max(Math.min(asked, LONGEST_RETRY[operation]), waitAfter(attempt, operationId)),
  )
}
