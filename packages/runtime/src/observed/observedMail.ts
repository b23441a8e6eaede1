import { inSpan, type Tracing } from '@portcullis/core'
import type { Mailer, MailTransport } from '@portcullis/notifications'
import type { Observation } from './observation.ts'

/** The mailer, with what became of each try counted. */
export const observedMailer = (
  mailer: Mailer,
  { instruments: { mails } }: Pick<Observation, 'instruments'>,
): Mailer => ({
  send: async (ids, signal) => {
    const summary = await mailer.send(ids, signal)
    mails.inc({ outcome: 'accepted' }, summary.accepted)
    mails.inc({ outcome: 'refused' }, summary.refused)
    mails.inc({ outcome: 'withdrawn' }, summary.withdrawn)
    mails.inc({ outcome: 'later' }, summary.later.length)
    return summary
  },
})

/** Each try to send a mail is a span. */
export const observedTransport = (transport: MailTransport, tracing: Tracing): MailTransport => ({
  send: (mail) =>
    inSpan(
      tracing,
      { name: 'send mail', kind: 'client', attributes: { 'portcullis.mail.kind': mail.kind } },
      async (span) => {
        const outcome = await transport.send(mail)
        span.set({ 'portcullis.mail.outcome': outcome.kind })
        if (outcome.kind !== 'accepted') span.failed(`mail.${outcome.kind}`)
        return outcome
      },
    ),
  close: () => transport.close(),
})
