import { formatPosition, type Position } from '@portcullis/core'
import type { Sql } from '@portcullis/postgres'
import type pg from 'pg'

/** The checkpoints of this database count positions of another log: with this one nothing would be where they say. */
export class OtherLog extends Error {
  readonly code = 'subscriptions.other-log'
  /** The log that the checkpoints are of. */
  readonly filledFrom: string
  constructor(log: string, filledFrom: string) {
    super(
      `the views and reactors of this database follow the log ${filledFrom}, not ${log}: go on with that one, or give this log an empty database`,
    )
    this.name = 'OtherLog'
    this.filledFrom = filledFrom
  }
}

/** The log that the checkpoints of this database are of; undefined while nobody has said it. */
export const logOfCheckpoints = async (pool: pg.Pool): Promise<string | undefined> => {
  const { rows } = await pool.query<{ log: string }>(
    'select log from portcullis.log_of_checkpoints',
  )
  return rows[0]?.log
}

/**
 * Makes sure that the checkpoints of this database are of that log; the first caller says so for ever.
 * @param log its name, without a password: `postgresql`, or kind, prefix and when it began; undefined for one that is
 *   empty still and hasn't any
 * @throws OtherLog
 */
export const claimLog = async (pool: pg.Pool, log: string | undefined): Promise<void> => {
  if (log !== undefined)
    await pool.query(
      'insert into portcullis.log_of_checkpoints (log) values ($1) on conflict (single) do nothing',
      [log],
    )
  const filledFrom = await logOfCheckpoints(pool)
  if (filledFrom !== log) throw new OtherLog(log ?? 'one that is empty', filledFrom ?? 'none')
}

/** Where a reactor goes on in another log. */
export interface MovedCheckpoint {
  readonly name: string
  readonly from: Position
  readonly to: Position
}

/**
 * Lets the database follow another copy of its log: reactors go on behind the same event as before. Views must be
 * filled anew.
 * @param log as of {@link claimLog}
 * @param tx all of it or nothing
 * @throws Error when a reactor has moved since
 */
export const changeLog = async (
  tx: Sql,
  log: string,
  reactors: readonly MovedCheckpoint[],
): Promise<void> => {
  for (const { name, from, to } of reactors) {
    const { rowCount } = await tx.query(
      'update portcullis.subscription_checkpoints set position = $3 where name = $1 and position = $2',
      [name, formatPosition(from), formatPosition(to)],
    )
    if (rowCount !== 1) throw new Error(`subscription ${name} has moved on: an engine runs`)
  }
  await tx.query(
    `insert into portcullis.log_of_checkpoints (log) values ($1)
       on conflict (single) do update set log = excluded.log`,
    [log],
  )
}
