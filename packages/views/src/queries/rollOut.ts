import type { Instant } from '@portcullis/core'
import { sql } from 'kysely'
import { spanOf } from '../entitlements/progress.fold.ts'
import type { RollOutCounts } from '../rows.ts'
import type { ViewsSql } from './database.ts'
import type { RolesVersion } from './workQueries.ts'

/**
 * How far a version of a package's roles has got to its active assignments (S5, S6): from what is, so that it is right
 * after any failure.
 * Failed: a role can't be delivered, or one that went away can't be taken back; it is tried again. What is neither up
 * to date nor failed is left.
 * @param since how many got there from then on
 */
export const countRollOut = async (
  db: ViewsSql,
  { packageId, version, alike }: RolesVersion,
  since: Instant,
): Promise<RollOutCounts> => {
  const [row, leaving] = await Promise.all([
    db.selectFrom('progress').selectAll().where('id', '=', packageId).executeTakeFirst(),
    countLeaving(db, packageId, version),
  ])
  const groups = Object.entries(row?.counts ?? {}).map(([key, count]) => {
    const [own = '', status] = key.split(':')
    return { isThere: Number(own) >= version || alike.includes(Number(own)), status, count }
  })
  const sum = (wanted: (group: (typeof groups)[number]) => boolean): number =>
    groups.filter(wanted).reduce((total, { count }) => total + count, 0)
  const total = sum(() => true)
  const upToDate = Math.max(
    0,
    sum(({ isThere, status }) => isThere && status === 'Delivered') - leaving.count,
  )
  const failed = Math.min(
    total - upToDate,
    sum(({ status }) => status === 'PartiallyDelivered') + leaving.failing,
  )
  const recent = Object.entries(row?.arrivals ?? {})
    .filter(([span]) => span >= spanOf(since))
    .reduce((count, [, arrived]) => count + arrived, 0)
  return {
    total,
    upToDate,
    failed,
    left: total - upToDate - failed,
    lastAt: row?.last_at ?? null,
    recent,
  }
}

/**
 * Assignments that have all they should, and something on its way out. Grants that nobody should hold any more are few
 * at any time: from them to the assignments that let go of them.
 */
const countLeaving = async (
  db: ViewsSql,
  packageId: string,
  version: number,
): Promise<{ readonly count: number; readonly failing: number }> => {
  const leaving = db
    .selectFrom('grants')
    .innerJoin('assignments', 'assignments.subject_id', 'grants.subject_id')
    .innerJoin('grant_holds', (join) =>
      join
        .onRef('grant_holds.assignment_id', '=', 'assignments.id')
        .onRef('grant_holds.grant_id', '=', 'grants.id'),
    )
    .select(sql<boolean>`bool_or(grants.failed_attempts > 0)`.as('failing'))
    .where('grants.settled', '=', false)
    .where('grant_holds.held', '=', false)
    .where('assignments.package_id', '=', packageId)
    .where('assignments.active', '=', true)
    .where('assignments.status', '=', 'Delivered')
    .where('assignments.roles_version', '>=', version)
    .groupBy('assignments.id')
  const row = await db
    .selectFrom(leaving.as('leaving'))
    .select([
      sql<string>`count(*)`.as('count'),
      sql<string>`count(*) filter (where failing)`.as('failing'),
    ])
    .executeTakeFirstOrThrow()
  return { count: Number(row.count), failing: Number(row.failing) }
}
