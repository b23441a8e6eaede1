import type { Instant } from '@portcullis/core'
import type { MailIntent, MailKind } from '../mailIntent.ts'

export const mailStatuses = ['queued', 'sending', 'accepted', 'refused', 'withdrawn'] as const
/** withdrawn: not needed any more when its turn came. */
export type MailStatus = (typeof mailStatuses)[number]

/** A line of the ledger: what became of a mail. */
export interface MailRecord extends MailIntent {
  readonly status: MailStatus
  readonly attempts: number
  /** What the mail server, or the renderer, said last. */
  readonly reply: string | null
  /** Queued: next try; sending: when the claim ends; else null. */
  readonly dueAt: Instant | null
  readonly updatedAt: Instant
  /**
   * The mail that this one was gathered into, whose Message-ID it went out under; null: it went, or goes, on its own.
   */
  readonly digestId: string | null
}

export interface Row {
  readonly id: string
  readonly key: string
  readonly kind: MailKind
  readonly recipient_id: string
  readonly event_id: string
  readonly stream: string
  readonly revision: string
  readonly at: Date
  readonly status: MailStatus
  readonly due_at: Date | null
  readonly attempts: number
  readonly reply: string | null
  readonly updated_at: Date
  readonly digest_id: string | null
}

const MAX_REPLY = 1000

export const recordOf = (row: Row): MailRecord => ({
  id: row.id,
  key: row.key,
  kind: row.kind,
  recipientId: row.recipient_id,
  eventId: row.event_id,
  stream: row.stream,
  revision: row.revision,
  at: row.at.toISOString(),
  status: row.status,
  attempts: row.attempts,
  reply: row.reply,
  dueAt: row.due_at?.toISOString() ?? null,
  updatedAt: row.updated_at.toISOString(),
  digestId: row.digest_id,
})

/** PostgreSQL's text holds no NUL; a server's reply may. */
export const storable = (reply: string): string =>
  reply.toWellFormed().replaceAll('\0', ' ').slice(0, MAX_REPLY).toWellFormed()
