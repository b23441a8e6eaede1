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
  /** Position of the last event of ours. What others have written since the last look is passed once. */
  head(): Promise<Position>
  /** The last event of ours. */
  newest(): Promise<RecordedEvent | undefined>
  /** @throws PositionBeyondLog when the log ends before that position */
  unlessBeyondEnd(after: Position): Promise<void>
}

/** Most often the last event is among few. */
const FIRST_PAGE = 64
/** Past what others wrote, in fewer and larger pages. */
const LARGEST_PAGE = 2048

const lastOf = (server: EventStoreServer, from: Position | undefined, maxCount: number) =>
  server.collect('end of the log', (client) =>
    client.readAll({
      direction: BACKWARDS,
      fromPosition: from === undefined ? END : { commit: from, prepare: from },
      maxCount,
    }),
  )

/**
 * The last event of ours behind a position: looks back from the end, past what others wrote.
 * @returns the event, where there is one, and the end from which was looked: the one who asks again needn't look behind
 *   it
 */
export const lastEventOf = async (
  server: EventStoreServer,
  prefixes: readonly string[],
  floor: Position,
): Promise<{ readonly mine: RecordedThere | undefined; readonly end: Position }> => {
  let end: Position | undefined
  let size = FIRST_PAGE
  for (let from: Position | undefined; ; ) {
    const page = await lastOf(server, from, size)
    end ??= page[0]?.position?.commit ?? START
    const mine = page.find(({ streamId }) => prefixes.some((one) => streamId.startsWith(one)))
    if (mine !== undefined) return { mine, end }
    const last = page.at(-1)?.position?.commit
    if (last === undefined || last <= floor) return { mine: undefined, end }
    from = last
    size = Math.min(size * 2, LARGEST_PAGE)
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
  /** Behind `known`, nothing up to here is ours. */
  let scanned = START
  let newest: RecordedThere | undefined
  let looking: Promise<void> | undefined
  const saw = (position: Position): Position => {
    if (position > known) known = position
    return position
  }
  const positionOf = ({ position, id }: RecordedThere): Position => {
    if (position === undefined) throw new Error(`event ${id} came without a position`)
    return saw(position.commit)
  }
  const recorded = (event: RecordedThere): RecordedEvent => ({
    ...codec.decode(event.type, event.data as object),
    // Checked when it was written.
    metadata: withoutRecordedAt(event.metadata as object as EventMetadata).metadata,
    id: event.id,
    stream: event.streamId.slice(prefix.length),
    revision: event.revision,
    position: positionOf(event),
  })
  /** Looks at what is new, and remembers how far. */
  const look = async (floor: Position): Promise<void> => {
    const { mine, end } = await lastEventOf(server, prefixes, floor)
    if (mine !== undefined && positionOf(mine) >= (newest?.position?.commit ?? START)) newest = mine
    if (end > scanned) scanned = end
  }
  return {
    prefix,
    prefixes,
    positionOf,
    saw,
    known: () => known,
    recorded,
    isWanted: (types) => {
      if (types === undefined) return () => true
      const stored = new Set(codec.storedTypes(types))
      return ({ type }) => stored.has(type)
    },
    head: async () => {
      // A first look may be long: the one who comes meanwhile waits for it, and then looks at what has come since.
      await looking?.catch(() => {})
      let floor = scanned
      if (known > floor) floor = known
      const now = look(floor)
      if (scanned === START) looking = now
      await now
      return known
    },
    newest: async () => {
      await look(newest?.position?.commit === known ? scanned : START)
      return newest === undefined ? undefined : recorded(newest)
    },
    unlessBeyondEnd: async (after) => {
      if (after <= known) return
      const [last] = await lastOf(server, undefined, 1)
      const end = last?.position?.commit ?? START
      if (after > end) throw new PositionBeyondLog(after, end)
    },
  }
}
