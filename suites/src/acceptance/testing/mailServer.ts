import { startSmtpServer } from '@portcullis/notifications/testing'
import { simpleParser } from 'mailparser'

export interface ReceivedMail {
  /** What it is about, from its own header: `approval-requested`. */
  readonly kind: string
  /** Whom it went to: the part of the address before the @. */
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly messageId: string
}

/** A real SMTP server on loopback that takes everything. */
export interface MailServer {
  readonly url: string
  /** In the order in which they came; what was sent twice is there twice. */
  readonly received: readonly ReceivedMail[]
  close(): Promise<void>
}

export const startMailServer = async (): Promise<MailServer> => {
  const received: ReceivedMail[] = []
  const server = await startSmtpServer({
    onData: (stream, session, callback) => {
      simpleParser(stream).then((mail) => {
        received.push({
          kind: String(mail.headers.get('x-portcullis-kind')),
          to: session.envelope.rcptTo.map(({ address }) => address.split('@')[0]).join(),
          subject: mail.subject ?? '',
          text: mail.text ?? '',
          messageId: mail.messageId ?? '',
        })
        callback()
      }, callback)
    },
  })
  return { url: server.url, received, close: () => server.close() }
}
