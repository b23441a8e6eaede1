import {
  type AppendResult,
  type EventStore,
  inSpan,
  isRevisionConflict,
  type NewEvent,
  type RevisionConflict,
  type StreamAppend,
} from '@portcullis/core'
import { type Observation, timed } from './observation.ts'

/** The store, with its appends counted, each as a span that its events carry. What it does and throws is the same. */
export const observedStore = (
  store: EventStore,
  { instruments, tracing }: Observation,
  system: 'postgresql' | 'eventstoredb',
): EventStore => {
  const { appends, appendedEvents, conflicts } = instruments

  const counted = <Answer>(
    asked: readonly StreamAppend[],
    append: () => Promise<Answer>,
    outcomesOf: (answer: Answer) => readonly (AppendResult | RevisionConflict)[],
  ): Promise<Answer> => {
    const ended = (outcomes: readonly (AppendResult | RevisionConflict)[]): string => {
      const lost = outcomes.filter(isRevisionConflict).length
      if (lost > 0) conflicts.inc(lost)
      for (const [index, outcome] of outcomes.entries())
        if (!isRevisionConflict(outcome) && !outcome.repeated)
          appendedEvents.inc(asked[index]?.events.length ?? 0)
      return lost > 0 && lost === outcomes.length ? 'conflict' : 'done'
    }
    return timed(
      appends.startTimer(),
      append,
      (answer) => ended(outcomesOf(answer)),
      (error) => (isRevisionConflict(error) ? ended([error]) : 'failed'),
    )
  }

  const traced = <Answer>(
    asked: readonly StreamAppend[],
    append: () => Promise<Answer>,
  ): Promise<Answer> => {
    const attributes = {
      'db.system.name': system,
      'db.operation.name': 'append',
      'portcullis.streams': asked.length,
      'portcullis.events': asked.reduce((sum, { events }) => sum + events.length, 0),
    }
    return asked.length === 0
      ? append()
      : inSpan(tracing, { name: 'append', kind: 'client', attributes }, append)
  }

  /** Called within the span. */
  const stamped = (events: readonly NewEvent[]): readonly NewEvent[] => {
    const traceparent = tracing.current()?.traceparent
    return traceparent === undefined
      ? events
      : events.map((event) => ({ ...event, metadata: { ...event.metadata, traceparent } }))
  }

  return {
    ...store,
    append: (stream, expected, events) => {
      const asked = [{ stream, expected, events }]
      return traced(asked, () =>
        counted(
          asked,
          () => store.append(stream, expected, stamped(events)),
          (result) => [result],
        ),
      )
    },
    appendAll: (asked, options) =>
      traced(asked, () =>
        counted(
          asked,
          () =>
            store.appendAll(
              asked.map((append) => ({ ...append, events: stamped(append.events) })),
              options,
            ),
          (results) => results,
        ),
      ),
  }
}
