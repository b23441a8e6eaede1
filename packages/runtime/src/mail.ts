import type { Clock, EventStore, Tracing } from '@portcullis/core'
import type { Directory } from '@portcullis/directory'
import type { Log } from '@portcullis/engine'
import {
  createEmlTransport,
  createMailer,
  createOutbox,
  createSmtpTransport,
  loadTemplates,
  type MailAddress,
  type Mailer,
  type MailLookups,
  type MailTransport,
  type Outbox,
  SmtpConfigError,
  TemplateError,
  type Templates,
} from '@portcullis/notifications'
import type pg from 'pg'
import { type Config, ConfigError } from './config.ts'
import { dataPaths } from './dataFolder.ts'
import { observedTransport } from './observed/observedMail.ts'
import { publicUrlOf } from './publicUrl.ts'

export interface Mail {
  readonly outbox: Outbox
  readonly mailer: Mailer
  readonly lookups: MailLookups
  close(): Promise<void>
}

/** Longer than the transport's time-outs together, so that a try ends before somebody else takes the mail over. */
const LEASE_FACTOR = 3

/** The outbox, and what sends from it: SMTP where configured, else `.eml` files in the data folder. */
export const openMail = (
  config: Config,
  dependencies: {
    readonly pool: pg.Pool
    readonly store: EventStore
    readonly directory: Directory
    readonly clock: Clock
    readonly log: Log
    readonly tracing: Tracing
  },
  transport: MailTransport = transportOf(config, dependencies.log),
): Mail => {
  const { pool, store, directory, clock, log, tracing } = dependencies
  const outbox = createOutbox(pool, { digestMillis: config.mailDigestMillis })
  const lookups: MailLookups = { history: (stream) => store.readStream(stream), directory }
  const mailer = createMailer({
    outbox,
    transport: observedTransport(transport, tracing),
    clock,
    lookups,
    from: addressOf(config.mailFrom),
    ...(config.mailReplyTo === undefined ? {} : { replyTo: addressOf(config.mailReplyTo) }),
    baseUrl: publicUrlOf(config),
    organisation: { name: config.organisation, zone: config.zone, locale: config.locale },
    templates: mailTemplatesOf(config),
    leaseMillis: config.leaseMillis * LEASE_FACTOR,
    log: (message, { recipientId, reply, ...data }) => {
      log.info(data, message)
      // A mail server's reply may quote the address.
      log.debug({ ...data, recipientId, reply }, message)
    },
  })
  return { outbox, mailer, lookups, close: () => transport.close() }
}

/**
 * The templates of mails: the organisation's over the built-in ones, each tried with sample data.
 * @throws ConfigError with a line for each mistake
 */
export const mailTemplatesOf = ({ mailTemplates }: Config): Templates => {
  try {
    return loadTemplates(mailTemplates)
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    throw new ConfigError(
      error.message.split('\n').map((line) => `PORTCULLIS_MAIL_TEMPLATES: ${line}`),
    )
  }
}

const transportOf = (config: Config, log: Log): MailTransport => {
  const { smtp } = config
  if (smtp === undefined) {
    const { mails } = dataPaths(config.dataDir)
    log.info({ folder: mails }, 'no SMTP_URL is set: mails go to .eml files')
    return createEmlTransport({ folder: mails, log: (message) => log.debug({}, message) })
  }
  try {
    return createSmtpTransport({
      url: smtp.url,
      timeoutMillis: config.leaseMillis,
      ...(smtp.auth === undefined ? {} : { auth: smtp.auth }),
    })
  } catch (error) {
    if (error instanceof SmtpConfigError) throw new ConfigError([`SMTP_URL: ${error.message}`])
    throw error
  }
}

/** `Name <address>` or a bare address. */
const addressOf = (text: string): MailAddress => {
  const match = /^(.*)<([^<>]+)>\s*$/.exec(text)
  return match === null
    ? { name: '', address: text.trim() }
    : { name: (match[1] ?? '').trim(), address: (match[2] ?? '').trim() }
}
