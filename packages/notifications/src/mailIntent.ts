import { deriveId, type RecordedEvent } from '@portcullis/core'

/** The mails that there are. Part of the outbox's storage and of each mail's Message-ID. */
export const mailKinds = [
  /** To an approver: somebody waits for your decision. */
  'approval-requested',
  /** To approvers: nobody decided in time (S13). */
  'approval-timed-out',
  'approved',
  'denied',
  'timed-out',
  'delivered',
  'partly-delivered',
  'extended',
  /** S15. */
  'ends-in-14-days',
  'ends-in-1-day',
  'ended',
  /** To those who manage the package: the subject has left, or what they had has ended for it. */
  'subject-left',
  /** To those who manage the package: a request waits, and nobody can decide on it. */
  'no-approver',
] as const
export type MailKind = (typeof mailKinds)[number]

/** Mails that ask one person for many things of a kind: several may be gathered into one. */
export const gatheredKinds: readonly MailKind[] = ['approval-requested']

/** That a mail is due: who gets which, because of which event. Holds ids only; the words are made when it is sent. */
export interface MailIntent {
  /** A uuid that follows from event, kind and recipient; the Message-ID is made of it. */
  readonly id: string
  /** Two intents with the same key are one mail. */
  readonly key: string
  readonly kind: MailKind
  readonly recipientId: string
  readonly eventId: string
  /** Where the event is, to read it again. */
  readonly stream: string
  /** Decimal digits. */
  readonly revision: string
  /** When it happened. */
  readonly at: string
}

/** @param key when the same news must not be told twice though several events tell it; else each event counts */
export const mailIntent = (
  event: RecordedEvent,
  kind: MailKind,
  recipientId: string,
  key: string = event.id,
): MailIntent => ({
  id: deriveId('mail', event.id, kind, recipientId),
  key: `${kind}:${key}:${recipientId}`,
  kind,
  recipientId,
  eventId: event.id,
  stream: event.stream,
  revision: event.revision.toString(),
  at: event.metadata.at,
})
