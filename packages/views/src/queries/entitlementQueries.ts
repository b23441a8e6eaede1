import { sql } from 'kysely'
import type {
  AssignmentStatus,
  AssignmentView,
  GrantView,
  Page,
  RequestStatus,
  RequestView,
} from '../rows.ts'
import { type PageRequest, pageOf } from './cursor.ts'
import { ASSIGNMENT, GRANT, REQUEST, type ViewsSql } from './database.ts'

/** What is absent doesn't filter; an empty list lets nothing through. */
export interface RequestFilters {
  readonly packageIds?: readonly string[] | undefined
  readonly subjectId?: string | undefined
  readonly requestorOrSubjectId?: string | undefined
  readonly status?: readonly RequestStatus[] | undefined
  /** Only what this person may decide now: an approver themselves or by a group, and not their own request (S11, S20). */
  readonly waitingFor?:
    | { readonly personId: string; readonly groupIds: readonly string[] }
    | undefined
}

export interface AssignmentFilters {
  readonly packageIds?: readonly string[] | undefined
  readonly subjectId?: string | undefined
  readonly status?: readonly AssignmentStatus[] | undefined
}

export interface StatusCounts {
  readonly requests: { readonly [Status in RequestStatus]?: number }
  readonly assignments: { readonly [Status in AssignmentStatus]?: number }
}

export interface EntitlementQueries {
  /** Newest first. */
  requests(page: PageRequest, filters?: RequestFilters): Promise<Page<RequestView>>
  request(id: string): Promise<RequestView | undefined>
  /** Newest first. */
  assignments(page: PageRequest, filters?: AssignmentFilters): Promise<Page<AssignmentView>>
  assignment(id: string): Promise<AssignmentView | undefined>
  /** Grants that the assignment holds, or held until it ended. */
  grantsOfAssignment(assignmentId: string): Promise<readonly GrantView[]>
  grant(id: string): Promise<GrantView | undefined>
  /** How many requests and assignments there are by status, of one package or of all; a status without any is missing. */
  counts(packageId?: string): Promise<StatusCounts>
}

export const entitlementQueries = (db: ViewsSql): EntitlementQueries => ({
  requests: (page, filters = {}) =>
    pageOf('requests', page, (after, limit) => listRequests(db, filters, after, limit)),
  request: (id) =>
    db.selectFrom('requests').select(REQUEST).where('id', '=', id).executeTakeFirst(),
  assignments: (page, { packageIds, subjectId, status } = {}) =>
    pageOf('assignments', page, (after, limit) => {
      let query = db.selectFrom('assignments').select(ASSIGNMENT).select('seq')
      if (packageIds) query = query.where('package_id', '=', sql<string>`any(${packageIds})`)
      if (subjectId !== undefined) query = query.where('subject_id', '=', subjectId)
      if (status) query = query.where('status', '=', sql<AssignmentStatus>`any(${status})`)
      if (after !== null) query = query.where('seq', '<', after)
      return query.orderBy('seq', 'desc').limit(limit).execute()
    }),
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
  grant: (id) => db.selectFrom('grants').select(GRANT).where('id', '=', id).executeTakeFirst(),
  counts: async (packageId) => {
    const count = sql<string>`count(*)`.as('count')
    let requests = db.selectFrom('requests').select(['status', count]).groupBy('status')
    let assignments = db.selectFrom('assignments').select(['status', count]).groupBy('status')
    if (packageId !== undefined) {
      requests = requests.where('package_id', '=', packageId)
      assignments = assignments.where('package_id', '=', packageId)
    }
    return {
      requests: byStatus(await requests.execute()),
      assignments: byStatus(await assignments.execute()),
    }
  },
})

const byStatus = <Status extends string>(
  rows: readonly { readonly status: Status; readonly count: string }[],
): { readonly [Name in Status]?: number } => {
  const counts: { [Name in Status]?: number } = {}
  for (const { status, count } of rows) counts[status] = Number(count)
  return counts
}

const listRequests = (
  db: ViewsSql,
  filters: RequestFilters,
  after: string | null,
  limit: number,
): Promise<(RequestView & { readonly seq: string })[]> => {
  const { packageIds, subjectId, requestorOrSubjectId, status, waitingFor } = filters
  let query = db.selectFrom('requests').select(REQUEST).select('seq')
  if (packageIds) query = query.where('package_id', '=', sql<string>`any(${packageIds})`)
  if (subjectId !== undefined) query = query.where('subject_id', '=', subjectId)
  if (requestorOrSubjectId !== undefined) {
    query = query.where(({ or, eb }) =>
      or([
        eb('subject_id', '=', requestorOrSubjectId),
        eb('requestor_id', '=', requestorOrSubjectId),
      ]),
    )
  }
  if (status) query = query.where('status', '=', sql<RequestStatus>`any(${status})`)
  if (waitingFor) {
    const { personId, groupIds } = waitingFor
    const tokens = [`user:${personId}`, ...groupIds.map((id) => `group:${id}`)]
    query = query
      .where(sql<boolean>`open_approvers is not null and open_approvers ?| ${tokens}::text[]`)
      .where('subject_id', '<>', personId)
      .where('requestor_id', '<>', personId)
  }
  if (after !== null) query = query.where('seq', '<', after)
  return query.orderBy('seq', 'desc').limit(limit).execute()
}
