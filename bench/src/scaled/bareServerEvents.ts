import { EventStoreDBClient } from '@eventstore/db-client'
import type { BareEvent } from '../bareProjection.ts'

const BATCH = 5_000

/**
 * Pages of a server's whole log as its client reads it, only events of these types. The server holds nothing else but
 * its own.
 */
export async function* bareServerEvents(
  url: string,
  types: readonly string[],
): AsyncGenerator<readonly BareEvent[]> {
  const client = EventStoreDBClient.connectionString(url)
  const wanted: ReadonlySet<string> = new Set(types)
  let page: BareEvent[] = []
  try {
    for await (const { event } of client.readAll()) {
      if (event === undefined || !wanted.has(event.type)) continue
      page.push({
        position: String(event.position?.commit),
        stream: event.streamId,
        type: event.type,
        data: event.data as object,
        metadata: event.metadata as object,
      })
      if (page.length < BATCH) continue
      yield page
      page = []
    }
    if (page.length > 0) yield page
  } finally {
    await client.dispose()
  }
}
