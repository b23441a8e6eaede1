import type { Instant } from '@portcullis/core'
import type { TemplateKind } from '../templates/templateFiles.ts'

export interface MailAddress {
  readonly name: string
  readonly address: string
}

export interface OutgoingMail {
  /** With its angle brackets; the same for every try. */
  readonly messageId: string
  readonly from: MailAddress
  readonly to: MailAddress
  /** Where answers go; absent: to the sender. */
  readonly replyTo?: MailAddress
  readonly subject: string
  readonly text: string
  readonly html: string
  /** When it is sent. */
  readonly date: Instant
  readonly kind: TemplateKind
  readonly recipientId: string
  readonly eventId: string
  /** When the event happened. */
  readonly at: Instant
}

/**
 * refused: this mail, for good · later: the same mail may pass another time, or nothing was wrong with it. `reply`
 * holds no secret.
 */
export interface SendOutcome {
  readonly kind: 'accepted' | 'refused' | 'later'
  readonly reply: string
}

/** What carries mails away. Whatever it throws counts as `later`. */
export interface MailTransport {
  send(mail: OutgoingMail): Promise<SendOutcome>
  /** Waits for what is under way. */
  close(): Promise<void>
}

/** What nodemailer is given: names as values, never put into a header by us, and no file or URL that it would open. */
export const messageOf = (mail: OutgoingMail) => ({
  messageId: mail.messageId,
  from: { ...mail.from },
  to: { ...mail.to },
  ...(mail.replyTo === undefined ? {} : { replyTo: { ...mail.replyTo } }),
  subject: mail.subject,
  text: mail.text,
  html: mail.html,
  date: new Date(mail.date),
  disableFileAccess: true,
  disableUrlAccess: true,
  headers: {
    // RFC 3834: out-of-office replies to this would reach nobody.
    'Auto-Submitted': 'auto-generated',
    'X-Auto-Response-Suppress': 'All',
    'X-Portcullis-Kind': mail.kind,
    'X-Portcullis-Event': mail.eventId,
  },
})
