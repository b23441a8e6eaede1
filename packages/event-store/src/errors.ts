import { messageOf } from '@portcullis/core'

/**
 * An event can't be stored; nothing was written. A bug in what made the event, or data that its schema doesn't allow.
 */
export class EventInvalid extends Error {
  readonly code = 'event-store.event-invalid'
  readonly eventType: string
  /** Where, as in `data.policy.zone`. */
  readonly path: string
  constructor(eventType: string, path: string, problem: string) {
    super(`event ${eventType} can't be stored: ${path}: ${problem}`)
    this.name = 'EventInvalid'
    this.eventType = eventType
    this.path = path
  }
}

/**
 * The store can't be reached. For an append: it is not known whether the events were written; the same append (same
 * event ids) may be sent again.
 */
export class EventStoreUnavailable extends Error {
  readonly code = 'event-store.unavailable'
  constructor(doing: string, cause: unknown) {
    const reason = messageOf(cause)
    super(`the event store can't be reached (${doing}): ${reason}. Try again when it is back`, {
      cause,
    })
    this.name = 'EventStoreUnavailable'
  }
}

/** Somebody has read further than the log goes: the log was restored from an older copy than the reader's own store. */
export class PositionBeyondLog extends Error {
  readonly code = 'event-store.position-beyond-log'
  constructor(after: bigint, head: bigint) {
    super(
      `asked for events after position ${after}, but the log ends at ${head}: it was replaced by an older copy. Rebuild the reader (its view) from the start`,
    )
    this.name = 'PositionBeyondLog'
  }
}

/**
 * Nothing was written: the events of one append, which are written together or not at all, are more than the store
 * takes at once.
 */
export class AppendTooLarge extends Error {
  readonly code = 'event-store.append-too-large'
  constructor(stream: string, events: number, size: string, limit: number | undefined) {
    super(
      `the append to stream ${stream} is too large: ${events} events with ${size} of data; the event store takes ${limit === undefined ? 'less' : `${limit} bytes`} at once (MaxAppendSize of EventStoreDB). Do it in smaller parts`,
    )
    this.name = 'AppendTooLarge'
  }
}

/**
 * Somebody reads on from a place that isn't one of this log: it was replaced, or the reader's own store is another
 * log's.
 */
export class PositionNotInLog extends Error {
  readonly code = 'event-store.position-not-in-log'
  constructor(after: bigint | 'end', cause: unknown) {
    super(
      `asked for events after position ${after}, at which the log has no record: it is another log, or an older copy that went on. Rebuild the reader (its view) from the start`,
      { cause },
    )
    this.name = 'PositionNotInLog'
  }
}

/** The store was closed by this process. */
export class EventStoreClosed extends Error {
  readonly code = 'event-store.closed'
  constructor() {
    super('the event store is closed')
    this.name = 'EventStoreClosed'
  }
}
