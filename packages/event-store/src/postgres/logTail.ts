import {
  type EventBatch,
  type NewEvent,
  type Position,
  type ReadAllOptions,
  type RecordedEvent,
  type Revision,
  START,
} from '@portcullis/core'

/** Most events that are kept, and most bytes of their JSON. */
const MOST_EVENTS = 2_000
const MOST_BYTES = 4 * 1024 * 1024

/** One append that is in the log: to one stream, at consecutive positions. */
export interface Written {
  readonly stream: string
  readonly events: readonly NewEvent[]
  /** Of their JSON. */
  readonly bytes: number
  /** Of the last event. */
  readonly position: Position
  readonly revision: Revision
}

/**
 * The end of the log as this process wrote it: its own subscriptions needn't read it back from the server and take it
 * apart again.
 * It holds what lies between two positions without a gap, so it begins anew where somebody else has written in between.
 */
export interface LogTail {
  /** @param appends what one commit wrote, in the order of the log */
  add(appends: readonly Written[]): void
  /** @returns what follows `after`; undefined when that isn't known here, or nothing is known to follow */
  read(options: ReadAllOptions): EventBatch | undefined
  /** Forgets everything: the log may be another one, restored from an older copy. */
  clear(): void
}

export const createLogTail = (): LogTail => {
  let events: RecordedEvent[] = []
  let chunks: { readonly events: number; readonly bytes: number }[] = []
  let bytes = 0
  /** Of the last event before, and of the last one. */
  let start: Position = START
  let end: Position = START

  const clear = (): void => {
    events = []
    chunks = []
    bytes = 0
    start = START
    end = START
  }
  const trim = (): void => {
    let surplus = 0
    while (events.length - surplus > MOST_EVENTS || bytes > MOST_BYTES) {
      const oldest = chunks.shift()
      if (oldest === undefined) break
      surplus += oldest.events
      bytes -= oldest.bytes
    }
    if (surplus === 0) return
    events = events.slice(surplus)
    start += BigInt(surplus)
  }

  return {
    add: (appends) => {
      for (const append of appends) {
        const count = append.events.length
        const base = append.position - BigInt(count)
        if (base !== end) {
          clear()
          start = base
        }
        for (const [index, { type, data, id, metadata }] of append.events.entries()) {
          const back = BigInt(count - 1 - index)
          events.push({
            type,
            data,
            id,
            metadata,
            stream: append.stream,
            revision: append.revision - back,
            position: append.position - back,
          })
        }
        chunks.push({ events: count, bytes: append.bytes })
        bytes += append.bytes
        end = append.position
      }
      trim()
    },
    read: ({ after, limit, types }) => {
      if (after < start || after >= end) return undefined
      const wanted = types === undefined ? undefined : new Set(types)
      const found: RecordedEvent[] = []
      for (let index = Number(after - start); index < events.length; index += 1) {
        const event = events[index]
        if (event === undefined || wanted?.has(event.type) === false) continue
        found.push(event)
        if (found.length === limit)
          return { events: found, position: event.position, caughtUp: event.position === end }
      }
      return { events: found, position: end, caughtUp: true }
    },
    clear,
  }
}
