import type { Instant, RecordedEvent } from '@portcullis/core'
import type { PortcullisEvent } from '@portcullis/domain'
import { type MailIntent, type MailLookups, mailsFor, type Outbox } from '@portcullis/notifications'
import type { Sql } from '@portcullis/postgres'

/**
 * Puts the mails that a batch calls for into the outbox, in the transaction that moves the reactor's checkpoint: each exactly once.
 * @returns their ids, to be queued for sending once the transaction is committed
 */
export const addMails = async (
  { lookups, outbox }: { readonly lookups: MailLookups; readonly outbox: Outbox },
  events: readonly RecordedEvent<PortcullisEvent>[],
  tx: Sql,
  now: Instant,
): Promise<readonly string[]> => {
  const intents: MailIntent[] = []
  for (const event of events) intents.push(...(await mailsFor(event, lookups)))
  return outbox.add(intents, tx, now)
}
