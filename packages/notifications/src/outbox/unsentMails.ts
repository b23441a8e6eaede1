import type pg from 'pg'

/** Mails that wait to be sent, or to be sent again. */
export interface UnsentMails {
  readonly count: number
  /** When what the oldest one tells of happened (instant); null when there is none. */
  readonly oldestAt: string | null
}

/** Looks only at those, by their index: however many were ever sent. */
export const countUnsent = async (pool: pg.Pool): Promise<UnsentMails> => {
  const { rows } = await pool.query<{ count: number; oldest: Date | null }>(
    `select count(*)::int as count, min(at) as oldest from portcullis_mail.outbox where due_at is not null`,
  )
  const [found] = rows
  return { count: found?.count ?? 0, oldestAt: found?.oldest?.toISOString() ?? null }
}
