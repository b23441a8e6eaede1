/** What queries answer: plain JSON, instants as ISO text. The API passes these on as they are. */
import type { SessionAuthentication } from '@portcullis/core'
import type { PolicyTerms } from '@portcullis/domain'
import type { SubscriptionStatus } from '@portcullis/subscriptions'

export * from './problems/problemRows.ts'

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
  /** When it was deleted (S24); null while it is there. */
  readonly deletedAt: string | null
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
  /** The operation that somebody carries out by hand, until `leaseUntil`. */
  readonly awaitedOperationId: string | null
  readonly awaitedSince: string | null
  readonly failedAttempts: number
  readonly lastError: { readonly code: string; readonly message: string } | null
  readonly retryAt: string | null
  /** What a scan found in the target and left alone. */
  readonly drift: 'missing' | 'unexpected' | null
  /** How its being there is known since it was granted; null: it isn't there by us, or an older version granted it. */
  readonly receipt: 'read-back' | 'acknowledged' | null
  /** True when desired and actual agree. */
  readonly settled: boolean
  readonly updatedAt: string
}

/** An operation on a target that somebody carries out by hand. */
export interface AwaitedFulfilmentView {
  readonly grantId: string
  readonly operationId: string
  readonly operation: 'grant' | 'revoke'
  readonly resourceId: string
  readonly roleId: string
  readonly subjectId: string
  readonly since: string
  readonly until: string
}

/** Where a resource role stands that an assignment confers or once conferred. */
export interface RoleStanding {
  readonly assignmentId: string
  readonly resourceId: string
  readonly roleId: string
  /** The assignment confers it, or did until it ended; false once the package has lost the role before. */
  readonly conferred: boolean
  /** By this assignment, now. */
  readonly held: boolean
  /** By any assignment. */
  readonly wanted: boolean
  readonly actual: 'present' | 'absent' | 'unknown'
  readonly settled: boolean
  readonly preexisting: boolean
  /** The last try failed. */
  readonly failing: boolean
}

/** How long access to a resource outlived the end of what conferred it. */
export interface RemovalLag {
  readonly resourceId: string
  readonly removed: number
  /** Of those removed; null when there are none. */
  readonly millis: {
    readonly p50: number
    readonly p95: number
    readonly p99: number
    readonly max: number
  } | null
  /** Still to be taken away. */
  readonly open: number
  readonly oldestEndedAt: string | null
}

export interface OpenRemovals {
  readonly resourceId: string
  readonly open: number
  readonly oldestEndedAt: string
}

export interface RemovalHistogram {
  readonly resourceId: string
  readonly count: number
  readonly sumMillis: number
  /** How many took at most the bound of the same index. */
  readonly atMost: readonly number[]
}

/** How far the roles of a package have got to its active assignments, counted as they move. */
export interface ProgressView {
  /** Of the package. */
  readonly id: string
  /** By version of the roles and status: `2:Delivered`. */
  readonly counts: Readonly<Record<string, number>>
  /** How many got all that they should have, in each of the last spans of ten seconds: `2026-06-01T08:00:1`. */
  readonly arrivals: Readonly<Record<string, number>>
  /** When the last of them did; null before the first. */
  readonly lastAt: string | null
}

/** How many active assignments of a package there are, and how far a version of its roles has got to them. */
export interface RollOutCounts {
  readonly total: number
  readonly upToDate: number
  readonly failed: number
  readonly left: number
  /** When the last of them got there; null when none did. */
  readonly lastAt: string | null
  /** How many got there since the instant that was asked about, or since up to ten seconds before it. */
  readonly recent: number
}

/** One line of a request's or assignment's history, from the log itself. */
export interface HistoryEntry {
  readonly position: string
  readonly at: string
  readonly type: string
  readonly actor: { readonly kind: string; readonly id: string }
  /** How they were authenticated, where a person had signed in. */
  readonly authentication?: SessionAuthentication
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

export interface ProjectionStatus extends Omit<SubscriptionStatus, 'state'> {
  readonly name: string
  readonly version: number
  /** In how many parts it is kept up to date; then `owner` names all who do. */
  readonly partitions: number
  readonly state: SubscriptionStatus['state'] | 'rebuilding'
}
