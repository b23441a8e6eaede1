import { setTimeout as delay } from 'node:timers/promises'
import type { Runtime } from '@portcullis/runtime'
import { NOTHING_OPEN, whatIsOpen } from './ends.ts'

/**
 * A run where nothing has moved for so long has lost something: longer than any lease, and than what is due within the
 * time that `ends.ts` waits for: a grant that was killed ten times is tried again after more than a minute.
 */
const STILL_MILLIS = 150_000
/**
 * One that moves for ever does too, however slow the machine: it may take so long for each request, and no less than
 * ten minutes.
 */
const MILLIS_PER_REQUEST = 600
const SETTLE_MILLIS = 600_000
const POLL_MILLIS = 250

export interface SettledOptions {
  readonly requests: number
  /** No need to wait any more. */
  readonly signal?: AbortSignal
}

/**
 * Waits until nothing is left to do, or the signal aborts.
 * @throws Error that says what is, when nothing moves any more, or it never ends
 */
export const settled = async (
  runtime: Runtime,
  { requests, signal }: SettledOptions,
): Promise<void> => {
  const wanted = JSON.stringify(NOTHING_OPEN)
  const patience = Math.max(SETTLE_MILLIS, requests * MILLIS_PER_REQUEST)
  const begun = Date.now()
  let open = ''
  let movedAt = begun
  while (Date.now() - movedAt < STILL_MILLIS && Date.now() - begun < patience) {
    if (signal?.aborted) return
    const now = JSON.stringify(await whatIsOpen(runtime))
    if (now === wanted) return
    if (now !== open) movedAt = Date.now()
    open = now
    await delay(POLL_MILLIS)
  }
  const still = `nothing has moved for ${Math.round((Date.now() - movedAt) / 1000)} s`
  throw new Error(`doesn't come to rest: ${still}; still open: ${open}`)
}
