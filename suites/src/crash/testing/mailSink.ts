import { startSmtpServer } from '@portcullis/notifications/testing'

export interface ReceivedMail {
  /** With its angle brackets. */
  readonly messageId: string
  readonly kind: string
  readonly eventId: string
  readonly recipientId: string
  /** When it had arrived whole; milliseconds since the epoch. */
  readonly arrivedAt: number
}

/** A real SMTP server that takes everything and counts it. */
export interface MailSink {
  readonly url: string
  /** What arrived whole, in the order in which it came; what was sent twice is there twice. */
  readonly received: readonly ReceivedMail[]
  close(): Promise<void>
}

/** @param seen called for each mail that has arrived whole, before it is acknowledged */
export const startMailSink = async (seen: () => void): Promise<MailSink> => {
  const received: ReceivedMail[] = []
  const server = await startSmtpServer({
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const [head = ''] = Buffer.concat(chunks).toString('latin1').split('\r\n\r\n', 1)
        const header = (name: string): string =>
          new RegExp(`^${name}:\\s*(.+)$`, 'im').exec(head)?.[1]?.trim() ?? ''
        received.push({
          messageId: header('message-id'),
          kind: header('x-portcullis-kind'),
          eventId: header('x-portcullis-event'),
          recipientId: /<?([\w-]+)@/.exec(session.envelope.rcptTo[0]?.address ?? '')?.[1] ?? '',
          arrivedAt: Date.now(),
        })
        seen()
        callback()
      })
    },
  })
  return { url: server.url, received, close: () => server.close() }
}
