// A test tool, not EventStoreDB: an event as the double keeps it.

export interface EventHead {
  readonly stream: string
  readonly revision: number
  /** Commit and prepare position alike: grows by the size of the record, as in a server. */
  readonly position: number
  readonly id: string
  readonly type: string
  readonly contentType: string
  /** Ticks of 100 ns since the UNIX epoch. */
  readonly created: string
}

export interface EventContent {
  readonly data: Uint8Array
  readonly metadata: Uint8Array
}

/** An event as the double keeps it. */
export interface DoubleEvent extends EventHead {
  content(): EventContent
}

/** One line of JSON in its file. */
export interface DoubleRecord extends EventHead {
  /** base64 */
  readonly data: string
  /** base64 */
  readonly metadata: string
}

export type ProposedEvent = Pick<DoubleRecord, 'id' | 'type' | 'contentType' | 'data' | 'metadata'>
