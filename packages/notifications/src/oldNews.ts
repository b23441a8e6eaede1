import type { RecordedEvent } from '@portcullis/core'
import { type PortcullisEvent, parseAssignmentId } from '@portcullis/domain'
import type { Sql } from '@portcullis/postgres'
import type { MailKind } from './mailIntent.ts'
import type { Outbox } from './outbox/outbox.ts'

const NEWS: readonly MailKind[] = ['delivered', 'partly-delivered']

/**
 * Leaves out events that can tell their subject nothing new, without a look at their streams: deliveries to an
 * assignment that is told as delivered, with no failure since.
 * A roll-out is made of these, one for each assignment.
 * @param events in order, all that the reactor is given
 */
export const withoutOldNews = async (
  events: readonly RecordedEvent<PortcullisEvent>[],
  outbox: Pick<Outbox, 'newest'>,
  tx: Sql,
): Promise<readonly RecordedEvent<PortcullisEvent>[]> => {
  // Those of this batch aren't in the outbox yet.
  const failed = new Set<string>()
  const deliveries = new Map<string, string>()
  for (const event of events) {
    if (event.type === 'DeliveryFailed.v1') failed.add(event.stream)
    if (event.type !== 'RolesDelivered.v1' || !event.data.complete) continue
    const subjectId = parseAssignmentId(event.data.assignmentId)?.subjectId
    if (subjectId !== undefined) deliveries.set(event.stream, subjectId)
  }
  if (deliveries.size === 0) return events
  const newest = await outbox.newest([...deliveries], NEWS, tx)
  return events.filter(
    ({ type, data, stream }) =>
      type !== 'RolesDelivered.v1' ||
      failed.has(stream) ||
      newest.get(stream)?.startsWith(`delivered:${data.assignmentId}:`) !== true,
  )
}
