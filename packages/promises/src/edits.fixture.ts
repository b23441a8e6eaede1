import { type EventMetadata, eventId } from '@portcullis/core'
import type { LogEvent, Logged } from './logEvent.ts'
import { quarter } from './quarter.fixture.ts'

// The story of the quarter, changed in one place.

/**
 * The n-th event (from 0) of a type in a stream; throws when there is none, so that no test passes for want of what it
 * changes.
 */
export const find = <Type extends LogEvent['type']>(
  stream: string,
  type: Type,
  nth = 0,
): Logged<Type> => {
  const event = quarter.filter((each) => each.stream === stream && each.type === type)[nth]
  if (event === undefined) throw new Error(`${stream} has no ${type} number ${nth}`)
  // The type was just compared.
  return event as Logged<Type>
}

/**
 * Numbers and names the events anew, as if the log had always been like this: revisions, positions and ids are legal
 * again.
 */
const renumbered = (events: readonly LogEvent[]): readonly LogEvent[] => {
  const lengths = new Map<string, bigint>()
  const lasts = new Map<string, { readonly commandId: string; readonly index: number }>()
  return events.map((event, place) => {
    const { stream, metadata } = event
    const { commandId } = metadata
    const revision = lengths.get(stream) ?? 0n
    lengths.set(stream, revision + 1n)
    const last = lasts.get(stream)
    const index = last?.commandId === commandId ? last.index + 1 : 0
    lasts.set(stream, { commandId, index })
    const id = eventId(commandId, stream, index, metadata)
    return { ...event, revision, position: BigInt(place + 1), id }
  })
}

/** The story with each event as the edit has it: none, itself, or others. */
export const edited = (edit: (event: LogEvent) => readonly LogEvent[]): readonly LogEvent[] =>
  renumbered(quarter.flatMap(edit))

/** The story without these events. */
export const without = (...dropped: readonly LogEvent[]): readonly LogEvent[] =>
  edited((event) => (dropped.includes(event) ? [] : [event]))

/** The story with others in the place of an event. */
export const replaced = (old: LogEvent, ...news: readonly LogEvent[]): readonly LogEvent[] =>
  edited((event) => (event === old ? news : [event]))

/** Takes an event from its place and puts it right after another. */
export const moved = (event: LogEvent, after: LogEvent): readonly LogEvent[] =>
  edited((each) => (each === event ? [] : each === after ? [each, event] : [each]))

/** The story up to and including an event. */
export const upTo = (last: LogEvent): readonly LogEvent[] =>
  quarter.slice(0, quarter.indexOf(last) + 1)

const withMetadata = <Event extends LogEvent>(
  event: Event,
  changes: Partial<EventMetadata>,
): Event => ({ ...event, metadata: { ...event.metadata, ...changes } })

/** The same event as another command's doing, so that it is no repeat. */
export const anew = <Event extends LogEvent>(
  event: Event,
  commandId = '99999999-9999-4999-8999-999999999999',
): Event => withMetadata(event, { commandId })

/** The same event, decided at another time. */
export const at = <Event extends LogEvent>(event: Event, instant: string): Event =>
  withMetadata(event, { at: instant })
