import { setTimeout as delay } from 'node:timers/promises'
import { jsonEvent, NO_STREAM as NO_STREAM_THERE } from '@eventstore/db-client'
import { type ExpectedRevision, type NewEvent, NO_STREAM, type Position } from '@portcullis/core'
import { appendOnce } from '../eventstoredb/append.ts'
import type { EventStoreServer } from '../eventstoredb/server.ts'
import { LogOutOfOrder } from './storedLog.ts'

export interface OrderedAppend {
  /** As the server names it. */
  readonly stream: string
  readonly expected: ExpectedRevision
  readonly events: readonly NewEvent[]
}

const PATIENCE_MILLIS = 20_000

/**
 * Appends to several streams, so that the log has them in their order.
 * They go into one call of batch append, which a server takes up in the order in which they come (ADR 0049): that is
 * how the client sends what has no credentials of its own.
 * Whatever fails of them is sent again one by one, which writes nothing twice, and then their places are looked up.
 * @throws LogOutOfOrder when an append was taken before one that it follows; the client's error of an append that
 *   doesn't pass
 */
export const appendInOrder = async (
  server: EventStoreServer,
  appends: readonly OrderedAppend[],
): Promise<void> => {
  if (await sendTogether(server, appends)) return
  for (const { stream, expected, events } of appends)
    await appendOnce(server, stream, expected, events)
  const places: Position[] = []
  for (const { stream, expected, events } of appends)
    places.push(await placeOf(server, stream, lastRevisionOf(expected, events.length)))
  if (!isAscending(places)) throw new LogOutOfOrder(server.hosts)
}

/** @returns whether all of them were taken, each behind the one before it */
const sendTogether = async (
  server: EventStoreServer,
  [first, ...rest]: readonly OrderedAppend[],
): Promise<boolean> => {
  if (first === undefined) return true
  const send = async ({ stream, expected, events }: OrderedAppend): Promise<Position> => {
    const { position } = await server.client.appendToStream(
      stream,
      events.map(({ id, type, data, metadata }) =>
        // Plain JSON; the client wants its own type for it.
        jsonEvent({ id, type, data: data as Record<string, string>, metadata: { ...metadata } }),
      ),
      { expectedRevision: expected === NO_STREAM ? NO_STREAM_THERE : expected },
    )
    return position?.commit ?? -1n
  }
  // The first alone: the client hands out the call that it has open sooner than one that it must open.
  const begun = await settled([send(first)])
  if (begun === undefined) return false
  const gone = await settled(rest.map(send))
  return gone !== undefined && isAscending([...begun, ...gone])
}

/**
 * Waits for all of them.
 * @returns undefined when one failed, or none says a word for too long: such a call has no deadline
 */
const settled = async (
  sent: readonly Promise<Position>[],
): Promise<readonly Position[] | undefined> => {
  const waiting = new AbortController()
  const silence = delay(PATIENCE_MILLIS, undefined, { signal: waiting.signal }).catch(() => {})
  const outcomes = await Promise.race([Promise.allSettled(sent), silence])
  waiting.abort()
  if (outcomes === undefined) return undefined
  const positions: Position[] = []
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') return undefined
    positions.push(outcome.value)
  }
  return positions
}

const lastRevisionOf = (expected: ExpectedRevision, count: number): bigint =>
  (expected === NO_STREAM ? -1n : expected) + BigInt(count)

const placeOf = async (
  server: EventStoreServer,
  stream: string,
  revision: bigint,
): Promise<Position> => {
  const [found] = await server.collect(`read ${stream}`, (client) =>
    client.readStream(stream, { fromRevision: revision, maxCount: 1 }),
  )
  return found?.position?.commit ?? -1n
}

const isAscending = (positions: readonly Position[]): boolean =>
  positions.every((position, index) => position > (positions[index - 1] ?? -1n))
