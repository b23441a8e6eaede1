import type { EventStore, RecordedEvent } from '@portcullis/core'
import { type EntitlementEvent, entitlementStream, type PolicyTerms } from '@portcullis/domain'
import type { HistoryEntry } from '@portcullis/views'
import { shownEvent } from './shownFailures.ts'
import { withoutPrincipals } from './shownTerms.ts'
import { toEntry as plainEntry } from './streamHistory.ts'

/** Everything that happened to one subject and one package, in order. */
export type EntitlementLog = readonly RecordedEvent<EntitlementEvent>[]

export const readEntitlement = async (
  store: EventStore,
  entitlementId: string,
): Promise<EntitlementLog> =>
  // The codec decodes every stream by its own schemas.
  (await store.readStream(entitlementStream(entitlementId))) as EntitlementLog

/** The terms that were pinned when the request was submitted (S7); undefined where there is no such request. */
export const pinnedTerms = (log: EntitlementLog, requestId: string): PolicyTerms | undefined => {
  for (const event of log)
    if (event.type === 'RequestSubmitted.v1' && event.data.requestId === requestId)
      return event.data.terms
  return undefined
}

/**
 * @param whole with the lists of principals that the terms hold, and with what targets said: for those who manage the
 *   package
 */
const toEntry =
  (whole: boolean) =>
  (event: RecordedEvent<EntitlementEvent>): HistoryEntry => {
    const entry = plainEntry(shownEvent(event, whole))
    return event.type === 'RequestSubmitted.v1' && !whole
      ? { ...entry, data: { ...event.data, terms: withoutPrincipals(event.data.terms) } }
      : entry
  }

const concerns =
  (...ids: readonly string[]) =>
  ({ data }: RecordedEvent): boolean =>
    ('requestId' in data && ids.includes(String(data.requestId))) ||
    ('assignmentId' in data && ids.includes(String(data.assignmentId)))

/** Everything that the log holds of a request, from the first event on; of the assignment that it led to as well. */
export const requestHistory = (
  log: EntitlementLog,
  requestId: string,
  whole: boolean,
): readonly HistoryEntry[] => {
  const assignments = log.flatMap(({ data }) =>
    'requestId' in data &&
    data.requestId === requestId &&
    'assignmentId' in data &&
    typeof data.assignmentId === 'string'
      ? [data.assignmentId]
      : [],
  )
  return log.filter(concerns(requestId, ...assignments)).map(toEntry(whole))
}

/** Everything that the log holds of an assignment, the request that it comes from included. */
export const assignmentHistory = (
  log: EntitlementLog,
  assignmentId: string,
  requestId: string,
  whole: boolean,
): readonly HistoryEntry[] => log.filter(concerns(assignmentId, requestId)).map(toEntry(whole))
