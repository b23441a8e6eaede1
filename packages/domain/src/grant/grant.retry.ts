import { addMillis, deriveId, type Instant } from '@portcullis/core'

const FIRST_WAIT = 5_000
const LONGEST_WAIT = 3_600_000
const JITTER = 0.2

/** Between -1 and 1, the same for the same operation in every process: a decision must not depend on chance. */
const spread = (operationId: string): number =>
  (Number.parseInt(deriveId('retry-jitter', operationId).slice(0, 8), 16) / 0xffffffff) * 2 - 1

/** How long to wait after the attempt-th failure (from 1), milliseconds: 5 s, doubled each time up to 1 h, ± 20 % so that many don't come back at once. */
export const backoffMillis = (attempt: number, operationId: string): number => {
  const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(attempt - 1, 30))
  return Math.round(wait * (1 + JITTER * spread(operationId)))
}

/** When to try again: after the back-off, and not before the target asked us to (`retryAfterMillis`, null when it didn't). */
export const retryTime = (
  now: Instant,
  attempt: number,
  operationId: string,
  retryAfterMillis: number | null,
): Instant =>
  addMillis(now, Math.max(Math.round(retryAfterMillis ?? 0), backoffMillis(attempt, operationId)))
