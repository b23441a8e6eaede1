import type { StoredEvent } from './storedLog.ts'

/** Consecutive events of one stream. */
export type Run = readonly [StoredEvent, ...StoredEvent[]]

/** Events and characters of JSON in one append: well below the megabyte that a server takes. */
const MOST_EVENTS = 200
const MOST_CHARACTERS = 200_000
/** Appends and characters that are under way together. */
const MOST_TOGETHER = 100
const MOST_CHARACTERS_TOGETHER = 1_000_000

/** Splits a part of a log, in its order, into what makes one append each, and these into what is sent together. */
export function* runsOf(events: readonly StoredEvent[]): Generator<readonly Run[]> {
  let together: [StoredEvent, ...StoredEvent[]][] = []
  let charactersTogether = 0
  let characters = 0
  for (const event of events) {
    const size = JSON.stringify(event.data).length + JSON.stringify(event.metadata).length
    const run = together.at(-1)
    if (
      run !== undefined &&
      run[0].stream === event.stream &&
      run.length < MOST_EVENTS &&
      characters + size <= MOST_CHARACTERS
    ) {
      run.push(event)
      characters += size
    } else {
      if (together.length === MOST_TOGETHER || charactersTogether > MOST_CHARACTERS_TOGETHER) {
        yield together
        together = []
        charactersTogether = 0
      }
      together.push([event])
      characters = size
    }
    charactersTogether += size
  }
  if (together.length > 0) yield together
}
