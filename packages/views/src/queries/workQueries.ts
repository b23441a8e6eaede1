import type { Instant } from '@portcullis/core'
import { boundsOfWaits } from '@portcullis/domain'
import { sql } from 'kysely'
import type { GrantView, PackageView } from '../rows.ts'
import { GRANT, type ViewsSql } from './database.ts'
import { entitlementOfRequest, type StoodStill, stoodStill } from './stoodStill.ts'

/** A version of a package's roles, and the earlier ones that confer the same. */
export interface RolesVersion {
  readonly packageId: string
  readonly version: number
  readonly alike: readonly number[]
}

/** What the sweeper and the fan-out ask: what is to be worked on, and who is concerned. */
export interface WorkQueries {
  /**
   * Grants whose desired and actual state differ, by id, after the id `after`, and which may be worked on at `now`: no
   * lease is running, no wait for a retry or an operator.
   */
  unsettledGrants(
    options: StoodStill & {
      readonly after?: string | undefined
      readonly limit: number
    },
  ): Promise<readonly GrantView[]>
  /**
   * Entitlements with an active assignment that hasn't got to a version of its package's roles, oldest first. `next` is
   * null behind the last one; assignments that start meanwhile are at the end.
   */
  assignmentsBehind(
    what: RolesVersion,
    after: string | null,
    limit: number,
  ): Promise<{ readonly items: readonly string[]; readonly next: string | null }>
  /** Packages with a change of roles that should have started to roll out, and that are stale, by id. */
  overdueRollOuts(options: StoodStill & { readonly limit: number }): Promise<readonly string[]>
  /**
   * Grants that aren't as they should be after a try that failed, of one package's assignments or of all, by id, after
   * the id `after`; and how many there are behind those.
   */
  failedGrants(options: {
    readonly packageId: string | undefined
    readonly after: string | null
    readonly limit: number
  }): Promise<{ readonly ids: readonly string[]; readonly left: number }>
  /**
   * Entitlements with a pending request or an ongoing assignment, by id, after the id `after`: what a package that is
   * being deleted leaves behind (S24).
   */
  openEntitlementsOfPackage(
    packageId: string,
    after: string | null,
    limit: number,
  ): Promise<readonly string[]>
  /**
   * Packages, deleted ones too, with the resource roles that they have, and those that all who had them before have
   * until a change starts to roll out.
   */
  packageRoles(): Promise<
    readonly { readonly packageId: string; readonly roles: PackageView['resourceRoles'] }[]
  >
  /** What is open: grants that aren't as they should be, and since when the oldest of them waits (promise 2). */
  openGrants(): Promise<{ readonly count: number; readonly oldest: Instant | null }>
}

export const workQueries = (db: ViewsSql): WorkQueries => ({
  packageRoles: async () => {
    const rows = await db
      .selectFrom('all_packages')
      .select(['id', 'resource_roles', 'started_roles'])
      .execute()
    return rows.map(({ id, resource_roles, started_roles }) => ({
      packageId: id,
      roles: [...resource_roles, ...started_roles],
    }))
  },
  unsettledGrants: ({ updatedBefore, now, after = '', limit }) =>
    db
      .selectFrom('grants')
      .select(GRANT)
      .where('settled', '=', false)
      .where(stoodStill('updated_at', { updatedBefore, now }))
      .where(({ or, and, eb }) =>
        or([
          eb('lease_until', 'is', null),
          eb('lease_until', '<=', now),
          and([eb('lease_until', '>', boundsOfWaits(now).lease), eb('awaited_since', 'is', null)]),
        ]),
      )
      .where(waitsNoLonger(now))
      .where('id', '>', after)
      .orderBy('id')
      .limit(limit)
      .execute(),
  assignmentsBehind: async ({ packageId, version, alike }, after, limit) => {
    let query = db
      .selectFrom('assignments')
      .select(['entitlement_id', 'seq'])
      .where('package_id', '=', packageId)
      .where('active', '=', true)
      .where('roles_version', '<', version)
    if (alike.length > 0) query = query.where('roles_version', 'not in', alike)
    if (after !== null) query = query.where('seq', '>', after)
    const rows = await query.orderBy('seq').limit(limit).execute()
    const full = rows.length === limit ? rows.at(-1) : undefined
    return { items: rows.map((row) => row.entitlement_id), next: full?.seq ?? null }
  },
  overdueRollOuts: async ({ limit, ...still }) => {
    const rows = await db
      .selectFrom('packages')
      .select('id')
      .where('waiting', '=', 'queued')
      .where('paused', '=', false)
      .where(stoodStill('updated_at', still))
      .orderBy('id')
      .limit(limit)
      .execute()
    return rows.map((row) => row.id)
  },
  failedGrants: async ({ packageId, after, limit }) => {
    let failed = db
      .selectFrom('grants')
      .where('settled', '=', false)
      .where('failed_attempts', '>', 0)
      .where('id', '>', after ?? '')
    if (packageId !== undefined)
      failed = failed.where(
        sql<boolean>`exists (select from jsonb_array_elements_text(holder_ids || released_ids) as assignment
          where starts_with(assignment, ${`${packageId}.`}))`,
      )
    const [rows, all] = await Promise.all([
      failed.select('id').orderBy('id').limit(limit).execute(),
      failed.select(sql<string>`count(*)`.as('count')).executeTakeFirstOrThrow(),
    ])
    return { ids: rows.map((row) => row.id), left: Number(all.count) - rows.length }
  },
  openEntitlementsOfPackage: async (packageId, after, limit) => {
    const assigned = db
      .selectFrom('assignments')
      .select('entitlement_id as id')
      .where('package_id', '=', packageId)
      .where('ongoing', '=', true)
    const requested = db
      .selectFrom('requests')
      .select(entitlementOfRequest)
      .where('package_id', '=', packageId)
      .where('open_approvers', 'is not', null)
    const rows = await db
      .selectFrom(assigned.unionAll(requested).as('open'))
      .select('id')
      .distinct()
      .where('id', '>', after ?? '')
      .orderBy('id')
      .limit(limit)
      .execute()
    return rows.map((row) => row.id)
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

/** Nothing failed, the next try is due, or a clock that was ahead has put it off for longer than any wait is. */
const waitsNoLonger = (now: Instant) => {
  const { grant, revoke } = boundsOfWaits(now).retry
  // `operator` is greater than every instant.
  return sql<boolean>`(wait is null or wait <= ${now} or (wait <> 'operator' and wait >
    case failed->>'operation' when 'revoke' then ${revoke} else ${grant} end))`
}
