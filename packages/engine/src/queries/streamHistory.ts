import { type EventStore, formatPosition, type RecordedEvent } from '@portcullis/core'
import { BadCursor, type HistoryEntry, type Page } from '@portcullis/views'
import type { ListOptions } from './listOptions.ts'

/** One line of a history. */
export const toEntry = (event: RecordedEvent): HistoryEntry => ({
  position: formatPosition(event.position),
  at: event.metadata.at,
  type: event.type,
  actor: event.metadata.actor,
  ...(event.metadata.authentication === undefined
    ? {}
    : { authentication: event.metadata.authentication }),
  data: event.data,
})

const CURSOR = /^history-(\d{1,18})$/

/**
 * One page of what the log holds of a catalog or an access package, from the first event on.
 * @throws BadCursor for a cursor that isn't an earlier page's `next`
 */
export const streamHistory = async (
  store: EventStore,
  stream: string,
  { limit, cursor }: ListOptions,
): Promise<Page<HistoryEntry>> => {
  const revision = cursor === undefined ? undefined : CURSOR.exec(cursor)?.[1]
  if (cursor !== undefined && revision === undefined) throw new BadCursor()
  const events = await store.readStream(
    stream,
    ...(revision === undefined ? [] : [BigInt(revision)]),
  )
  const shown = events.slice(0, limit)
  const last = events.length > limit ? shown.at(-1) : undefined
  return {
    items: shown.map(toEntry),
    next: last === undefined ? null : `history-${last.revision}`,
  }
}
