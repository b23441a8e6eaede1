import { createHash } from 'node:crypto'
import { canonicalJson } from './canonicalJson.ts'
import type { StoredEvent } from './storedLog.ts'

/** All that is kept of an event when it is moved, as one line of JSON; its position isn't, which is the store's own. */
export const canonicalLine = ({
  stream,
  revision,
  id,
  type,
  data,
  metadata,
  recordedAt,
}: StoredEvent): string =>
  canonicalJson([stream, revision.toString(), id, type, recordedAt, data, metadata])

/** Is it the same event? Without sorting keys where they have kept their order, as they mostly have. */
export const isSame = (one: StoredEvent, other: StoredEvent): boolean =>
  line(one) === line(other) || canonicalLine(one) === canonicalLine(other)

export interface LogDigest {
  /** How many events, and the SHA-256 of their canonical lines in order, each ended by a line feed; hexadecimal. */
  readonly events: number
  readonly digest: string
}

/** Reads a log to its end in bounded memory. @param onEvents told how many it has read so far */
export const digestOf = async (
  pages: AsyncIterable<readonly StoredEvent[]>,
  onEvents: (events: number) => void,
): Promise<LogDigest> => {
  const hash = createHash('sha256')
  let events = 0
  for await (const page of pages) {
    hash.update(page.map((event) => `${canonicalLine(event)}\n`).join(''))
    events += page.length
    onEvents(events)
  }
  return { events, digest: hash.digest('hex') }
}

const line = ({ stream, revision, id, type, data, metadata, recordedAt }: StoredEvent): string =>
  JSON.stringify([stream, revision.toString(), id, type, recordedAt, data, metadata])
