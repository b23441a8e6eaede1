import type { Instant } from '@portcullis/core'
import { migrate, type Sql } from '@portcullis/postgres'
import type pg from 'pg'
import type { MailIntent, MailKind } from '../mailIntent.ts'
import { outboxMigrations } from './outbox.migrations.ts'

export type MailStatus = 'queued' | 'sending' | 'accepted' | 'refused'

/** A line of the ledger: what became of a mail. */
export interface MailRecord extends MailIntent {
  readonly status: MailStatus
  readonly attempts: number
  /** What the mail server, or the renderer, said last. */
  readonly reply: string | null
  /** Queued: next try; sending: when the claim ends; else null. */
  readonly dueAt: Instant | null
  readonly updatedAt: Instant
}

/** A mail that is ours to send until the claim ends. `attempts` counts this try and marks the claim: a later claim has a higher one. */
export type ClaimedMail = MailIntent & { readonly attempts: number }

export interface OutboxCounts {
  readonly queued: number
  readonly sending: number
  readonly accepted: number
  readonly refused: number
  /** When the oldest mail not yet sent became due by its event; null when all are sent. */
  readonly oldestUnsentAt: Instant | null
}

/** Mails to send and mails sent, so that none is lost and none is sent twice but one that was in flight when a process died. */
export interface Outbox {
  /**
   * Queues mails, in the transaction that moves the reactor's checkpoint; one that is there already (by key) is left as it is.
   * @returns ids of the new ones, in no order
   */
  add(intents: readonly MailIntent[], tx: Sql, now: Instant): Promise<readonly string[]>
  /** Ids of mails to send now, oldest first: due ones, and those whose sender died. */
  unsent(options: { readonly now: Instant; readonly limit: number }): Promise<readonly string[]>
  /** Makes a mail ours until `leaseUntil`; undefined when it isn't due, is somebody else's, or is done. */
  claim(
    id: string,
    options: { readonly now: Instant; readonly leaseUntil: Instant },
  ): Promise<ClaimedMail | undefined>
  /** These three end a claim; false when it wasn't ours any more, and then nothing is changed. */
  accept(claimed: ClaimedMail, now: Instant, reply: string): Promise<boolean>
  refuse(claimed: ClaimedMail, now: Instant, reply: string): Promise<boolean>
  retryAt(claimed: ClaimedMail, now: Instant, reply: string, dueAt: Instant): Promise<boolean>
  /** The ledger, newest first. */
  mails(options: {
    readonly recipientId?: string
    readonly eventId?: string
    readonly limit: number
  }): Promise<readonly MailRecord[]>
  counts(): Promise<OutboxCounts>
}

/** Creates or updates the outbox's tables. */
export const migrateOutbox = (pool: pg.Pool): Promise<void> =>
  migrate(pool, 'mail', outboxMigrations)

interface Row {
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
}

const MAX_REPLY = 1000

export const createOutbox = (pool: pg.Pool): Outbox => {
  const end = async (
    { id, attempts }: ClaimedMail,
    status: MailStatus,
    now: Instant,
    reply: string,
    dueAt: Instant | null,
  ): Promise<boolean> => {
    const { rowCount } = await pool.query(
      `update portcullis_mail.outbox set status = $3, due_at = $4, reply = $5, updated_at = $6
        where id = $1 and status = 'sending' and attempts = $2`,
      [id, attempts, status, dueAt, storable(reply), now],
    )
    return rowCount === 1
  }

  return {
    add: async (intents, tx, now) => {
      if (intents.length === 0) return []
      const column = <K extends keyof MailIntent>(name: K) => intents.map((intent) => intent[name])
      // In order of key, so that two transactions adding the same mails wait for each other in one direction only; of several with one key the first event counts.
      const { rows } = await tx.query<{ id: string }>(
        `insert into portcullis_mail.outbox
           (id, key, kind, recipient_id, event_id, stream, revision, at, status, due_at, updated_at)
         select m.*, 'queued', $9::timestamptz, $9::timestamptz from unnest(
           $1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::bigint[],
           $8::timestamptz[]) as m (id, key, kind, recipient_id, event_id, stream, revision, at)
         order by m.key, m.revision
         on conflict do nothing returning id`,
        [
          column('id'),
          column('key'),
          column('kind'),
          column('recipientId'),
          column('eventId'),
          column('stream'),
          column('revision'),
          column('at'),
          now,
        ],
      )
      return rows.map(({ id }) => id)
    },

    unsent: async ({ now, limit }) => {
      const { rows } = await pool.query<{ id: string }>(
        `select id from portcullis_mail.outbox where due_at <= $1 order by due_at, id limit $2`,
        [now, limit],
      )
      return rows.map(({ id }) => id)
    },

    claim: async (id, { now, leaseUntil }) => {
      const { rows } = await pool.query<Row>(
        `update portcullis_mail.outbox
            set status = 'sending', due_at = $3, attempts = attempts + 1, updated_at = $2
          where id = $1 and due_at <= $2 returning *`,
        [id, now, leaseUntil],
      )
      return rows[0] === undefined ? undefined : recordOf(rows[0])
    },

    accept: (claimed, now, reply) => end(claimed, 'accepted', now, reply, null),
    refuse: (claimed, now, reply) => end(claimed, 'refused', now, reply, null),
    retryAt: (claimed, now, reply, dueAt) => end(claimed, 'queued', now, reply, dueAt),

    mails: async ({ recipientId, eventId, limit }) => {
      const { rows } = await pool.query<Row>(
        `select * from portcullis_mail.outbox
          where ($1::text is null or recipient_id = $1) and ($2::uuid is null or event_id = $2)
          order by at desc, id limit $3`,
        [recipientId, eventId, limit],
      )
      return rows.map(recordOf)
    },

    counts: async () => {
      const { rows } = await pool.query<{ status: MailStatus; count: number; oldest: Date | null }>(
        `select status, count(*)::int as count, min(at) filter (where due_at is not null) as oldest
           from portcullis_mail.outbox group by status`,
      )
      const count = (status: MailStatus) => rows.find((row) => row.status === status)?.count ?? 0
      const oldest = rows.flatMap((row) => (row.oldest === null ? [] : [row.oldest.toISOString()]))
      return {
        queued: count('queued'),
        sending: count('sending'),
        accepted: count('accepted'),
        refused: count('refused'),
        oldestUnsentAt: oldest.sort()[0] ?? null,
      }
    },
  }
}

const recordOf = (row: Row): MailRecord => ({
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
})

/** PostgreSQL's text holds no NUL; a server's reply may. */
const storable = (reply: string): string =>
  reply.toWellFormed().replaceAll('\0', ' ').slice(0, MAX_REPLY).toWellFormed()
