import type { Instant } from '@portcullis/core'
import { sql } from 'kysely'
import type { Page, ProblemCounts, ProblemKind, ProblemState, ProblemView } from '../rows.ts'
import { type PageRequest, pageOf } from './cursor.ts'
import type { ViewsSql } from './database.ts'
import { found, openGrants, reportedDrift, stillHeld } from './problemSources.ts'

/** What is absent doesn't filter; an empty list lets nothing through. */
export interface ProblemFilters {
  readonly kinds?: readonly ProblemKind[] | undefined
  readonly resourceIds?: readonly string[] | undefined
  readonly operation?: ProblemView['operation'] | undefined
  readonly state?: ProblemState | undefined
  /** Only what has been so since before this instant. */
  readonly sinceBefore?: Instant | undefined
  /** Only what concerns one of these packages: an assignment or a request of it, or itself. */
  readonly packageIds?: readonly string[] | undefined
  /** What the caller may see: nothing is asked of others, also not whether there are any. */
  readonly withinPackageIds?: readonly string[] | undefined
}

export interface ProblemQueries {
  /**
   * What isn't as it should be, the longest first: access that fails to be granted or taken away, that waits for
   * somebody, or that nobody has got to by `overdueBefore`; access that an ended assignment still holds; drift that is
   * only reported (promise 2); and what checks have found.
   */
  problems(
    page: PageRequest,
    overdueBefore: Instant,
    filters?: ProblemFilters,
  ): Promise<Page<ProblemView>>
  /** How many there are, by kind, state, operation and resource. */
  problemCounts(overdueBefore: Instant, filters?: ProblemFilters): Promise<readonly ProblemCounts[]>
}

/**
 * Digits of the cursor: those of the instant, then the position of the grant's first event, or the finding's place
 * behind all of them.
 */
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
            'kind',
            'package_id as packageId',
            'resource_id as resourceId',
            'role_id as roleId',
            'subject_id as subjectId',
            'operation',
            'state',
            'since',
            'assignment_ids as assignmentIds',
            'request_ids as requestIds',
            'attempts',
            'error',
            'detail',
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
      .select(['kind', 'state', 'operation', 'resource_id as resourceId'])
      .select([sql<string>`count(*)`.as('count'), sql<Instant>`min(since)`.as('oldest')])
      .groupBy(['kind', 'state', 'operation', 'resource_id'])
      .orderBy('kind')
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
  const { kinds, resourceIds, operation, state, sinceBefore } = filters
  let query = db.selectFrom(
    openGrants(db, overdueBefore)
      .unionAll(stillHeld(db, overdueBefore))
      .unionAll(reportedDrift(db))
      .unionAll(found(db))
      .as('problem'),
  )
  if (kinds) query = query.where('kind', '=', sql<ProblemKind>`any(${kinds})`)
  if (resourceIds) query = query.where('resource_id', '=', sql<string>`any(${resourceIds})`)
  if (operation !== undefined) query = query.where('operation', '=', operation)
  if (state !== undefined) query = query.where('state', '=', state)
  if (sinceBefore !== undefined) query = query.where('since', '<', sinceBefore)
  const packageIds = seenOf(filters)
  if (packageIds) query = query.where(concerns(packageIds))
  return query
}

/** Of a package that the caller may not see, nothing is told: also not whether what they see is held through it too. */
const seenOf = ({ packageIds, withinPackageIds }: ProblemFilters): readonly string[] | undefined =>
  withinPackageIds === undefined
    ? packageIds
    : (packageIds?.filter((id) => withinPackageIds.includes(id)) ?? withinPackageIds)

/** The id of an assignment or a request begins with its package's. */
const concerns = (packageIds: readonly string[]) =>
  sql<boolean>`(package_id = any(${packageIds}) or exists (
    select from jsonb_array_elements_text(assignment_ids || request_ids) as concerned(id)
    where split_part(concerned.id, '.', 1) = any(${packageIds})))`
