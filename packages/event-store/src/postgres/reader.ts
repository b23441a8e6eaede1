import {
  type EventBatch,
  type ReadAllOptions,
  type RecordedEvent,
  type Revision,
  START,
  type StreamAsk,
} from '@portcullis/core'
import { batchConcurrent, databaseFailure, NoConnection } from '@portcullis/postgres'
import type pg from 'pg'
import type { Codec } from '../codec.ts'
import { EventStoreUnavailable, PositionBeyondLog } from '../errors.ts'

type EventRow = [
  position: string,
  revision: string,
  stream: string,
  id: string,
  type: string,
  data: object,
  metadata: RecordedEvent['metadata'],
]
type PageRow =
  | [head: string, ...EventRow]
  | [head: string, null, null, null, null, null, null, null]

const COLUMNS = 'e.position, e.revision, e.stream, e.id, e.type, e.data, e.metadata'

/** Positions that one read with a filter looks at: bounds the time of a read whose types are rare. */
const WINDOW = 10_000n

const HEAD = 'select coalesce(max(position), 0) as head from portcullis_events.events'

const page = (events: string): string =>
  `select h.head, ${COLUMNS} from (${HEAD}) h left join lateral (${events}) e on true order by e.position`

const ALL = page(
  'select * from portcullis_events.events where position > $1 order by position limit $2',
)
const OF_TYPES = page(
  'select * from portcullis_events.events where position > $1 and position <= $3 and type = any($4) order by position limit $2',
)

const STREAM = `select ${COLUMNS} from portcullis_events.events e where stream = $1 and revision > $2 order by revision`
// The order inside keeps the planner from joining the streams with the whole log.
const STREAMS = `select w.place, ${COLUMNS} from unnest($1::text[], $2::bigint[]) with ordinality w (stream, after, place)
  cross join lateral (select * from portcullis_events.events
    where stream = w.stream and revision > w.after order by revision) e order by w.place, e.revision`

/** Most streams of one query. */
const MOST_STREAMS = 500
/** So few share a query with what other callers ask for at the same time. */
const FEW_STREAMS = 20

export interface Reader {
  readStream(stream: string, after?: Revision): Promise<readonly RecordedEvent[]>
  readStreams(asks: readonly StreamAsk[]): Promise<readonly (readonly RecordedEvent[])[]>
  readAll(options: ReadAllOptions): Promise<EventBatch>
  head(): Promise<bigint>
  newest(): Promise<RecordedEvent | undefined>
}

/** @throws EventStoreUnavailable from each read, when the connection fails twice */
export const createReader = (pool: pg.Pool, codec: Codec): Reader => {
  const toEvent = (row: EventRow): RecordedEvent => {
    const [position, revision, stream, id, type, data, metadata] = row
    const decoded = codec.decode(type, data)
    return {
      type: decoded.type,
      data: decoded.data,
      id,
      metadata,
      stream,
      revision: BigInt(revision),
      position: BigInt(position),
    }
  }

  const query = async <Row extends unknown[]>(
    name: string,
    text: string,
    values: unknown[],
  ): Promise<Row[]> => {
    const config = { name, text, values, rowMode: 'array' as const }
    try {
      return (await pool.query<Row>(config)).rows
    } catch (error) {
      if (databaseFailure(error) !== 'connection') throw error
      // Waited for long enough.
      if (error instanceof NoConnection) throw new EventStoreUnavailable('reading', error)
    }
    // A connection that broke while it was idle shows only now; reading twice does no harm.
    try {
      return (await pool.query<Row>(config)).rows
    } catch (error) {
      throw databaseFailure(error) === 'connection'
        ? new EventStoreUnavailable('reading', error)
        : error
    }
  }

  const readStreams = async (
    asks: readonly StreamAsk[],
  ): Promise<readonly (readonly EventRow[])[]> => {
    const [only] = asks
    if (asks.length === 1 && only !== undefined)
      return [
        await query<EventRow>('portcullis-read-stream', STREAM, [only.stream, only.after ?? -1n]),
      ]
    const found = asks.map((): EventRow[] => [])
    const rows = await query<[place: string, ...EventRow]>('portcullis-read-streams', STREAMS, [
      asks.map(({ stream }) => stream),
      asks.map(({ after = -1n }) => after),
    ])
    for (const [place, ...row] of rows) found[Number(place) - 1]?.push(row)
    return found
  }
  const rowsOf = batchConcurrent(readStreams)

  const reader: Reader = {
    readStream: async (stream, after = -1n) => (await rowsOf({ stream, after })).map(toEvent),
    readStreams: async (asks) => {
      if (asks.length <= FEW_STREAMS)
        return (await Promise.all(asks.map(rowsOf))).map((rows) => rows.map(toEvent))
      const found: (readonly RecordedEvent[])[] = []
      for (let index = 0; index < asks.length; index += MOST_STREAMS)
        for (const rows of await readStreams(asks.slice(index, index + MOST_STREAMS)))
          found.push(rows.map(toEvent))
      return found
    },
    readAll: async ({ after, limit, types }) => {
      const rows =
        types === undefined
          ? await query<PageRow>('portcullis-read-all', ALL, [after, limit])
          : await query<PageRow>('portcullis-read-types', OF_TYPES, [
              after,
              limit,
              after + WINDOW,
              codec.storedTypes(types),
            ])
      const head = BigInt(rows[0]?.[0] ?? 0)
      if (after > head) throw new PositionBeyondLog(after, head)
      const events: RecordedEvent[] = []
      for (const [, ...row] of rows) if (row[0] !== null) events.push(toEvent(row))
      const seen = types === undefined || after + WINDOW > head ? head : after + WINDOW
      const last = events.at(-1)
      const position = events.length === limit && last !== undefined ? last.position : seen
      return { events, position, caughtUp: position === head }
    },
    head: async () => {
      const [row] = await query<[string]>('portcullis-head', HEAD, [])
      return BigInt(row?.[0] ?? 0)
    },
    newest: async () => {
      const head = await reader.head()
      // Positions have no gaps.
      return head === START
        ? undefined
        : (await reader.readAll({ after: head - 1n, limit: 1 })).events[0]
    },
  }
  return reader
}
