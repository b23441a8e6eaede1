import type { Instant } from '@portcullis/core'
import { sql } from 'kysely'
import type { Page, ProblemCounts, ProblemState, ProblemView } from '../rows.ts'
import { type PageRequest, pageOf } from './cursor.ts'
import type { ViewsSql } from './database.ts'

/** What is absent doesn't filter; an empty list lets nothing through. */
export interface ProblemFilters {
  readonly resourceIds?: readonly string[] | undefined
  readonly operation?: ProblemView['operation'] | undefined
  readonly state?: ProblemState | undefined
  /** Only what has been so since before this instant. */
  readonly sinceBefore?: Instant | undefined
  /** Only what concerns an assignment of one of these packages. */
  readonly packageIds?: readonly string[] | undefined
  /** The same once more: what the caller may see. */
  readonly withinPackageIds?: readonly string[] | undefined
}

export interface ProblemQueries {
  /**
   * What isn't as it should be, the longest first: access that fails to be granted or taken away, that waits for somebody, or that nobody has got to by `overdueBefore`;
   * access that an ended assignment still holds; and drift that is only reported (promise 2).
   */
  problems(
    page: PageRequest,
    overdueBefore: Instant,
    filters?: ProblemFilters,
  ): Promise<Page<ProblemView>>
  /** How many there are, in all and by state, operation and resource. */
  problemCounts(overdueBefore: Instant, filters?: ProblemFilters): Promise<readonly ProblemCounts[]>
}

/** Digits of the cursor: those of the instant, then the position of the grant's first event. */
const SINCE_DIGITS = 17
const POSITION_DIGITS = 19

export const problemQueries = (db: ViewsSql): ProblemQueries => ({
  problems: (page, overdueBefore, filters = {}) =>
    pageOf(
      'problems',
      page,
      async (after, limit) => {
        let query = filtered(db, overdueBefore, filters)
          .select([
            'id',
            'resource_id as resourceId',
            'role_id as roleId',
            'subject_id as subjectId',
            'operation',
            'state',
            'since',
            'assignment_ids as assignmentIds',
            'attempts',
            'error',
            'next_try_at as nextTryAt',
          ])
          .select(sql<string>`${sinceDigits} || lpad(seq::text, ${POSITION_DIGITS}, '0')`.as('seq'))
        if (after !== null) {
          const since = instantOf(after)
          const position = after.slice(SINCE_DIGITS)
          query = query.where(sql<boolean>`(${sinceText}, seq) > (${since}, ${position}::bigint)`)
        }
        return query.orderBy(sinceText).orderBy('seq').limit(limit).execute()
      },
      SINCE_DIGITS + POSITION_DIGITS,
    ),
  problemCounts: async (overdueBefore, filters = {}) => {
    const rows = await filtered(db, overdueBefore, filters)
      .select(['state', 'operation', 'resource_id as resourceId'])
      .select([sql<string>`count(*)`.as('count'), sql<Instant>`min(since)`.as('oldest')])
      .groupBy(['state', 'operation', 'resource_id'])
      .orderBy('resource_id')
      .orderBy('operation')
      .orderBy('state')
      .execute()
    return rows.map((row) => ({ ...row, count: Number(row.count) }))
  },
})

/** Instants are ordered as texts. */
const sinceText = sql<string>`since collate "C"`
const sinceDigits = sql<string>`translate(since, '-T:.Z', '')`

/** The instant whose digits a cursor begins with. */
const instantOf = (digits: string): Instant =>
  digits
    .slice(0, SINCE_DIGITS)
    .replace(/^(.{4})(..)(..)(..)(..)(..)(...)$/, '$1-$2-$3T$4:$5:$6.$7Z')

const filtered = (db: ViewsSql, overdueBefore: Instant, filters: ProblemFilters) => {
  const { resourceIds, operation, state, sinceBefore, packageIds, withinPackageIds } = filters
  let query = db.selectFrom(
    openGrants(db, overdueBefore)
      .unionAll(stillHeld(db, overdueBefore))
      .unionAll(reportedDrift(db))
      .as('problem'),
  )
  if (resourceIds) query = query.where('resource_id', '=', sql<string>`any(${resourceIds})`)
  if (operation !== undefined) query = query.where('operation', '=', operation)
  if (state !== undefined) query = query.where('state', '=', state)
  if (sinceBefore !== undefined) query = query.where('since', '<', sinceBefore)
  for (const packages of [packageIds, withinPackageIds])
    if (packages) query = query.where(concerns(packages))
  return query
}

/** An assignment's id begins with its package's. */
const concerns = (packageIds: readonly string[]) =>
  sql<boolean>`exists (select from jsonb_array_elements_text(assignment_ids) as concerned(id)
    where split_part(concerned.id, '.', 1) = any(${packageIds}))`

/** Grants whose desired and actual state differ: that fail, or that nobody has seen to in time. */
const openGrants = (db: ViewsSql, overdueBefore: Instant) =>
  db
    .selectFrom('grants')
    .select(['id', 'seq', 'resource_id', 'role_id', 'subject_id'])
    .select([
      sql<'grant' | 'revoke'>`case when holder_ids = '[]' then 'revoke' else 'grant' end`.as(
        'operation',
      ),
      sql<ProblemState>`case
        when wait = 'operator' then 'awaiting-operator'
        when awaited_since is not null then 'awaiting-fulfilment'
        when grants.operation is not null and lease_until is not null then 'under-way'
        when failing_since is not null then 'failing'
        else 'waiting' end`.as('state'),
      // What is overdue is so since its end, whenever the first try failed.
      sql<Instant>`coalesce(ended_at, failing_since, open_since, updated_at)`.as('since'),
      sql<readonly string[]>`case when holder_ids = '[]' then released_ids else holder_ids end`.as(
        'assignment_ids',
      ),
      sql<number>`case when failing_since is null then 0 else failed_attempts end`.as('attempts'),
      sql<ProblemView['error']>`case when failing_since is not null then last_error end`.as(
        'error',
      ),
      // What is done by hand is given up then, and ordered again.
      sql<Instant | null>`case
        when awaited_since is not null then lease_until
        when failing_since is not null then retry_at end`.as('next_try_at'),
    ])
    .where('settled', '=', false)
    .where(({ or, eb }) =>
      or([
        eb('failing_since', 'is not', null),
        eb('ended_at', '<', overdueBefore),
        eb('open_since', '<', overdueBefore),
      ]),
    )

/** Access that is in place although every assignment that holds it has ended: nobody has let go of it yet. */
const stillHeld = (db: ViewsSql, overdueBefore: Instant) =>
  db
    .selectFrom('assignments')
    .innerJoin('grant_holds', 'grant_holds.assignment_id', 'assignments.id')
    .innerJoin('grants', 'grants.id', 'grant_holds.grant_id')
    .select(['grants.id', 'grants.seq', 'grants.resource_id', 'grants.role_id'])
    .select(['grants.subject_id'])
    .select([
      sql<'grant' | 'revoke'>`'revoke'`.as('operation'),
      sql<ProblemState>`'waiting'`.as('state'),
      sql<Instant>`max(least(assignments.ended_at, assignments.end_at))`.as('since'),
      sql<readonly string[]>`jsonb_agg(assignments.id order by assignments.id)`.as(
        'assignment_ids',
      ),
      sql<number>`0`.as('attempts'),
      sql<ProblemView['error']>`null::jsonb`.as('error'),
      sql<Instant | null>`null::text`.as('next_try_at'),
    ])
    .where('grant_holds.held', '=', true)
    .where('assignments.ended', '=', true)
    .where('assignments.settled', '=', false)
    .where('assignments.ended_at', '<', overdueBefore)
    .where('grants.settled', '=', true)
    .groupBy(['grants.id', 'grants.seq', 'grants.resource_id', 'grants.role_id'])
    .groupBy(['grants.subject_id', 'grants.holder_ids'])
    .having(sql<boolean>`count(*) = jsonb_array_length(grants.holder_ids)`)

/** What a scan has found and policy leaves to people. */
const reportedDrift = (db: ViewsSql) =>
  db
    .selectFrom('grants')
    .select(['id', 'seq', 'resource_id', 'role_id', 'subject_id'])
    .select([
      sql<'grant' | 'revoke'>`case drift when 'missing' then 'grant' else 'revoke' end`.as(
        'operation',
      ),
      sql<ProblemState>`'drift'`.as('state'),
      sql<Instant>`updated_at`.as('since'),
      sql<readonly string[]>`holder_ids`.as('assignment_ids'),
      sql<number>`0`.as('attempts'),
      sql<ProblemView['error']>`null::jsonb`.as('error'),
      sql<Instant | null>`null::text`.as('next_try_at'),
    ])
    .where('settled', '=', true)
    .where('drift', 'is not', null)
