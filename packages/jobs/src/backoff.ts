/** Attempts that a job gets; then it is dropped and logged, and whatever it was for is found again in the views. */
export const MAX_ATTEMPTS = 12
/** Before the second attempt; from then on it doubles. */
export const FIRST_BACKOFF_MILLIS = 500
const MAX_BACKOFF_MILLIS = 60_000

/** Milliseconds to wait after the n-th failed attempt (from 1): doubles from `first`, up to a minute. */
export const backoffMillis = (first: number, attempt: number): number =>
  Math.min(first * 2 ** (attempt - 1), MAX_BACKOFF_MILLIS)
