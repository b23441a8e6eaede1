import { type EventStore, NO_STREAM, type RecordedEvent } from '@portcullis/core'

/** Writes a log that a spec made by hand into a store, event by event, so that the positions are the same. */
export const appendLog = async (
  store: EventStore,
  events: readonly RecordedEvent[],
): Promise<void> => {
  for (const { stream, revision, id, type, data, metadata } of events) {
    await store.append(stream, revision === 0n ? NO_STREAM : revision - 1n, [
      { id, type, data, metadata },
    ])
  }
}
