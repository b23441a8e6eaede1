export type { MailDirectory, MailLookups, MailPerson } from './lookups.ts'
export { createMailer, type Mailer, type MailerOptions, type SendSummary } from './mailer.ts'
export { type MailIntent, type MailKind, mailKinds } from './mailIntent.ts'
export { mailEventTypes, mailsFor } from './mailsFor.ts'
export { withoutOldNews } from './oldNews.ts'
export {
  type ClaimedMail,
  createOutbox,
  migrateOutbox,
  type Outbox,
  type OutboxCounts,
  type QueuedMail,
} from './outbox/outbox.ts'
export { type MailRecord, type MailStatus, mailStatuses } from './outbox/outboxRow.ts'
export { countUnsent, type UnsentMails } from './outbox/unsentMails.ts'
export { type RenderOptions, renderMail } from './render/renderMail.ts'
export { isLanguage } from './templates/languages.ts'
export { TemplateError } from './templates/mistakes.ts'
export type { RenderedMail, Templates } from './templates/parsedTemplate.ts'
export { samplesOf } from './templates/samples.ts'
export { type TemplateKind, templateKinds } from './templates/templateFiles.ts'
export { loadTemplates } from './templates/templates.ts'
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
