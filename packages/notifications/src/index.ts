export type { MailDirectory, MailLookups, MailPerson } from './lookups.ts'
export { createMailer, type Mailer, type MailerOptions, type SendSummary } from './mailer.ts'
export { type MailIntent, type MailKind, mailKinds } from './mailIntent.ts'
export { mailEventTypes, mailsFor } from './mailsFor.ts'
export {
  type ClaimedMail,
  createOutbox,
  type MailRecord,
  type MailStatus,
  migrateOutbox,
  type Outbox,
  type OutboxCounts,
} from './outbox/outbox.ts'
export { type RenderedMail, type RenderOptions, renderMail } from './render/renderMail.ts'
export { createEmlTransport, type EmlOptions } from './transports/emlTransport.ts'
export {
  createSmtpTransport,
  SmtpConfigError,
  type SmtpOptions,
} from './transports/smtpTransport.ts'
export type {
  MailAddress,
  MailTransport,
  OutgoingMail,
  SendOutcome,
} from './transports/transport.ts'
