import { addMillis, type Instant } from '@portcullis/core'
import { migrate, type Sql } from '@portcullis/postgres'
import type pg from 'pg'
import { gatheredKinds, type MailIntent, type MailKind } from '../mailIntent.ts'
import { LONGEST_WAIT } from '../retries.ts'
import { claimGathering, claimRows } from './claim.ts'
import { outboxMigrations } from './outbox.migrations.ts'
import { type MailRecord, type MailStatus, type Row, recordOf, storable } from './outboxRow.ts'

/**
 * A mail that is ours to send until the claim ends. `attempts` counts this try and marks the claim: a later claim has a
 * higher one.
 */
export type ClaimedMail = MailIntent & {
  readonly attempts: number
  /** Is one mail of several gathered ones, or might have been: what isn't needed any more is left out of it. */
  readonly gathered: boolean
  /**
   * Others that are sent in this one, by time. They stay the same at every try: the one who got the mail has got them.
   */
  readonly covers: readonly MailIntent[]
}

export interface OutboxCounts {
  readonly queued: number
  readonly sending: number
  readonly accepted: number
  readonly refused: number
  readonly withdrawn: number
  /** When the oldest mail not yet sent became due by its event; null when all are sent. */
  readonly oldestUnsentAt: Instant | null
}

export interface OutboxOptions {
  /**
   * Mails of gathered kinds wait so long for others to the same person, which are then sent with them. Default 0: each
   * goes on its own at once.
   */
  readonly digestMillis?: number
}

/**
 * Mails to send and mails sent, so that none is lost and none is sent twice but one that was in flight when a process
 * died.
 */
export interface Outbox {
  /**
   * Queues mails, in the transaction that moves the reactor's checkpoint; one that is there already (by key) is left as
   * it is.
   * @returns the new ones and when each is due, in no order
   */
  add(intents: readonly MailIntent[], tx: Sql, now: Instant): Promise<readonly QueuedMail[]>
  /**
   * The newest mail of these kinds that each stream has given its subject.
   * @param asked stream and subject
   * @returns its key, by stream; those without one are missing
   */
  newest(
    asked: readonly (readonly [stream: string, recipientId: string])[],
    kinds: readonly MailKind[],
    sql: Sql,
  ): Promise<ReadonlyMap<string, string>>
  /**
   * Ids of mails to send now, oldest first: due ones, and those whose sender died; also those that a clock which was
   * ahead has put off for longer than any mail waits.
   */
  unsent(options: { readonly now: Instant; readonly limit: number }): Promise<readonly string[]>
  /**
   * Makes a mail ours until `leaseUntil`, with those that are gathered into it; undefined when it isn't due, is
   * somebody else's, goes in another one, or is done.
   */
  claim(
    id: string,
    options: { readonly now: Instant; readonly leaseUntil: Instant },
  ): Promise<ClaimedMail | undefined>
  /**
   * These end a claim, and what became of the mail became of all that it covers; false when it wasn't ours any more,
   * and then nothing is changed.
   * @param leftOut ids of those that weren't in it because they weren't needed any more
   */
  accept(
    claimed: ClaimedMail,
    now: Instant,
    reply: string,
    leftOut?: readonly string[],
  ): Promise<boolean>
  refuse(claimed: ClaimedMail, now: Instant, reply: string): Promise<boolean>
  withdraw(claimed: ClaimedMail, now: Instant, reply: string): Promise<boolean>
  retryAt(claimed: ClaimedMail, now: Instant, reply: string, dueAt: Instant): Promise<boolean>
  /**
   * Makes refused and waiting mails due now, with all that went or goes in the same one.
   * @returns which of these are; the others are sent, being sent, withdrawn, or unknown
   */
  retryNow(ids: readonly string[], now: Instant): Promise<readonly string[]>
  /** The ledger, newest first. */
  mails(options: {
    readonly recipientId?: string
    readonly eventId?: string
    readonly status?: MailStatus
    readonly limit: number
  }): Promise<readonly MailRecord[]>
  counts(): Promise<OutboxCounts>
}

export interface QueuedMail {
  readonly id: string
  readonly dueAt: Instant
}

/** Creates or updates the outbox's tables. */
export const migrateOutbox = (pool: pg.Pool): Promise<void> =>
  migrate(pool, 'mail', outboxMigrations)

const CLOCKS_DIFFER = 300_000
const LEFT_OUT = 'not needed any more when its turn came'

export const createOutbox = (pool: pg.Pool, { digestMillis = 0 }: OutboxOptions = {}): Outbox => {
  /** Further ahead than any mail waits: set by a clock that was ahead, and due. */
  const beyondWaits = (now: Instant): Instant =>
    addMillis(now, Math.max(LONGEST_WAIT, digestMillis) + CLOCKS_DIFFER)
  const end = async (
    { id, attempts }: ClaimedMail,
    status: MailStatus,
    now: Instant,
    reply: string,
    dueAt: Instant | null,
    leftOut: readonly string[] = [],
  ): Promise<boolean> => {
    const { rowCount } = await pool.query(
      `update portcullis_mail.outbox
          set status = case when id = any($7::uuid[]) then 'withdrawn' else $3 end,
              reply = case when id = any($7::uuid[]) then $8 else $5 end,
              due_at = $4, updated_at = $6
        where (id = $1 or digest_id = $1) and status = 'sending' and attempts = $2`,
      [id, attempts, status, dueAt, storable(reply), now, leftOut, LEFT_OUT],
    )
    return (rowCount ?? 0) > 0
  }

  return {
    add: async (intents, tx, now) => {
      if (intents.length === 0) return []
      const column = <K extends keyof MailIntent>(name: K) => intents.map((intent) => intent[name])
      // In order of key, so that two transactions adding the same mails wait for each other in one direction only; of
      // several with one key the first event counts.
      const { rows } = await tx.query<{ id: string; due_at: Date }>(
        `insert into portcullis_mail.outbox
           (id, key, kind, recipient_id, event_id, stream, revision, at, status, due_at, updated_at)
         select m.*, 'queued', case when m.kind = any($10) then $11::timestamptz else $9::timestamptz end, $9::timestamptz from unnest(
           $1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::bigint[],
           $8::timestamptz[]) as m (id, key, kind, recipient_id, event_id, stream, revision, at)
         order by m.key, m.revision
         on conflict do nothing returning id, due_at`,
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
          gatheredKinds,
          addMillis(now, digestMillis),
        ],
      )
      return rows.map(({ id, due_at }) => ({ id, dueAt: due_at.toISOString() }))
    },

    newest: async (asked, kinds, sql) => {
      const { rows } = await sql.query<{ stream: string; key: string }>(
        `select asked.stream, newest.key from unnest($1::text[], $2::text[]) as asked (stream, recipient_id)
         cross join lateral (select key from portcullis_mail.outbox as mail
           where mail.recipient_id = asked.recipient_id and mail.stream = asked.stream and kind = any($3)
           order by revision desc limit 1) as newest`,
        [asked.map(([stream]) => stream), asked.map(([, recipientId]) => recipientId), kinds],
      )
      return new Map(rows.map(({ stream, key }) => [stream, key]))
    },

    unsent: async ({ now, limit }) => {
      const { rows } = await pool.query<{ id: string }>(
        `select id from portcullis_mail.outbox where (due_at <= $1 or due_at > $3) and digest_id is null order by due_at, id limit $2`,
        [now, limit, beyondWaits(now)],
      )
      return rows.map(({ id }) => id)
    },

    claim: async (id, asked) => {
      const options = { ...asked, beyond: beyondWaits(asked.now) }
      const rows =
        digestMillis > 0
          ? await claimGathering(pool, id, options)
          : await claimRows(pool, id, options, 0)
      const leader = rows.find((row) => row.id === id)
      if (leader === undefined) return undefined
      const covers = rows.filter((row) => row !== leader).map(recordOf)
      return {
        ...recordOf(leader),
        gathered: covers.length > 0 || (digestMillis > 0 && gatheredKinds.includes(leader.kind)),
        covers: covers.sort((one, other) => (one.at < other.at ? -1 : 1)),
      }
    },

    accept: (claimed, now, reply, leftOut) => end(claimed, 'accepted', now, reply, null, leftOut),
    refuse: (claimed, now, reply) => end(claimed, 'refused', now, reply, null),
    withdraw: (claimed, now, reply) => end(claimed, 'withdrawn', now, reply, null),
    retryAt: (claimed, now, reply, dueAt) => end(claimed, 'queued', now, reply, dueAt),

    retryNow: async (ids, now) => {
      const { rows } = await pool.query<{ id: string }>(
        `update portcullis_mail.outbox set status = 'queued', due_at = $2, updated_at = $2
          where status in ('queued', 'refused') and coalesce(digest_id, id) in
            (select coalesce(digest_id, id) from portcullis_mail.outbox where id = any($1::uuid[]))
          returning id`,
        [ids, now],
      )
      return rows.map(({ id }) => id).filter((id) => ids.includes(id))
    },

    mails: async ({ recipientId, eventId, status, limit }) => {
      const { rows } = await pool.query<Row>(
        `select * from portcullis_mail.outbox
          where ($1::text is null or recipient_id = $1) and ($2::uuid is null or event_id = $2)
            and ($4::text is null or status = $4)
          order by at desc, id limit $3`,
        [recipientId, eventId, limit, status],
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
        withdrawn: count('withdrawn'),
        oldestUnsentAt: oldest.sort()[0] ?? null,
      }
    },
  }
}
