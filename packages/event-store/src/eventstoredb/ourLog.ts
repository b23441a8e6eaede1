import { BACKWARDS, END, type RecordedEvent as RecordedThere } from '@eventstore/db-client'
import { type EventMetadata, type Position, type RecordedEvent, START } from '@portcullis/core'
import type { Codec } from '../codec.ts'
import { PositionBeyondLog } from '../errors.ts'
import { EventStoreDbUnusable } from './connection.ts'
import { withoutRecordedAt } from './recordedAt.ts'
import type { EventStoreServer } from './server.ts'

/** What of a server's log is ours, and how far it goes. */
export interface OurLog {
  /** Put before every stream's name there. */
  readonly prefix: string
  /** What our streams begin with there. */
  readonly prefixes: readonly string[]
  recorded(event: RecordedThere): RecordedEvent
  positionOf(event: RecordedThere): Position
  /** Is an event one of the types, in any version? */
  isWanted(types: readonly string[] | undefined): (event: RecordedThere) => boolean
  /** The highest position that the server has told of so far: what is appended later lies beyond it. */
  known(): Position
  /** @returns the same position, which is known from now on */
  saw(position: Position): Position
  /** Position of the last event of ours. */
  head(): Promise<Position>
  /** @throws PositionBeyondLog when the log ends before that position */
  unlessBeyondEnd(after: Position): Promise<void>
}

const HEAD_PAGE = 64

const lastOf = (server: EventStoreServer, from: Position | undefined, maxCount: number) =>
  server.collect('end of the log', (client) =>
    client.readAll({
      direction: BACKWARDS,
      fromPosition: from === undefined ? END : { commit: from, prepare: from },
      maxCount,
    }),
  )

/** The last event of ours behind a position: looks back from the end, past what others wrote. */
export const lastEventOf = async (
  server: EventStoreServer,
  prefixes: readonly string[],
  floor: Position,
): Promise<RecordedThere | undefined> => {
  for (let from: Position | undefined; ; ) {
    const page = await lastOf(server, from, HEAD_PAGE)
    const mine = page.find(({ streamId }) => prefixes.some((one) => streamId.startsWith(one)))
    if (mine !== undefined) return mine
    const last = page.at(-1)?.position?.commit
    if (last === undefined || last <= floor) return undefined
    from = last
  }
}

/** What our streams begin with on a server. @throws EventStoreDbUnusable when that isn't told apart from others' */
export const prefixesOf = (
  prefix: string,
  categories: readonly string[] | undefined,
): readonly string[] => {
  if (!/^[A-Za-z0-9_]*$/.test(prefix))
    throw new EventStoreDbUnusable('the stream prefix may hold letters, digits and _ only')
  if (categories !== undefined) return categories.map((category) => `${prefix}${category}-`)
  if (prefix === '')
    throw new EventStoreDbUnusable('without a stream prefix the categories must be named')
  return [prefix]
}

export const createOurLog = (
  server: EventStoreServer,
  codec: Codec,
  prefix: string,
  prefixes: readonly string[],
): OurLog => {
  let known = START
  const saw = (position: Position): Position => {
    if (position > known) known = position
    return position
  }
  const positionOf = ({ position, id }: RecordedThere): Position => {
    if (position === undefined) throw new Error(`event ${id} came without a position`)
    return saw(position.commit)
  }
  return {
    prefix,
    prefixes,
    positionOf,
    saw,
    known: () => known,
    recorded: (event) => ({
      ...codec.decode(event.type, event.data as object),
      // Checked when it was written.
      metadata: withoutRecordedAt(event.metadata as object as EventMetadata).metadata,
      id: event.id,
      stream: event.streamId.slice(prefix.length),
      revision: event.revision,
      position: positionOf(event),
    }),
    isWanted: (types) => {
      if (types === undefined) return () => true
      const stored = new Set(codec.storedTypes(types))
      return ({ type }) => stored.has(type)
    },
    head: async () => {
      const floor = known
      const mine = await lastEventOf(server, prefixes, floor)
      return mine === undefined ? floor : positionOf(mine)
    },
    unlessBeyondEnd: async (after) => {
      if (after <= known) return
      const [last] = await lastOf(server, undefined, 1)
      const end = last?.position?.commit ?? START
      if (after > end) throw new PositionBeyondLog(after, end)
    },
  }
}
