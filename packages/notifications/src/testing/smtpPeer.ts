import type { AddressInfo } from 'node:net'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export interface SmtpPeer {
  readonly port: number
  /** What arrived whole and was accepted. */
  readonly mails: readonly ParsedMail[]
  /** Whole mails, accepted or lost with the answer. */
  readonly seen: readonly ParsedMail[]
  /** Replies to the next RCPT TO commands, one each: `450`, `550`. */
  refuseRecipients(...codes: readonly number[]): void
  /** Replies to the next messages, one each: `451`, `552`. */
  refuseMessages(...codes: readonly number[]): void
  /** Cuts the connection in the middle of the next message. */
  dropInData(): void
  /** Takes the next message whole, then cuts the connection before answering: the answer is lost. */
  dropAfterData(): void
  close(): Promise<void>
}

const failure = (code: number): Error & { responseCode: number } =>
  Object.assign(new Error(code < 500 ? 'greylisted, try again' : 'no such mailbox'), {
    responseCode: code,
  })

/** A real SMTP server on loopback with faults on demand. */
export const startSmtpPeer = async (options: SMTPServerOptions = {}): Promise<SmtpPeer> => {
  const mails: ParsedMail[] = []
  const seen: ParsedMail[] = []
  let recipientCodes: number[] = []
  let messageCodes: number[] = []
  let drop: 'in' | 'after' | undefined
  const sockets = new Set<{ destroy(): unknown }>()
  const cut = () => {
    drop = undefined
    for (const socket of sockets) socket.destroy()
  }
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    ...options,
    onRcptTo: (_address, _session, callback) => {
      const code = recipientCodes.shift()
      callback(code === undefined ? null : failure(code))
    },
    onData: (stream, _session, callback) => {
      const chunks: Buffer[] = []
      if (drop === 'in') cut()
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', async () => {
        const mail = await simpleParser(Buffer.concat(chunks))
        seen.push(mail)
        if (drop === 'after') return cut()
        const code = messageCodes.shift()
        if (code !== undefined) return callback(failure(code))
        mails.push(mail)
        callback()
      })
    },
  })
  server.on('error', () => {})
  server.server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.server.address() as AddressInfo
  return {
    port,
    mails,
    seen,
    refuseRecipients: (...codes) => {
      recipientCodes = [...codes]
    },
    refuseMessages: (...codes) => {
      messageCodes = [...codes]
    },
    dropInData: () => {
      drop = 'in'
    },
    dropAfterData: () => {
      drop = 'after'
    },
    close: () =>
      new Promise((resolve) => {
        server.close(resolve)
        for (const socket of sockets) socket.destroy()
      }),
  }
}
