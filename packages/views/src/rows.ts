/** What queries answer: plain JSON, instants as ISO text. The API passes these on as they are. */
import type { PolicyTerms } from '@portcullis/domain'

export interface CatalogView {
  readonly id: string
  readonly displayName: string
  readonly description: string
  readonly ownerIds: readonly string[]
  readonly packageManagerIds: readonly string[]
  readonly resourceIds: readonly string[]
  readonly createdAt: string
}

export interface PolicyView {
  readonly id: string
  readonly packageId: string
  /** The newest version; older ones stay in the log and in the requests that they govern. */
  readonly version: number
  readonly enabled: boolean
  readonly terms: PolicyTerms
}

export interface PackageView {
  readonly id: string
  readonly catalogId: string
  readonly displayName: string
  readonly description: string
  readonly hidden: boolean
  readonly rolesVersion: number
  readonly resourceRoles: readonly { readonly resourceId: string; readonly roleId: string }[]
  readonly policies: readonly PolicyView[]
  readonly createdAt: string
}

/** Status and sub-status as the product document names them (S13, S21). */
export type RequestStatus =
  | 'PendingApproval'
  | 'Scheduled'
  | 'Delivering'
  | 'Fulfilled'
  | 'Unfulfilled'
  | 'Denied'
  | 'Cancelled'
export type RequestSubStatus = 'TimedOut' | 'PartiallyFulfilled' | 'Extended' | null

export interface FulfilmentError {
  readonly resourceId: string
  readonly roleId: string
  readonly code: string
  readonly message: string
  readonly transient: boolean
  readonly attempts: number
  readonly firstFailedAt: string
  readonly lastFailedAt: string
}

export interface RequestView {
  readonly id: string
  readonly kind: 'new' | 'extension' | 'direct'
  readonly packageId: string
  readonly subjectId: string
  readonly requestorId: string
  readonly policyId: string
  readonly policyVersion: number
  readonly status: RequestStatus
  readonly subStatus: RequestSubStatus
  readonly justification: string | null
  /** The open approval stage, or the last one. */
  readonly stage: number | null
  readonly decideBy: string | null
  readonly approverIds: readonly string[]
  readonly approverGroupIds: readonly string[]
  readonly decidedBy: string | null
  readonly decidedAt: string | null
  readonly decisionJustification: string | null
  readonly assignmentId: string | null
  readonly fulfilmentErrors: readonly FulfilmentError[]
  readonly submittedAt: string
  readonly updatedAt: string
}

export type AssignmentStatus =
  | 'Scheduled'
  | 'Delivering'
  | 'Delivered'
  | 'PartiallyDelivered'
  | 'Expired'
  | 'Removed'
  | 'Cancelled'

export interface AssignmentView {
  readonly id: string
  readonly entitlementId: string
  readonly packageId: string
  readonly subjectId: string
  readonly requestId: string
  readonly policyId: string
  readonly policyVersion: number
  readonly status: AssignmentStatus
  readonly startAt: string
  readonly endAt: string | null
  readonly endVersion: number
  readonly endedAt: string | null
  /** True when nothing is left to deliver or to revoke. */
  readonly settled: boolean
  readonly rolesVersion: number
  readonly updatedAt: string
}

export interface GrantView {
  readonly id: string
  readonly resourceId: string
  readonly roleId: string
  readonly subjectId: string
  /** Assignments that confer it now. */
  readonly holderIds: readonly string[]
  /** What we know of the target. */
  readonly actual: 'present' | 'absent'
  readonly preexisting: boolean
  readonly operation: 'grant' | 'revoke' | null
  readonly leaseUntil: string | null
  readonly failedAttempts: number
  readonly lastError: { readonly code: string; readonly message: string } | null
  readonly retryAt: string | null
  /** True when desired and actual agree. */
  readonly settled: boolean
  readonly updatedAt: string
}

/** One line of a request's or assignment's history, from the log itself. */
export interface HistoryEntry {
  readonly position: string
  readonly at: string
  readonly type: string
  readonly actor: { readonly kind: string; readonly id: string }
  readonly data: object
}

export type DeadlineKind = 'approval' | 'start' | 'reminder' | 'expiry' | 'retry'

export interface DeadlineView {
  readonly key: string
  readonly kind: DeadlineKind
  readonly dueAt: string
  /** The stream that the command goes to. */
  readonly stream: string
}

export interface Page<Row> {
  readonly items: readonly Row[]
  /** Opaque; null on the last page. */
  readonly next: string | null
}

export interface ProjectionStatus {
  readonly name: string
  readonly version: number
  readonly position: string
  readonly head: string
  readonly state: 'live' | 'catching-up' | 'paused' | 'rebuilding'
  readonly error: string | null
  readonly updatedAt: string
}
