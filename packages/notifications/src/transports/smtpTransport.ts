import { createTransport, type NodemailerError } from 'nodemailer'
import { type MailTransport, messageOf, type SendOutcome } from './transport.ts'

export interface SmtpOptions {
  /** `smtp://host:587` (STARTTLS where offered) or `smtps://host:465` (TLS from the start). Holds no password. */
  readonly url: string
  readonly auth?: { readonly user: string; readonly pass: string }
  /**
   * Refuse to send without TLS. Default: true with `auth` unless the server is this machine itself,
   * so that the password never travels in the clear; else false.
   */
  readonly requireTls?: boolean
  /** PEM of an authority that signed the server's certificate, beside those that Node knows. */
  readonly ca?: string
  /** Default 5. */
  readonly maxConnections?: number
  /** Silence after which a connection is given up. Default 60,000. */
  readonly timeoutMillis?: number
}

/** The SMTP settings can't be used; the message names the field. */
export class SmtpConfigError extends Error {
  readonly code = 'mail.smtp-configuration'
  constructor(message: string) {
    super(message)
    this.name = 'SmtpConfigError'
  }
}

/**
 * Sends over SMTP, connections kept and shared.
 * @throws SmtpConfigError at once
 */
export const createSmtpTransport = (options: SmtpOptions): MailTransport => {
  const url = usableUrl(options.url)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const local = ['localhost', '127.0.0.1', '::1'].includes(host)
  const secure = url.protocol === 'smtps:'
  const timeout = options.timeoutMillis ?? 60_000
  const mailer = createTransport({
    pool: true,
    host,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS: !secure && (options.requireTls ?? (options.auth !== undefined && !local)),
    ...(options.auth === undefined ? {} : { auth: { ...options.auth } }),
    ...(options.ca === undefined ? {} : { tls: { ca: options.ca } }),
    maxConnections: options.maxConnections ?? 5,
    // The outbox decides when a mail is sent again, nobody else.
    maxRequeues: 0,
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    dnsTimeout: timeout,
  })
  const underWay = new Set<Promise<SendOutcome>>()
  const clean = (text: string): string =>
    options.auth === undefined ? text : text.replaceAll(options.auth.pass, '[password]')

  const send: MailTransport['send'] = async (mail) => {
    try {
      const info = await mailer.sendMail(messageOf(mail))
      return { kind: 'accepted', reply: clean(info.response) }
    } catch (error) {
      return { ...outcomeOf(error), reply: clean(replyOf(error)) }
    }
  }

  return {
    send: (mail) => {
      const sending = send(mail)
      underWay.add(sending)
      return sending.finally(() => underWay.delete(sending))
    },
    close: async () => {
      await Promise.allSettled(underWay)
      mailer.close()
    },
  }
}

/**
 * Only a 5xx reply to this recipient or to this message refuses the mail (RFC 5321 §4.2.1). A 5xx to the greeting, to
 * AUTH or to MAIL FROM is about our settings: the mail stays queued until somebody corrects them.
 */
const outcomeOf = (error: unknown): { readonly kind: 'refused' | 'later' } => {
  if (!(error instanceof Error)) return { kind: 'later' }
  const { permanent, command }: NodemailerError = error
  return permanent === true && (command === 'RCPT TO' || command === 'DATA')
    ? { kind: 'refused' }
    : { kind: 'later' }
}

const replyOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown error'
  const { response, code }: NodemailerError = error
  return response ?? `${code ?? error.name}: ${error.message}`
}

const usableUrl = (text: string): URL => {
  const url = URL.parse(text)
  if (url === null || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '')
    throw new SmtpConfigError('url: must be like smtp://mail.example.com:587 or smtps://…')
  if (url.username !== '' || url.password !== '')
    throw new SmtpConfigError(
      'url: give user and password apart, so that the address can be logged',
    )
  return url
}
