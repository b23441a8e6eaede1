import {
  type AllStreamSubscription,
  END,
  type ReadPosition,
  type RecordedEvent,
  START,
  streamNameFilter,
} from '@eventstore/db-client'
import type { Position } from '@portcullis/core'
import type { Clients } from './clients.ts'

/** The server has nothing more for now: everything before it in the reader's answers is all there was. */
export const CAUGHT_UP = Symbol('caught up')
export type LogItem = RecordedEvent | typeof CAUGHT_UP

/** `$all` behind a position, only streams with one of the prefixes, for as long as it is open. */
export interface LogReader {
  /**
   * What has come, at least one and at most `most`; waits for it.
   * @throws the client's error when the subscription is dropped; undefined when the signal aborted
   */
  next(most: number, signal: AbortSignal): Promise<readonly LogItem[] | undefined>
  close(): Promise<void>
}

/** After so long without a word the server isn't there, whatever the connection says. */
const CONFIRM_MILLIS = 10_000

class Silent extends Error {
  readonly code = 14
  constructor() {
    super(`no subscription within ${CONFIRM_MILLIS / 1000} seconds`)
  }
}

/** Opens a catch-up subscription; nothing is thrown before the first `next`. */
export const openLogReader = (
  clients: Clients,
  prefixes: readonly string[],
  after: Position | 'end',
  buffered: number,
): LogReader => {
  const { client, giveBack } = clients.lend()
  const subscription = client.subscribeToAll(
    {
      // Exclusive, for subscriptions. Records of single appends have one position, commit and prepare alike.
      fromPosition: placeOf(after),
      filter: streamNameFilter({ prefixes: [...prefixes] }),
    },
    { highWaterMark: buffered },
  )
  let failure: unknown
  let wake = (): void => {}
  const fail = (error: unknown): void => {
    failure ??= error
    wake()
  }
  const timer = setTimeout(() => fail(new Silent()), CONFIRM_MILLIS)
  subscription
    .on('confirmation', () => clearTimeout(timer))
    // Emitted as the message arrives, ahead of events that are still buffered: queued behind them.
    .on('caughtUp', () => subscription.push(CAUGHT_UP))
    .on('error', fail)
    .on('end', () => fail(new Dropped()))
    .on('close', () => fail(new Dropped()))
    .on('readable', () => wake())

  return {
    next: async (most, signal) => {
      for (;;) {
        const items = take(subscription, most)
        if (items.length > 0) return items
        if (signal.aborted) return undefined
        if (failure !== undefined) throw failure
        await new Promise<void>((resolve) => {
          const done = (): void => {
            signal.removeEventListener('abort', done)
            resolve()
          }
          wake = done
          signal.addEventListener('abort', done, { once: true })
        })
      }
    },
    close: async () => {
      clearTimeout(timer)
      subscription.on('error', () => {})
      // A subscription that never came up rejects here as it did there.
      await subscription.unsubscribe().catch(() => {})
      subscription.destroy()
      giveBack()
    },
  }
}

const placeOf = (after: Position | 'end'): ReadPosition => {
  if (after === 'end') return END
  return after === 0n ? START : { commit: after, prepare: after }
}

class Dropped extends Error {
  readonly code = 14
  constructor() {
    super('the server ended the subscription')
  }
}

const take = (subscription: AllStreamSubscription, most: number): readonly LogItem[] => {
  const items: LogItem[] = []
  while (items.length < most) {
    const item: unknown = subscription.read()
    if (item === null) break
    if (item === CAUGHT_UP) items.push(CAUGHT_UP)
    else if (typeof item === 'object' && 'event' in item) {
      const { event } = item as { readonly event?: RecordedEvent }
      if (event !== undefined) items.push(event)
    }
  }
  return items
}
