import type { Instant } from '@portcullis/core'
import { sql } from 'kysely'
import type {
  AssignmentStatus,
  AssignmentView,
  GrantView,
  Page,
  RequestStatus,
  RequestView,
  RoleStanding,
  RollOutCounts,
} from '../rows.ts'
import { type PageRequest, pageOf } from './cursor.ts'
import { ASSIGNMENT, GRANT, REQUEST, type ViewsSql } from './database.ts'
import {
  type AssignmentFilters,
  listAssignments,
  listRequests,
  type RequestFilters,
} from './entitlementFilters.ts'
import { countRollOut } from './rollOut.ts'
import type { RolesVersion } from './workQueries.ts'

export interface StatusCounts {
  readonly requests: { readonly [Status in RequestStatus]?: number }
  readonly assignments: { readonly [Status in AssignmentStatus]?: number }
}

export type PackageStanding = 'assigned' | 'pending'

export interface EntitlementQueries {
  /** Newest first. */
  requests(page: PageRequest, filters?: RequestFilters): Promise<Page<RequestView>>
  request(id: string): Promise<RequestView | undefined>
  /** Newest first. */
  assignments(page: PageRequest, filters?: AssignmentFilters): Promise<Page<AssignmentView>>
  assignment(id: string): Promise<AssignmentView | undefined>
  /**
   * What these assignments confer or once conferred, by resource and role; what was taken from the package before an
   * assignment's end is in it, as not conferred.
   */
  rolesOfAssignments(assignmentIds: readonly string[]): Promise<readonly RoleStanding[]>
  /** The grants behind the same, of one assignment. */
  grantsOfAssignment(assignmentId: string): Promise<readonly GrantView[]>
  grant(id: string): Promise<GrantView | undefined>
  /** @param since counts who has got there from then on */
  rollOut(what: RolesVersion, since: Instant): Promise<RollOutCounts>
  /**
   * How many requests and assignments there are by status, of one package, of one policy of it, or of all; a status
   * without any is missing.
   */
  counts(packageId?: string, policyId?: string): Promise<StatusCounts>
  /** Which of these packages the person has (also: will have, from a start to come), or waits to have. */
  standingOf(
    subjectId: string,
    packageIds: readonly string[],
  ): Promise<ReadonlyMap<string, PackageStanding>>
}

export const entitlementQueries = (db: ViewsSql): EntitlementQueries => ({
  requests: (page, filters = {}) =>
    pageOf('requests', page, (after, limit) => listRequests(db, filters, after, limit)),
  request: (id) =>
    db.selectFrom('requests').select(REQUEST).where('id', '=', id).executeTakeFirst(),
  assignments: (page, filters = {}) =>
    pageOf('assignments', page, (after, limit) => listAssignments(db, filters, after, limit)),
  assignment: (id) =>
    db.selectFrom('assignments').select(ASSIGNMENT).where('id', '=', id).executeTakeFirst(),
  grantsOfAssignment: (assignmentId) =>
    db
      .selectFrom('grant_holds')
      .innerJoin('grants', 'grants.id', 'grant_holds.grant_id')
      .select(GRANT)
      .where('grant_holds.assignment_id', '=', assignmentId)
      .orderBy('grants.id')
      .execute(),
  rolesOfAssignments: (assignmentIds) =>
    db
      .selectFrom('grant_holds')
      .innerJoin('grants', 'grants.id', 'grant_holds.grant_id')
      .select([
        'grant_holds.assignment_id as assignmentId',
        'grants.resource_id as resourceId',
        'grants.role_id as roleId',
        'grant_holds.conferred',
        'grant_holds.held',
        'grants.settled',
        'grants.preexisting',
      ])
      .select([
        sql<boolean>`jsonb_array_length(grants.holder_ids) > 0`.as('wanted'),
        sql<
          RoleStanding['actual']
        >`case when grants.known then grants.actual else 'unknown' end`.as('actual'),
        sql<boolean>`grants.last_error is not null`.as('failing'),
      ])
      .where('grant_holds.assignment_id', '=', sql<string>`any(${assignmentIds})`)
      .orderBy('grants.id')
      .execute(),
  rollOut: (what, since) => countRollOut(db, what, since),
  grant: (id) => db.selectFrom('grants').select(GRANT).where('id', '=', id).executeTakeFirst(),
  counts: async (packageId, policyId) => {
    const count = sql<string>`count(*)`.as('count')
    let requests = db.selectFrom('requests').select(['status', count]).groupBy('status')
    let assignments = db.selectFrom('assignments').select(['status', count]).groupBy('status')
    if (packageId !== undefined) {
      requests = requests.where('package_id', '=', packageId)
      assignments = assignments.where('package_id', '=', packageId)
    }
    if (policyId !== undefined) {
      requests = requests.where('policy_id', '=', policyId)
      assignments = assignments.where('policy_id', '=', policyId)
    }
    return {
      requests: byStatus(await requests.execute()),
      assignments: byStatus(await assignments.execute()),
    }
  },
  standingOf: async (subjectId, packageIds) => {
    const asked = sql<string>`any(${packageIds})`
    const [pending, assigned] = await Promise.all([
      db
        .selectFrom('requests')
        .select('package_id')
        .where('subject_id', '=', subjectId)
        .where('package_id', '=', asked)
        .where('open_approvers', 'is not', null)
        .execute(),
      db
        .selectFrom('assignments')
        .select('package_id')
        .where('subject_id', '=', subjectId)
        .where('package_id', '=', asked)
        .where('ongoing', '=', true)
        .execute(),
    ])
    // Who waits for an extension has the package.
    return new Map<string, PackageStanding>([
      ...pending.map(({ package_id }) => [package_id, 'pending'] as const),
      ...assigned.map(({ package_id }) => [package_id, 'assigned'] as const),
    ])
  },
})

const byStatus = <Status extends string>(
  rows: readonly { readonly status: Status; readonly count: string }[],
): { readonly [Name in Status]?: number } => {
  const counts: { [Name in Status]?: number } = {}
  for (const { status, count } of rows) counts[status] = Number(count)
  return counts
}
