import type { Runtime } from '@portcullis/runtime'

/**
 * Fills the view of deadlines with ends of assignments, evenly spread between two times, as if they had come of a log.
 * @param fromSeconds, toSeconds after the clock's now
 */
export const fillDeadlines = async (
  { pool, clock }: Runtime,
  count: number,
  fromSeconds: number,
  toSeconds: number,
): Promise<void> => {
  await pool.query(
    `insert into portcullis_views.deadlines (key, kind, due_at, stream)
     select 'expiry:far.person-' || $3::integer || '-' || i || '.a1:1', 'expiry',
       to_char($1::timestamptz at time zone 'UTC' + ($3::integer + ($4::integer - $3::integer)::float8 * i / $2::integer) * interval '1 second',
         'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       'entitlement-far.person-' || $3::integer || '-' || i
     from generate_series(1, $2::integer) as i`,
    [clock.now(), count, fromSeconds, toSeconds],
  )
  await pool.query('vacuum analyze portcullis_views.deadlines_v3')
}
