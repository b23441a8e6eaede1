import { type RawBuilder, sql } from 'kysely'
import type { ViewsSql } from './database.ts'
import { entitlementOfRequest, type StoodStill, stoodStill } from './stoodStill.ts'

/** What isn't as it should be. What these cost depends on how much that is, not on how much there is. */
export interface UnsettledQueries {
  /**
   * Entitlements that need a reconcile, by id, after the id `after`: an active assignment with something left to
   * deliver or behind the roles that have started to roll out, unless that is paused; an ended one with something left
   * to revoke; a request or an assignment that outlived its package (S24).
   * Left alone while they, or their package, aren't stale.
   */
  unsettledEntitlements(
    options: StoodStill & { readonly after?: string | undefined; readonly limit: number },
  ): Promise<readonly string[]>
  /**
   * Entitlements that need a reconcile because of what they hold: access for an assignment that has ended (promise 2),
   * or of an active one for a role that its package has lost (promise 4).
   * A job that slept through the change leaves that behind, and no row on its own shows it: so only `limit` holds are
   * looked at, the newest ones or those after the id `after`.
   * @returns the entitlements among these, and the id of the last hold looked at: null when that was the end
   */
  astrayEntitlements(
    options: StoodStill & {
      readonly among: 'newest' | { readonly after: string }
      readonly limit: number
    },
  ): Promise<{ readonly ids: readonly string[]; readonly next: string | null }>
}

export const unsettledQueries = (db: ViewsSql): UnsettledQueries => ({
  unsettledEntitlements: async ({ after = '', limit, ...still }) => {
    const rows = await db
      .selectFrom(unsettled(db, still).as('open'))
      .select('id')
      .distinct()
      .where('id', '>', after)
      .orderBy('id')
      .limit(limit)
      .execute()
    return rows.map((row) => row.id)
  },
  astrayEntitlements: async ({ among, limit, ...still }) => {
    // Whom a removal hasn't reached, because it waits or is paused, has the role by right.
    const packages = db
      .selectFrom('packages')
      .select(['id', 'roles_version', 'resource_roles', 'started_roles', 'paused'])
    const { rows } = await sql<Looked>`
      with holds as materialized (${holdsAmong(db, among, limit)}),
      holders as materialized (
        select ${ROLE_OF_HOLD} as role, holder.* from holds
        cross join lateral (${holderOf(db, still)}) as holder where ${stoodStill('holds.updated_at', still)}
      ),
      astray as (
        select entitlement_id from holders left join (${packages}) as package on package.id = package_id
        where ended or (not resource_roles @> role
          and (reached_version >= roles_version or not (paused or started_roles @> role)))
      )
      select count(*)::integer as looked, max(id) as last,
        array(select distinct entitlement_id from astray order by entitlement_id) as ids
      from holds`.execute(db)
    const [{ looked, last, ids } = NOTHING] = rows
    return { ids, next: among !== 'newest' && looked === limit ? last : null }
  },
})

interface Looked {
  readonly looked: number
  readonly last: string | null
  readonly ids: readonly string[]
}

const ROLE_OF_HOLD = sql`jsonb_build_array(jsonb_build_object(
  'resourceId', split_part(holds.grant_id, '.', 1), 'roleId', split_part(holds.grant_id, '.', 2)))`
const NOTHING: Looked = { looked: 0, last: null, ids: [] }

/** Without it the planner takes a package's rows for many, and reads the whole table for the few that there are. */
const ONE_BY_ONE = 0

const unsettled = (db: ViewsSql, still: StoodStill) => {
  const undelivered = db
    .selectFrom('assignments')
    .select('entitlement_id as id')
    .where('settled', '=', false)
    .where(stoodStill('updated_at', still))
  // Version by version: most of an earlier one may be there for good, where a change was undone and confers the same.
  const behind = db
    .selectFrom('packages')
    .innerJoinLateral(
      sql<{ earlier: number }>`generate_series(0, packages.started_version - 1)`.as<'version'>(
        sql`version(earlier)`,
      ),
      (join) => join.onTrue(),
    )
    .innerJoinLateral(
      (from) =>
        from
          .selectFrom('assignments')
          .select('entitlement_id as id')
          .whereRef('assignments.package_id', '=', 'packages.id')
          .where('assignments.active', '=', true)
          .where(sql<boolean>`assignments.roles_version = version.earlier`)
          .where(stoodStill('assignments.updated_at', still))
          .offset(ONE_BY_ONE)
          .as('late'),
      (join) => join.onTrue(),
    )
    .select('late.id')
    .where('packages.paused', '=', false)
    .where(sql<boolean>`not packages.alike @> to_jsonb(version.earlier)`)
    .where(stoodStill('packages.updated_at', still))
  const assignedStill = db
    .selectFrom('all_packages')
    .innerJoinLateral(
      (from) =>
        from
          .selectFrom('assignments')
          .select('entitlement_id as id')
          .whereRef('assignments.package_id', '=', 'all_packages.id')
          .where('assignments.ongoing', '=', true)
          .where(stoodStill('assignments.updated_at', still))
          .offset(ONE_BY_ONE)
          .as('late'),
      (join) => join.onTrue(),
    )
    .select('late.id')
    .where(stoodStill('all_packages.deleted_at', still))
  const requestedStill = db
    .selectFrom('all_packages')
    .innerJoinLateral(
      (from) =>
        from
          .selectFrom('requests')
          .select(entitlementOfRequest)
          .whereRef('requests.package_id', '=', 'all_packages.id')
          .where('requests.open_approvers', 'is not', null)
          .where(stoodStill('requests.updated_at', still))
          .offset(ONE_BY_ONE)
          .as('late'),
      (join) => join.onTrue(),
    )
    .select('late.id')
    .where(stoodStill('all_packages.deleted_at', still))
  return undelivered.unionAll(behind).unionAll(assignedStill).unionAll(requestedStill)
}

const holdsAmong = (
  db: ViewsSql,
  among: 'newest' | { readonly after: string },
  limit: number,
): RawBuilder<unknown> => {
  const held = db
    .selectFrom('grant_holds')
    .select(['id', 'assignment_id', 'grant_id', 'updated_at'])
    .where('held', '=', true)
    .limit(limit)
  return among === 'newest'
    ? sql`${held.orderBy('updated_at', 'desc')}`
    : sql`${held.where('id', '>', among.after).orderBy('id')}`
}

/** The assignment of a hold. Of a deleted package, it is another query's. */
const holderOf = (db: ViewsSql, still: StoodStill) =>
  db
    .selectFrom('assignments')
    .select(['entitlement_id', 'package_id', 'ended', 'roles_version as reached_version'])
    .where(sql<boolean>`assignments.id = holds.assignment_id`)
    .where(({ or, eb }) => or([eb('ended', '=', true), eb('active', '=', true)]))
    .where(stoodStill('assignments.updated_at', still))
    .offset(ONE_BY_ONE)
