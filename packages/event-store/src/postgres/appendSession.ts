import {
  type AppendResult,
  type ExpectedRevision,
  type NewEvent,
  NO_STREAM,
  RevisionConflict,
} from '@portcullis/core'
import type pg from 'pg'
import type { EncodedEvent } from '../codec.ts'

/** One caller's append, checked and encoded. */
export interface Append {
  readonly stream: string
  readonly expected: ExpectedRevision
  readonly events: readonly EncodedEvent[]
  /** The same events as the caller gave them. */
  readonly given: readonly NewEvent[]
}

export type AppendOutcome = AppendResult | RevisionConflict

/** Appends over one connection. */
export interface AppendSession {
  readonly client: pg.Client
  /**
   * Appends a group in one transaction; when it resolves, all that it says is on disk.
   * @param appends at most one a stream, at least one event each
   * @returns an outcome for each, in order; a conflict of one leaves the others alone
   */
  append(appends: readonly Append[]): Promise<readonly AppendOutcome[]>
}

/** How long single events take the way with the lock after another process was seen to append. */
const SHY_MS = 1_000

const toNumber = (expected: ExpectedRevision): bigint => (expected === NO_STREAM ? -1n : expected)
const toExpected = (revision: bigint): ExpectedRevision => (revision < 0n ? NO_STREAM : revision)

/**
 * A group goes through the function `append`. A single event goes the short way, one plain insert, as long as nobody
 * else seems to write: the log ends at `head`, a position that this session knows to be committed, so the event's place
 * is `head + 1`. If that place, or its place in the stream, is taken, nothing is inserted and the function decides. So
 * positions stay without gaps and nobody sees n+1 before n: n was committed first.
 * What a session knows dies with its connection: a server that comes back may have been restored from an older copy.
 */
export const createAppendSession = (client: pg.Client): AppendSession => {
  let head: bigint | undefined
  let shyUntil = 0

  const appendGroup = async (appends: readonly Append[]): Promise<readonly AppendOutcome[]> => {
    const { base, outcomes, end } = await callAppend(client, appends)
    if (head !== undefined && base > head) shyUntil = performance.now() + SHY_MS
    head = end
    return outcomes
  }
  return {
    client,
    append: async (appends) => {
      const [only] = appends
      const single = appends.length === 1 && only !== undefined && only.events.length === 1
      if (single && head !== undefined && performance.now() > shyUntil) {
        const position = head + 1n
        if (await insertAt(client, position, only)) {
          head = position
          return [{ revision: toNumber(only.expected) + 1n, position, repeated: false }]
        }
      }
      return appendGroup(appends)
    },
  }
}

const insertAt = async (
  client: pg.Client,
  position: bigint,
  { stream, expected, events }: Append,
): Promise<boolean> => {
  const [event] = events
  const { rowCount } = await client.query({
    name: 'portcullis-append-one',
    text: `insert into portcullis_events.events (position, stream, revision, id, type, data, metadata)
      select $1, $2, $3::bigint + 1, $4, $5, $6, $7
        where $3::bigint = -1
          or exists (select from portcullis_events.events where stream = $2 and revision = $3::bigint)
      on conflict do nothing`,
    values: [
      position,
      stream,
      toNumber(expected),
      event?.id,
      event?.type,
      event?.data,
      event?.metadata,
    ],
  })
  return rowCount === 1
}

type GroupRow = [base: string, actual: string[] | null, repeated: (string | null)[] | null]

interface GroupOutcome {
  /** Position of the log's last event before and after. */
  readonly base: bigint
  readonly end: bigint
  readonly outcomes: readonly AppendOutcome[]
}

/**
 * An array as PostgreSQL reads it. Within quotation marks its texts are escaped as JSON's strings are, as long as they
 * hold no control characters, and names, ids and JSON texts hold none: so one native call does it, in half the time of
 * the driver's own way.
 */
const arrayOf = (elements: readonly (string | number | bigint)[]): string =>
  typeof elements[0] === 'string'
    ? `{${JSON.stringify(elements).slice(1, -1)}}`
    : `{${elements.join()}}`

const callAppend = async (client: pg.Client, appends: readonly Append[]): Promise<GroupOutcome> => {
  const numbers: number[] = []
  const places: number[] = []
  const streams: string[] = []
  const revisions: bigint[] = []
  const events: EncodedEvent[] = []
  for (const [index, append] of appends.entries()) {
    let revision = toNumber(append.expected)
    for (const event of append.events) {
      revision += 1n
      numbers.push(index + 1)
      events.push(event)
      places.push(events.length)
      streams.push(append.stream)
      revisions.push(revision)
    }
  }
  const { rows } = await client.query<GroupRow, unknown[]>({
    name: 'portcullis-append',
    text: 'select * from portcullis_events.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)',
    values: [
      appends.map((append) => append.stream),
      appends.map((append) => toNumber(append.expected)),
      appends.map((append) => append.events.length),
      numbers,
      places,
      streams,
      revisions,
      events.map((event) => event.id),
      events.map((event) => event.type),
      events.map((event) => event.data),
      events.map((event) => event.metadata),
    ].map(arrayOf),
    rowMode: 'array',
  })
  const [row] = rows
  if (row === undefined) throw new Error('portcullis_events.append returned no row')
  return readOutcome(appends, row)
}

const readOutcome = (
  appends: readonly Append[],
  [first, actual, repeated]: GroupRow,
): GroupOutcome => {
  const base = BigInt(first)
  let end = base
  const outcomes = appends.map(({ stream, expected, events }, index): AppendOutcome => {
    const revision = toNumber(expected) + BigInt(events.length)
    const at = actual?.[index]
    if (at === undefined || BigInt(at) === toNumber(expected)) {
      end += BigInt(events.length)
      return { revision, position: end, repeated: false }
    }
    const earlier = repeated?.[index]
    return earlier === undefined || earlier === null
      ? new RevisionConflict(stream, expected, toExpected(BigInt(at)))
      : { revision, position: BigInt(earlier), repeated: true }
  })
  return { base, end, outcomes }
}
