/** Attempts that a job gets; then it is dropped and logged, and whatever it was for is found again in the views. */
export const MAX_ATTEMPTS = 12
/** Before the second attempt; from then on it doubles. */
export const FIRST_WAIT_MILLIS = 500
export const LONGEST_WAIT_MILLIS = 60_000
