import type { Clock } from '@portcullis/core'

/** The machine's clock: the only place where the time is read. */
export const systemClock: Clock = { now: () => new Date().toISOString() }
