import type { AddressInfo } from 'node:net'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export interface SmtpPeer {
  readonly port: number
  /** What arrived whole and was accepted. */
  readonly mails: readonly ParsedMail[]
  /** Whole mails, accepted or lost with the answer. */
  readonly seen: readonly ParsedMail[]
  /** Those of `seen` as they came. */
  readonly raw: readonly string[]
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

export const failure = (code: number): Error & { responseCode: number } =>
  Object.assign(new Error(code < 500 ? 'greylisted, try again' : 'no such mailbox'), {
    responseCode: code,
  })

/**
 * A real SMTP server on loopback with faults on demand.
 * @param at port; any that is free where not given
 */
export const startSmtpPeer = async (options: SMTPServerOptions = {}, at = 0): Promise<SmtpPeer> => {
  const mails: ParsedMail[] = []
  const seen: ParsedMail[] = []
  const raw: string[] = []
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
    onRcptTo: (_address, _session, callback) => {
      const code = recipientCodes.shift()
      callback(code === undefined ? null : failure(code))
    },
    onData: (stream, _session, callback) => {
      const chunks: Buffer[] = []
      if (drop === 'in') cut()
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', async () => {
        const whole = Buffer.concat(chunks)
        const mail = await simpleParser(whole)
        seen.push(mail)
        raw.push(whole.toString('latin1'))
        if (drop === 'after') return cut()
        const code = messageCodes.shift()
        if (code !== undefined) return callback(failure(code))
        mails.push(mail)
        callback()
      })
    },
    ...options,
  })
  server.on('error', () => {})
  server.server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => {
    server.listen(at, '127.0.0.1', resolve)
  })
  const { port } = server.server.address() as AddressInfo
  return {
    port,
    mails,
    seen,
    raw,
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
