import type { Instant } from '@portcullis/core'
import { inTransaction, type Sql } from '@portcullis/postgres'
import type pg from 'pg'
import { gatheredKinds } from '../mailIntent.ts'
import type { Row } from './outboxRow.ts'

/** So many go into one mail: with long names and justifications it still stays below what Gmail cuts. */
const MOST_GATHERED = 30

export interface ClaimOptions {
  readonly now: Instant
  readonly leaseUntil: Instant
  /** What is due after this was put off by a clock that was ahead. */
  readonly beyond: Instant
}

/** One after the other for each person: two digests to them at the same time would each take a part. */
export const claimGathering = (
  pool: pg.Pool,
  id: string,
  options: ClaimOptions,
): Promise<readonly Row[]> =>
  inTransaction(pool, async (tx) => {
    await tx.query(
      `select pg_advisory_xact_lock(hashtextextended('portcullis-mail:' || recipient_id, 0))
         from portcullis_mail.outbox where id = $1 and attempts = 0 and kind = any($2)`,
      [id, gatheredKinds],
    )
    return await claimRows(tx, id, options, MOST_GATHERED - 1)
  })

/**
 * The mail, what it covers, and at its first try up to `most` others that wait for the same person and haven't been
 * tried.
 */
export const claimRows = async (
  sql: Sql | pg.Pool,
  id: string,
  { now, leaseUntil, beyond }: ClaimOptions,
  most: number,
): Promise<readonly Row[]> => {
  const { rows } = await sql.query<Row>(
    `with leader as (
       update portcullis_mail.outbox
          set status = 'sending', due_at = $3, attempts = attempts + 1, updated_at = $2
        where id = $1 and (due_at <= $2 or due_at > $6) and digest_id is null returning *),
     picked as (
       select o.id from portcullis_mail.outbox o, leader l
        where $4 > 0 and l.attempts = 1 and l.kind = any($5) and o.kind = l.kind and o.id <> l.id
          and o.recipient_id = l.recipient_id and o.status = 'queued' and o.attempts = 0 and o.digest_id is null
        order by o.at, o.id limit $4 for update of o skip locked),
     covered as (
       update portcullis_mail.outbox o
          set status = 'sending', due_at = $3, attempts = l.attempts, updated_at = $2, digest_id = l.id
         from leader l
        where (o.digest_id = l.id and o.due_at is not null) or o.id in (select id from picked) returning o.*)
     select * from leader union all select * from covered`,
    [id, now, leaseUntil, most, gatheredKinds, beyond],
  )
  return rows
}
