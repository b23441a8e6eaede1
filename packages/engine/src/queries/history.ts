import { type EventStore, formatPosition, type RecordedEvent } from '@portcullis/core'
import { entitlementStream } from '@portcullis/domain'
import type { HistoryEntry } from '@portcullis/views'

const toEntry = (event: RecordedEvent): HistoryEntry => ({
  position: formatPosition(event.position),
  at: event.metadata.at,
  type: event.type,
  actor: event.metadata.actor,
  data: event.data,
})

const concerns =
  (...ids: readonly string[]) =>
  ({ data }: RecordedEvent): boolean =>
    ('requestId' in data && ids.includes(String(data.requestId))) ||
    ('assignmentId' in data && ids.includes(String(data.assignmentId)))

/** Everything that the log holds of a request, from the first event on; of the assignment that it led to as well. */
export const requestHistory = async (
  store: EventStore,
  entitlementId: string,
  requestId: string,
): Promise<readonly HistoryEntry[]> => {
  const events = await store.readStream(entitlementStream(entitlementId))
  const assignments = events.flatMap(({ data }) =>
    'requestId' in data && data.requestId === requestId && 'assignmentId' in data
      ? [String(data.assignmentId)]
      : [],
  )
  return events.filter(concerns(requestId, ...assignments)).map(toEntry)
}

/** Everything that the log holds of an assignment, the request that it comes from included. */
export const assignmentHistory = async (
  store: EventStore,
  entitlementId: string,
  assignmentId: string,
  requestId: string,
): Promise<readonly HistoryEntry[]> =>
  (await store.readStream(entitlementStream(entitlementId)))
    .filter(concerns(assignmentId, requestId))
    .map(toEntry)
