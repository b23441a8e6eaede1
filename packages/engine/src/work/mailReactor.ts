import { type Instant, originsOf, type RecordedEvent, type TraceOrigin } from '@portcullis/core'
import type { PortcullisEvent } from '@portcullis/domain'
import {
  type MailLookups,
  mailsFor,
  type Outbox,
  type QueuedMail,
  withoutOldNews,
} from '@portcullis/notifications'
import type { Sql } from '@portcullis/postgres'

/** A mail in the outbox, and what was traced of the event that it tells of. */
export type TracedMail = QueuedMail & { readonly origins: readonly TraceOrigin[] }

/**
 * Puts the mails that a batch calls for into the outbox, in the transaction that moves the reactor's checkpoint: each
 * exactly once.
 * @returns which, and when each is due: to be queued for sending once the transaction is committed
 */
export const addMails = async (
  { lookups, outbox }: { readonly lookups: MailLookups; readonly outbox: Outbox },
  events: readonly RecordedEvent<PortcullisEvent>[],
  tx: Sql,
  now: Instant,
): Promise<readonly TracedMail[]> => {
  // Side by side: what they read of the log goes in few round trips.
  const news = await withoutOldNews(events, outbox, tx)
  const intents = await Promise.all(news.map((event) => mailsFor(event, lookups)))
  const queued = await outbox.add(intents.flat(), tx, now)
  const eventOf = new Map(
    intents.flatMap((mails, index) => mails.map(({ id }) => [id, news.slice(index, index + 1)])),
  )
  return queued.map((mail) => ({ ...mail, origins: originsOf(eventOf.get(mail.id) ?? []) }))
}
