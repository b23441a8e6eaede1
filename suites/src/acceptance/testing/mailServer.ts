import { once } from 'node:events'
import { simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'

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
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
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
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const address = server.server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve)
      }),
  }
}
