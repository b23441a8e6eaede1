import {
  type AppendResult,
  type ExpectedRevision,
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
}

export type AppendOutcome = AppendResult | RevisionConflict

const toNumber = (expected: ExpectedRevision): bigint => (expected === NO_STREAM ? -1n : expected)
const toExpected = (revision: bigint): ExpectedRevision => (revision < 0n ? NO_STREAM : revision)

/**
 * Appends a group in one round trip and one transaction; when it resolves, all that it says is on disk.
 * @param appends at most one a stream, at least one event each
 * @returns an outcome for each, in order; a conflict of one leaves the others alone
 */
export const callAppend = async (
  client: pg.Client,
  appends: readonly Append[],
): Promise<readonly AppendOutcome[]> => {
  const [first] = appends
  if (appends.length === 1 && first !== undefined && first.events.length === 1) {
    const position = await callAppendOne(client, first)
    if (position !== undefined)
      return [{ revision: toNumber(first.expected) + 1n, position, repeated: false }]
  }
  return callAppendGroup(client, appends)
}

const callAppendOne = async (
  client: pg.Client,
  { stream, expected, events }: Append,
): Promise<bigint | undefined> => {
  const [event] = events
  const { rows } = await client.query<[string | null], unknown[]>({
    name: 'portcullis-append-one',
    text: 'select portcullis_events.append_one($1, $2, $3, $4, $5, $6)',
    values: [stream, toNumber(expected), event?.id, event?.type, event?.data, event?.metadata],
    rowMode: 'array',
  })
  const position = rows[0]?.[0]
  return position === undefined || position === null ? undefined : BigInt(position)
}

type GroupRow = [base: string, actual: string[] | null, repeated: (string | null)[] | null]

const callAppendGroup = async (
  client: pg.Client,
  appends: readonly Append[],
): Promise<readonly AppendOutcome[]> => {
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
    ],
    rowMode: 'array',
  })
  const [row] = rows
  if (row === undefined) throw new Error('portcullis_events.append returned no row')
  return outcomes(appends, row)
}

const outcomes = (
  appends: readonly Append[],
  [base, actual, repeated]: GroupRow,
): readonly AppendOutcome[] => {
  let position = BigInt(base)
  return appends.map(({ stream, expected, events }, index) => {
    const revision = toNumber(expected) + BigInt(events.length)
    const at = actual?.[index]
    if (at === undefined || BigInt(at) === toNumber(expected)) {
      position += BigInt(events.length)
      return { revision, position, repeated: false }
    }
    const earlier = repeated?.[index]
    return earlier === undefined || earlier === null
      ? new RevisionConflict(stream, expected, toExpected(BigInt(at)))
      : { revision, position: BigInt(earlier), repeated: true }
  })
}
