import { backOff } from '@portcullis/core'

/** The longest wait after a try, milliseconds. */
export const LONGEST_WAIT = 3_600_000

/**
 * How long a mail waits after its n-th try (from 1), milliseconds: a minute, then twice as long each time, up to an
 * hour; for ever, because a server that is down for a week must not cost a mail. Starts at what greylisting servers ask
 * for (RFC 6647).
 */
export const waitAfter = backOff({ first: 60_000, longest: LONGEST_WAIT })
