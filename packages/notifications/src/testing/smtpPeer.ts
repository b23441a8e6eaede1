import { type ParsedMail, simpleParser } from 'mailparser'
import type { SMTPServerOptions } from 'smtp-server'
import { failure, startSmtpServer } from './smtpServer.ts'

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
  const cut = () => {
    drop = undefined
    server.cut()
  }
  const server = await startSmtpServer(
    {
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
    },
    at,
  )
  return {
    port: server.port,
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
    close: () => server.close(),
  }
}
