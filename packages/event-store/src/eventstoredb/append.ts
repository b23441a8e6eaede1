import {
  type AppendResult as AppendResultThere,
  jsonEvent,
  NO_STREAM as NO_STREAM_THERE,
} from '@eventstore/db-client'
import { type ExpectedRevision, type NewEvent, NO_STREAM } from '@portcullis/core'
import { EventStoreClosed } from '../errors.ts'
import { isPassing } from './failures.ts'
import { createRetries } from './retries.ts'
import type { EventStoreServer } from './server.ts'

/** How long one append is tried again before its caller is told. */
const PATIENCE_MILLIS = 20_000

/**
 * Appends, and after a failure that leaves open whether it was written sends the very same again: with an exact
 * revision and the same event ids a server writes it once.
 * @throws the client's error: a wrong expected version, or what doesn't pass in time
 */
export const appendOnce = async (
  { client, credentials, closed }: EventStoreServer,
  stream: string,
  expected: ExpectedRevision,
  events: readonly NewEvent[],
): Promise<AppendResultThere> => {
  const written = events.map(({ id, type, data, metadata }) =>
    // Plain JSON, which the codec has checked; the client wants its own type for it.
    jsonEvent({ id, type, data: data as Record<string, string>, metadata: { ...metadata } }),
  )
  const again = createRetries(closed)
  const giveUpAt = performance.now() + PATIENCE_MILLIS
  for (;;) {
    if (closed.aborted) throw new EventStoreClosed()
    try {
      return await client.appendToStream(stream, written, {
        expectedRevision: expected === NO_STREAM ? NO_STREAM_THERE : expected,
        credentials,
      })
    } catch (error) {
      if (!isPassing(error) || performance.now() > giveUpAt || !(await again.wait())) throw error
    }
  }
}
