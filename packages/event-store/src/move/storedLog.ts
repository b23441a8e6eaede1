import type { JsonObject, Position, Revision } from '@portcullis/core'

/** An event as a store keeps it, in the version that it was written in: nothing is brought up to date. */
export interface StoredEvent {
  readonly stream: string
  readonly revision: Revision
  /** In the log that it was read from. */
  readonly position: Position
  readonly id: string
  readonly type: string
  readonly data: JsonObject
  readonly metadata: JsonObject
  /** When the first store took it, UTC with microseconds: `2026-11-23T21:18:00.000000Z`. */
  readonly recordedAt: string
}

/** Where an event is, whatever the store's positions are like. */
export type Place = Pick<StoredEvent, 'stream' | 'revision'>

/** A whole log, read and written as it is stored: what is moved from one store to another. */
export interface StoredLog {
  /** For messages, as `PostgreSQL` or `EventStoreDB at host:2113`. */
  readonly name: string
  /**
   * Every event behind a position, in order, some hundreds at a time, up to what is the end by then.
   * @throws EventStoreUnavailable
   */
  pages(after: Position): AsyncGenerator<readonly StoredEvent[], void, undefined>
  /** Position of the last event, and how many there are where the store knows; START and 0 when it is empty. */
  end(): Promise<{ readonly position: Position; readonly events: number | undefined }>
  /**
   * Appends events behind the last one, in their order and with their revisions. After a failure a part of them may be
   * there.
   * @param events of the other log, in its order
   * @param after how many events this log holds by now
   * @throws LogChanged when somebody else writes to this log; LogOutOfOrder
   */
  fill(events: readonly StoredEvent[], after: number): Promise<void>
  /** The event at exactly that position. */
  placeAt(position: Position): Promise<Place | undefined>
  positionOf(place: Place): Promise<Position | undefined>
  close(): Promise<void>
}

/** Somebody else writes to a log that is being moved. */
export class LogChanged extends Error {
  readonly code = 'move.log-changed'
  constructor(name: string, what: string) {
    super(
      `somebody else writes to the log in ${name} (${what}): stop every engine that uses it, then run the same command again`,
    )
    this.name = 'LogChanged'
  }
}

/** The target holds something that isn't a beginning of the source. */
export class NotACopy extends Error {
  readonly code = 'move.not-a-copy'
  constructor(target: string, source: string, what: string) {
    super(
      `the log in ${target} is neither empty nor a part of the one in ${source} (${what}): nothing was written. Name an empty one`,
    )
    this.name = 'NotACopy'
  }
}

/** A server has taken an append before one that was sent earlier: the copy isn't one, and a log can't be mended. */
export class LogOutOfOrder extends Error {
  readonly code = 'move.out-of-order'
  constructor(hosts: string) {
    super(
      `the server at ${hosts} has taken events in another order than they were sent, as it may when its leader changes: the log there is no copy. Give EVENTSTORE_PREFIX another value and run the same command again; the log that is moved is as it was`,
    )
    this.name = 'LogOutOfOrder'
  }
}
