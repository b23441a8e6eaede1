const FIRST = 60_000
/** The longest wait after a try, milliseconds. */
export const LONGEST_WAIT = 3_600_000

/**
 * How long a mail waits after its n-th try: a minute, then twice as long each time, up to an hour; for ever, because a server
 * that is down for a week must not cost a mail. Starts at what greylisting servers ask for (RFC 6647).
 * @param attempts tries so far, from 1
 * @returns milliseconds
 */
export const backOffMillis = (attempts: number): number =>
  Math.min(FIRST * 2 ** Math.min(Math.max(attempts - 1, 0), 20), LONGEST_WAIT)
