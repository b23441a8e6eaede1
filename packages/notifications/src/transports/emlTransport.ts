import { mkdir, open, rename } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createTransport } from 'nodemailer'
import { type MailTransport, messageOf, type OutgoingMail } from './transport.ts'

export interface EmlOptions {
  /** Made when it isn't there. */
  readonly folder: string
  /** Told the path of each file. */
  readonly log: (message: string) => void
}

/**
 * Writes mails to `.eml` files, which every mail program opens: what happens to mails where no SMTP server is
 * configured.
 * A file is named by event time, kind, recipient and mail, so that sending again writes the same file.
 */
export const createEmlTransport = ({ folder, log }: EmlOptions): MailTransport => {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
  return {
    send: async (mail) => {
      const { message } = await composer.sendMail(messageOf(mail))
      if (!Buffer.isBuffer(message)) throw new Error('the mail was not composed to a buffer')
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const path = resolve(join(folder, fileNameOf(mail)))
      const temporary = `${path}.tmp`
      const file = await open(temporary, 'w', 0o640)
      try {
        await file.writeFile(message)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, path)
      log(`mail "${mail.kind}" to ${mail.recipientId} written to ${path}`)
      return { kind: 'accepted', reply: path }
    },
    close: async () => {},
  }
}

const fileNameOf = (mail: OutgoingMail): string => {
  // 2026-03-01T09:00:00.000Z -> 20260301T090000Z: no file system minds it, and names sort by time.
  const time = mail.at.replace(/[-:]|\.\d+/g, '')
  const id = mail.messageId.replace(/^<|@.*$/g, '').slice(0, 8)
  return `${[time, mail.kind, mail.recipientId, id].map((part) => part.replace(/[^\w-]/g, '_')).join('-')}.eml`
}
