import type { Instant } from '@portcullis/core'
import { sql } from 'kysely'
import type { AssignmentView, DeadlineView, GrantView } from '../rows.ts'
import { withoutSeq } from './cursor.ts'
import { ASSIGNMENT, GRANT, type ViewsSql } from './database.ts'

/** What the sweeper and the fan-out ask: what is due, and what isn't as it should be. */
export interface WorkQueries {
  /** Deadlines due at `now`, the earliest first, then by key; `after` continues behind the last one of an earlier answer. */
  dueDeadlines(
    now: Instant,
    limit: number,
    after?: Pick<DeadlineView, 'dueAt' | 'key'>,
  ): Promise<readonly DeadlineView[]>
  /** The distinct instants after `from` and up to `to` at which something is due, the earliest first, at most 10,000: when to set an alarm. */
  deadlineTimes(from: Instant, to: Instant): Promise<readonly Instant[]>
  /**
   * Entitlements that need a reconcile, by id, after the id `after`: an active assignment with something left to deliver or behind its package's roles;
   * an ended one with something left to revoke; access held for an assignment that has ended (promise 2).
   * Left alone when they, or their package, changed at `updatedBefore` or later: somebody is at it.
   */
  unsettledEntitlements(options: {
    readonly updatedBefore: Instant
    readonly after?: string | undefined
    readonly limit: number
  }): Promise<readonly string[]>
  /** Grants whose desired and actual state differ, by id, after the id `after`, and which may be worked on at `now`: no lease is running, no wait for a retry or an operator. */
  unsettledGrants(options: {
    readonly updatedBefore: Instant
    readonly now: Instant
    readonly after?: string | undefined
    readonly limit: number
  }): Promise<readonly GrantView[]>
  /** Active assignments of a package, oldest first. `next` is null behind the last one; assignments that start meanwhile are at the end. */
  activeAssignmentsOfPackage(
    packageId: string,
    after: string | null,
    limit: number,
  ): Promise<{ readonly items: readonly AssignmentView[]; readonly next: string | null }>
  /** What is open: grants that aren't as they should be, and since when the oldest of them waits (promise 2). */
  openGrants(): Promise<{ readonly count: number; readonly oldest: Instant | null }>
}

export const workQueries = (db: ViewsSql): WorkQueries => ({
  dueDeadlines: (now, limit, after) => {
    let query = db
      .selectFrom('deadlines')
      .select(['key', 'kind', 'due_at as dueAt', 'stream'])
      .where('due_at', '<=', now)
    if (after !== undefined) {
      query = query.where(sql<boolean>`(due_at, key) > (${after.dueAt}, ${after.key})`)
    }
    return query.orderBy('due_at').orderBy('key').limit(limit).execute()
  },
  deadlineTimes: async (from, to) => {
    const rows = await db
      .selectFrom('deadlines')
      .select('due_at')
      .distinct()
      .where('due_at', '>', from)
      .where('due_at', '<=', to)
      .orderBy('due_at')
      .limit(10_000)
      .execute()
    return rows.map((row) => row.due_at)
  },
  unsettledEntitlements: ({ updatedBefore, after = '', limit }) =>
    unsettledEntitlements(db, updatedBefore, after, limit),
  unsettledGrants: ({ updatedBefore, now, after = '', limit }) =>
    db
      .selectFrom('grants')
      .select(GRANT)
      .where('settled', '=', false)
      .where('updated_at', '<', updatedBefore)
      .where(({ or, eb }) => or([eb('lease_until', 'is', null), eb('lease_until', '<=', now)]))
      // `operator` is greater than every instant.
      .where(({ or, eb }) => or([eb('wait', 'is', null), eb('wait', '<=', now)]))
      .where('id', '>', after)
      .orderBy('id')
      .limit(limit)
      .execute(),
  activeAssignmentsOfPackage: async (packageId, after, limit) => {
    let query = db
      .selectFrom('assignments')
      .select(ASSIGNMENT)
      .select('seq')
      .where('package_id', '=', packageId)
      .where('active', '=', true)
    if (after !== null) query = query.where('seq', '>', after)
    const rows = await query.orderBy('seq').limit(limit).execute()
    const full = rows.length === limit ? rows.at(-1) : undefined
    return { items: rows.map(withoutSeq), next: full?.seq ?? null }
  },
  openGrants: async () => {
    const row = await db
      .selectFrom('grants')
      .select([sql<string>`count(*)`.as('count'), sql<string | null>`min(updated_at)`.as('oldest')])
      .where('settled', '=', false)
      .executeTakeFirstOrThrow()
    return { count: Number(row.count), oldest: row.oldest }
  },
})

const unsettledEntitlements = async (
  db: ViewsSql,
  updatedBefore: Instant,
  after: string,
  limit: number,
): Promise<readonly string[]> => {
  const undelivered = db
    .selectFrom('assignments')
    .select('entitlement_id as id')
    .where('settled', '=', false)
    .where('updated_at', '<', updatedBefore)
  const behind = db
    .selectFrom('packages')
    .innerJoin('assignments', (join) =>
      join
        .onRef('assignments.package_id', '=', 'packages.id')
        .onRef('assignments.roles_version', '<', 'packages.roles_version')
        .on('assignments.active', '=', true),
    )
    .select('assignments.entitlement_id as id')
    .where('packages.updated_at', '<', updatedBefore)
    .where('assignments.updated_at', '<', updatedBefore)
  const overdue = db
    .selectFrom('grant_holds')
    .innerJoin('assignments', 'assignments.id', 'grant_holds.assignment_id')
    .select('assignments.entitlement_id as id')
    .where('grant_holds.held', '=', true)
    .where('grant_holds.updated_at', '<', updatedBefore)
    .where('assignments.ended', '=', true)
    .where('assignments.updated_at', '<', updatedBefore)
  const rows = await db
    .selectFrom(undelivered.unionAll(behind).unionAll(overdue).as('open'))
    .select('id')
    .distinct()
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map((row) => row.id)
}
