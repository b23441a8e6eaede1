import type { Clock } from '@portcullis/core'
import {
  createMailer,
  type Mailer,
  type MailLookups,
  type Outbox,
  type OutgoingMail,
} from '@portcullis/notifications'

/** The mailer over a transport that keeps every mail. */
export const collectingMailer = ({
  mails,
  ...parts
}: {
  readonly outbox: Outbox
  readonly clock: Clock
  readonly lookups: MailLookups
  readonly mails: OutgoingMail[]
}): Mailer =>
  createMailer({
    ...parts,
    transport: {
      send: async (mail) => {
        mails.push(mail)
        return { kind: 'accepted', reply: 'kept' }
      },
      close: async () => {},
    },
    from: { name: 'Access', address: 'access@example.com' },
    baseUrl: 'https://access.example.com',
    organisation: { name: 'Example', zone: 'Europe/Berlin' },
    log: () => {},
  })
