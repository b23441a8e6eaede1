import type { Instant } from '@portcullis/core'
import { sql } from 'kysely'
import type { OpenRemovals, RemovalHistogram, RemovalLag } from '../rows.ts'
import type { ViewsSql } from './database.ts'

/** What is absent doesn't filter. */
export interface RemovalFilters {
  readonly resourceIds?: readonly string[] | undefined
  /** Removed at or after this instant. */
  readonly from?: Instant | undefined
  /** Removed before it. */
  readonly to?: Instant | undefined
}

export interface RemovalQueries {
  /**
   * How long access outlived its end, by resource; and what is still to be taken away, whatever the time asked for
   * (promise 2). By resource id.
   */
  removalLags(filters?: RemovalFilters): Promise<readonly RemovalLag[]>
  /** What is still to be taken away: only resources where something is. */
  openRemovals(resourceIds?: readonly string[]): Promise<readonly OpenRemovals[]>
  /**
   * The same since the beginning of the log, as counts of removals that took at most so many milliseconds. By resource
   * id.
   */
  removalHistograms(bounds: readonly number[]): Promise<readonly RemovalHistogram[]>
}

export const removalQueries = (db: ViewsSql): RemovalQueries => ({
  removalLags: async ({ resourceIds, from, to } = {}) => {
    let done = db
      .selectFrom('removals')
      .select(['resource_id as resourceId', sql<string>`count(*)`.as('count')])
      .select([percentile(0.5).as('p50'), percentile(0.95).as('p95'), percentile(0.99).as('p99')])
      .select(sql<string>`max(lag_millis)`.as('max'))
      .groupBy('resource_id')
    if (resourceIds) done = done.where('resource_id', '=', sql<string>`any(${resourceIds})`)
    if (from !== undefined) done = done.where('removed_at', '>=', from)
    if (to !== undefined) done = done.where('removed_at', '<', to)
    const [removed, waiting] = await Promise.all([done.execute(), openRemovals(db, resourceIds)])
    const lags = new Map(removed.map((row) => [row.resourceId, row]))
    const opens = new Map(waiting.map((row) => [row.resourceId, row]))
    return [...new Set([...lags.keys(), ...opens.keys()])].sort().map((resourceId) => {
      const lag = lags.get(resourceId)
      return {
        resourceId,
        removed: Number(lag?.count ?? 0),
        millis: lag ? { p50: lag.p50, p95: lag.p95, p99: lag.p99, max: Number(lag.max) } : null,
        open: opens.get(resourceId)?.open ?? 0,
        oldestEndedAt: opens.get(resourceId)?.oldestEndedAt ?? null,
      }
    })
  },
  openRemovals: (resourceIds) => openRemovals(db, resourceIds),
  removalHistograms: async (bounds) => {
    const rows = await db
      .selectFrom('removals')
      .select(['resource_id as resourceId', sql<string>`count(*)`.as('count')])
      .select(sql<string>`sum(lag_millis)`.as('sumMillis'))
      .select(
        sql<readonly number[]>`array[${sql.join(
          bounds.map(
            (bound) => sql`(count(*) filter (where lag_millis <= ${sql.lit(bound)}))::int`,
          ),
        )}]`.as('atMost'),
      )
      .groupBy('resource_id')
      .orderBy('resource_id')
      .execute()
    return rows.map((row) => ({
      ...row,
      count: Number(row.count),
      sumMillis: Number(row.sumMillis),
    }))
  },
})

const openRemovals = async (
  db: ViewsSql,
  resourceIds: readonly string[] | undefined,
): Promise<readonly OpenRemovals[]> => {
  let query = db
    .selectFrom(released(db).unionAll(notReleased(db)).as('open'))
    .select(['resource_id as resourceId', sql<string>`count(*)`.as('count')])
    .select(sql<Instant>`min(ended_at)`.as('oldestEndedAt'))
    .groupBy('resource_id')
    .orderBy('resource_id')
  if (resourceIds) query = query.where('resource_id', '=', sql<string>`any(${resourceIds})`)
  const rows = await query.execute()
  return rows.map(({ count, ...row }) => ({ ...row, open: Number(count) }))
}

/** Of the values that there are, the one that the share is at or below: no time is made up between two. */
const percentile = (share: number) =>
  sql<number>`(percentile_disc(${sql.lit(share)}) within group (order by lag_millis))::float8`

/** Nobody holds it any more, and it isn't gone. */
const released = (db: ViewsSql) =>
  db
    .selectFrom('grants')
    .select(['resource_id', sql<Instant>`ended_at`.as('ended_at')])
    .where('settled', '=', false)
    .where('ended_at', 'is not', null)

/** Held by ended assignments alone: nobody has let go of it yet. */
const notReleased = (db: ViewsSql) =>
  db
    .selectFrom('assignments')
    .innerJoin('grant_holds', 'grant_holds.assignment_id', 'assignments.id')
    .innerJoin('grants', 'grants.id', 'grant_holds.grant_id')
    .select([
      'grants.resource_id',
      sql<Instant>`max(least(assignments.ended_at, assignments.end_at))`.as('ended_at'),
    ])
    .where('grant_holds.held', '=', true)
    .where('assignments.ended', '=', true)
    .where('assignments.settled', '=', false)
    .groupBy(['grants.id', 'grants.resource_id', 'grants.holder_ids'])
    .having(sql<boolean>`count(*) = jsonb_array_length(grants.holder_ids)`)
