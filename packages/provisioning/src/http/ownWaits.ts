import { type Clock, toMillis } from '@portcullis/core'

/** What a connector does for an operation at this moment, and how long it did nothing but wait on its own. */
interface Waits {
  waiting: number
  exchanging: number
  /** Of the last change of one of these, milliseconds. */
  since: number
  alone: number
}

/** Each operation comes with a signal of its own, by which it is given up. */
const operations = new WeakMap<AbortSignal, Waits>()

/** Time that passed since the last look is our own where somebody waited for a turn and nobody for the target. */
const lookAt = (signal: AbortSignal, clock: Clock): Waits => {
  const now = toMillis(clock.now())
  const waits = operations.get(signal) ?? { waiting: 0, exchanging: 0, since: now, alone: 0 }
  operations.set(signal, waits)
  if (waits.waiting > 0 && waits.exchanging === 0) waits.alone += Math.max(0, now - waits.since)
  waits.since = now
  return waits
}

/** Runs what waits for its turn (`waiting`) or for the target (`exchanging`), and keeps account of it. */
export const during = async <Answer>(
  what: 'waiting' | 'exchanging',
  signal: AbortSignal,
  clock: Clock,
  run: () => Promise<Answer>,
): Promise<Answer> => {
  lookAt(signal, clock)[what] += 1
  try {
    return await run()
  } finally {
    lookAt(signal, clock)[what] -= 1
  }
}

/**
 * How long the operation's connector has done nothing but wait for a turn of its own making, milliseconds: that says
 * nothing of how fast the target answers.
 */
export const ownWaitMillis = (signal: AbortSignal, clock: Clock): number =>
  operations.has(signal) ? lookAt(signal, clock).alone : 0
