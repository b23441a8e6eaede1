import { sql } from 'kysely'
import type {
  AssignmentStatus,
  AssignmentView,
  RequestStatus,
  RequestSubStatus,
  RequestView,
} from '../rows.ts'
import { ASSIGNMENT, REQUEST, type ViewsSql } from './database.ts'

/** A person as requests see them who may decide: themselves, and by the groups that they are in. */
export interface Decider {
  readonly personId: string
  readonly groupIds: readonly string[]
}

/** What somebody sees who doesn't see everything: all of these packages, and what is about the person themselves. */
export interface Within {
  readonly packageIds: readonly string[]
  /** As the log names them; direct assignments aren't theirs for having made them. */
  readonly personId: string
  /** Requests also as an approver: what waits for them, and what they decided on. */
  readonly decider?: Decider | undefined
}

/** What is absent doesn't filter; an empty list lets nothing through. */
export interface RequestFilters {
  readonly packageIds?: readonly string[] | undefined
  readonly policyId?: string | undefined
  readonly subjectId?: string | undefined
  readonly requestorId?: string | undefined
  readonly kind?: readonly RequestView['kind'][] | undefined
  readonly status?: readonly RequestStatus[] | undefined
  readonly subStatus?: readonly Exclude<RequestSubStatus, null>[] | undefined
  /** Instant, inclusive. */
  readonly submittedFrom?: string | undefined
  /** Instant, exclusive. */
  readonly submittedTo?: string | undefined
  readonly within?: Within | undefined
  /**
   * Only what this person may decide now: an approver themselves or by a group, and not their own request (S11, S20).
   */
  readonly waitingFor?: Decider | undefined
}

export interface AssignmentFilters {
  readonly packageIds?: readonly string[] | undefined
  readonly policyId?: string | undefined
  readonly subjectId?: string | undefined
  readonly status?: readonly AssignmentStatus[] | undefined
  readonly within?: Within | undefined
}

type Listed<View> = Promise<(View & { readonly seq: string })[]>

/** Newest first; each filter has an index that ends in `seq`, or one that finds few rows. */
export const listAssignments = (
  db: ViewsSql,
  filters: AssignmentFilters,
  after: string | null,
  limit: number,
): Listed<AssignmentView> => {
  const { packageIds, policyId, subjectId, status, within } = filters
  let query = db.selectFrom('assignments').select(ASSIGNMENT).select('seq')
  if (packageIds) query = query.where('package_id', '=', sql<string>`any(${packageIds})`)
  if (policyId !== undefined) query = query.where('policy_id', '=', policyId)
  if (subjectId !== undefined) query = query.where('subject_id', '=', subjectId)
  if (status) query = query.where('status', '=', sql<AssignmentStatus>`any(${status})`)
  if (within)
    query = query.where(({ or, eb }) =>
      or([
        eb('package_id', '=', sql<string>`any(${within.packageIds})`),
        eb('subject_id', '=', within.personId),
      ]),
    )
  if (after !== null) query = query.where('seq', '<', after)
  return query.orderBy('seq', 'desc').limit(limit).execute()
}

/** Newest first; see {@link listAssignments}. */
export const listRequests = (
  db: ViewsSql,
  filters: RequestFilters,
  after: string | null,
  limit: number,
): Listed<RequestView> => {
  const { packageIds, policyId, subjectId, requestorId, kind, status, subStatus } = filters
  const { submittedFrom, submittedTo, within, waitingFor } = filters
  let query = db.selectFrom('requests').select(REQUEST).select('seq')
  if (packageIds) query = query.where('package_id', '=', sql<string>`any(${packageIds})`)
  if (policyId !== undefined) query = query.where('policy_id', '=', policyId)
  if (subjectId !== undefined) query = query.where('subject_id', '=', subjectId)
  if (requestorId !== undefined) query = query.where('requestor_id', '=', requestorId)
  if (kind) query = query.where('kind', '=', sql<RequestView['kind']>`any(${kind})`)
  if (status) query = query.where('status', '=', sql<RequestStatus>`any(${status})`)
  if (subStatus) query = query.where('sub_status', '=', sql<RequestSubStatus>`any(${subStatus})`)
  if (submittedFrom !== undefined) query = query.where('submitted_at', '>=', submittedFrom)
  if (submittedTo !== undefined) query = query.where('submitted_at', '<', submittedTo)
  if (within)
    query = query.where(({ or, eb }) =>
      or([
        eb('package_id', '=', sql<string>`any(${within.packageIds})`),
        eb('subject_id', '=', within.personId),
        eb.and([eb('requestor_id', '=', within.personId), eb('kind', '<>', 'direct')]),
        ...(within.decider === undefined
          ? []
          : [eb('decided_by', '=', within.decider.personId), waitsFor(within.decider)]),
      ]),
    )
  if (waitingFor) {
    query = query
      .where(waitsFor(waitingFor))
      .where('subject_id', '<>', waitingFor.personId)
      .where('requestor_id', '<>', waitingFor.personId)
  }
  if (after !== null) query = query.where('seq', '<', after)
  return query.orderBy('seq', 'desc').limit(limit).execute()
}

const waitsFor = ({ personId, groupIds }: Decider) => {
  const tokens = [`user:${personId}`, ...groupIds.map((id) => `group:${id}`)]
  return sql<boolean>`(open_approvers is not null and open_approvers ?| ${tokens}::text[])`
}
