import { codeOf } from './errors.ts'
import type { DomainEvent, NewEvent, Position, RecordedEvent, Revision } from './events.ts'

/** The stream must not exist yet. */
export const NO_STREAM = 'no-stream'
/**
 * The revision of the last event that the caller has seen, or {@link NO_STREAM}. There is no "any": every append is
 * exact.
 */
export type ExpectedRevision = Revision | typeof NO_STREAM

export interface AppendResult {
  /** Revision of the last event of this append. */
  readonly revision: Revision
  /** Position of the last event of this append. */
  readonly position: Position
  /**
   * True when the store found events of these ids already there and wrote nothing. What they say is what was decided
   * then: read them.
   */
  readonly repeated: boolean
}

/** Somebody else appended first. Load again and decide again. */
export class RevisionConflict extends Error {
  readonly code = 'event-store.revision-conflict'
  readonly stream: string
  readonly expected: ExpectedRevision
  readonly actual: ExpectedRevision
  constructor(stream: string, expected: ExpectedRevision, actual: ExpectedRevision) {
    super(`stream ${stream} is at revision ${actual}, not ${expected}`)
    this.name = 'RevisionConflict'
    this.stream = stream
    this.expected = expected
    this.actual = actual
  }
}

export const isRevisionConflict = (error: unknown): error is RevisionConflict =>
  codeOf(error) === 'event-store.revision-conflict'

export interface ReadAllOptions {
  /** Exclusive; START reads from the first event. */
  readonly after: Position
  readonly limit: number
  /** Only events of these types; all when absent. */
  readonly types?: readonly string[]
}

export interface EventBatch<E extends DomainEvent = DomainEvent> {
  /** In `$all` order; may be empty when only the position moved on (events of other types). */
  readonly events: readonly RecordedEvent<E>[]
  /** Everything up to and including this position has been seen by this subscriber once this batch is handled. */
  readonly position: Position
  /** True when the batch reached what was the end of the log at the time of reading. */
  readonly caughtUp: boolean
}

export interface SubscribeOptions {
  /** Exclusive. */
  readonly after: Position
  /** Most events in a batch. */
  readonly batchSize: number
  readonly types?: readonly string[]
  /** Ends the subscription: the iterator returns after the batch under way. */
  readonly signal: AbortSignal
}

/** What is read of one stream among many. */
export interface StreamAsk {
  readonly stream: string
  /** Exclusive; from the start when absent. */
  readonly after?: Revision
}

/** What is appended to one stream among many. */
export interface StreamAppend {
  readonly stream: string
  readonly expected: ExpectedRevision
  readonly events: readonly NewEvent[]
}

export interface AppendAllOptions {
  /** Their events shall lie in the log in the order of the appends, also where that takes round trips of their own. */
  readonly inOrder?: boolean
  /**
   * With `inOrder`: neighbours to whose streams it gives the same name may lie in any order among themselves, which
   * spares round trips.
   */
  readonly peers?: (stream: string) => string
}

/** The port to the log. Every adapter passes `describeEventStoreContract` of `@portcullis/core/contracts`. */
export interface EventStore {
  /**
   * Appends all events or none, durable before the promise resolves.
   * When `expected` doesn't match, but the stream holds exactly these event ids at the places they would have taken, it
   * is a repeat and succeeds with the original result.
   * @throws RevisionConflict when the stream is elsewhere; an error of the codec when an event isn't valid (nothing
   *   written)
   */
  append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<AppendResult>
  /**
   * All events of a stream after `after` (exclusive; from the start when absent); empty when there is no such stream.
   */
  readStream(stream: string, after?: Revision): Promise<readonly RecordedEvent[]>
  /**
   * {@link EventStore.append} to many streams, in as few round trips as the store can. Each stream is an append of its
   * own: a conflict of one leaves the others alone.
   * @param appends each stream once, at least one event each
   * @returns an outcome for each, in order
   * @throws TypeError when a stream is given twice, an error of the codec (nothing written); any other error: some may
   *   be written, and the same appends may be sent again
   */
  appendAll(
    appends: readonly StreamAppend[],
    options?: AppendAllOptions,
  ): Promise<readonly (AppendResult | RevisionConflict)[]>
  /**
   * {@link EventStore.readStream} of many streams, in as few round trips as the store can.
   * @returns the events of each, in order of the asks
   */
  readStreams(asks: readonly StreamAsk[]): Promise<readonly (readonly RecordedEvent[])[]>
  /** Next page of `$all`. `position` of the answer is where to read on from. */
  readAll(options: ReadAllOptions): Promise<EventBatch>
  /** Position of the last event; START when the log is empty. */
  head(): Promise<Position>
  /** The last event of the log; undefined when it is empty. */
  newest(): Promise<RecordedEvent | undefined>
  /**
   * Catches up, then stays live: a new event wakes it in under 100 ms. Ends when the signal aborts; a read error is
   * thrown, never swallowed.
   */
  subscribe(options: SubscribeOptions): AsyncIterable<EventBatch>
  /** Ends connections; appends under way are awaited. */
  close(): Promise<void>
}
