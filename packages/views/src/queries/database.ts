import { Kysely, PostgresDialect } from 'kysely'
import type pg from 'pg'
import { LIVE_SCHEMA } from '../projections/names.ts'
import type {
  AssignmentView,
  CatalogView,
  DeadlineView,
  FindingKind,
  GrantView,
  PackageView,
  ProgressView,
  RequestView,
} from '../rows.ts'

type SnakeCase<Field extends string> = Field extends `${infer First}${infer Rest}`
  ? First extends Uppercase<First>
    ? First extends Lowercase<First>
      ? `${First}${SnakeCase<Rest>}`
      : `_${Lowercase<First>}${SnakeCase<Rest>}`
    : `${First}${SnakeCase<Rest>}`
  : Field

/** A row as the table holds it: the view's fields under column names, and `seq`, which comes as text. */
type Stored<View> = { readonly [Field in keyof View & string as SnakeCase<Field>]: View[Field] } & {
  readonly seq: string
}

type StoredPackage = Stored<PackageView> & {
  readonly requestors: readonly string[]
  readonly updated_at: string
  readonly started_roles: PackageView['resourceRoles']
  readonly started_version: number
  readonly paused: boolean
  readonly waiting: 'queued' | 'held' | null
  readonly alike: readonly number[]
}

/** The plain-named SQL views. */
export interface ViewsDatabase {
  readonly catalogs: Stored<CatalogView> & { readonly member_ids: readonly string[] }
  /** Without the deleted ones. */
  readonly packages: StoredPackage
  readonly all_packages: StoredPackage
  readonly requests: Stored<RequestView> & { readonly open_approvers: readonly string[] | null }
  readonly assignments: Stored<AssignmentView> & {
    readonly active: boolean
    readonly ongoing: boolean
    readonly ended: boolean
  }
  readonly progress: Stored<ProgressView>
  readonly grants: Stored<GrantView> & {
    readonly account_id: string | null
    readonly known: boolean
    readonly wait: string | null
    readonly failing_since: string | null
    readonly open_since: string | null
    readonly ended_at: string | null
    readonly released_ids: readonly string[]
  }
  readonly removals: {
    readonly resource_id: string
    readonly removed_at: string
    readonly lag_millis: string
  }
  readonly grant_holds: {
    readonly id: string
    readonly assignment_id: string
    readonly grant_id: string
    readonly held: boolean
    readonly conferred: boolean
    readonly updated_at: string
  }
  /** In a schema of its own: no view of the log. */
  readonly findings: {
    readonly kind: FindingKind
    readonly key: string
    readonly seq: string
    readonly since: string
    readonly package_id: string | null
    readonly subject_id: string | null
    readonly resource_id: string | null
    readonly role_id: string | null
    readonly assignment_ids: readonly string[]
    readonly request_ids: readonly string[]
    readonly code: string
    readonly message: string
  }
  readonly deadlines: {
    readonly [Field in keyof DeadlineView as SnakeCase<Field>]: DeadlineView[Field]
  }
}

/** Statements over the live views. Never destroyed: the pool belongs to the caller. */
export type ViewsSql = Kysely<ViewsDatabase>

export const viewsSql = (pool: pg.Pool): ViewsSql =>
  new Kysely<ViewsDatabase>({ dialect: new PostgresDialect({ pool }) }).withSchema(LIVE_SCHEMA)

/** What is selected for each view: its fields by the names that are answered. */
export const CATALOG = [
  'catalogs.id',
  'catalogs.display_name as displayName',
  'catalogs.description',
  'catalogs.owner_ids as ownerIds',
  'catalogs.package_manager_ids as packageManagerIds',
  'catalogs.resource_ids as resourceIds',
  'catalogs.created_at as createdAt',
] as const

export const PACKAGE = [
  'packages.id',
  'packages.catalog_id as catalogId',
  'packages.display_name as displayName',
  'packages.description',
  'packages.hidden',
  'packages.roles_version as rolesVersion',
  'packages.resource_roles as resourceRoles',
  'packages.policies',
  'packages.created_at as createdAt',
  'packages.deleted_at as deletedAt',
] as const

export const REQUEST = [
  'requests.id',
  'requests.kind',
  'requests.package_id as packageId',
  'requests.subject_id as subjectId',
  'requests.requestor_id as requestorId',
  'requests.policy_id as policyId',
  'requests.policy_version as policyVersion',
  'requests.status',
  'requests.sub_status as subStatus',
  'requests.justification',
  'requests.stage',
  'requests.decide_by as decideBy',
  'requests.approver_ids as approverIds',
  'requests.approver_group_ids as approverGroupIds',
  'requests.decided_by as decidedBy',
  'requests.decided_at as decidedAt',
  'requests.decision_justification as decisionJustification',
  'requests.assignment_id as assignmentId',
  'requests.fulfilment_errors as fulfilmentErrors',
  'requests.submitted_at as submittedAt',
  'requests.updated_at as updatedAt',
] as const

export const ASSIGNMENT = [
  'assignments.id',
  'assignments.entitlement_id as entitlementId',
  'assignments.package_id as packageId',
  'assignments.subject_id as subjectId',
  'assignments.request_id as requestId',
  'assignments.policy_id as policyId',
  'assignments.policy_version as policyVersion',
  'assignments.status',
  'assignments.start_at as startAt',
  'assignments.end_at as endAt',
  'assignments.end_version as endVersion',
  'assignments.ended_at as endedAt',
  'assignments.settled',
  'assignments.roles_version as rolesVersion',
  'assignments.updated_at as updatedAt',
] as const

export const GRANT = [
  'grants.id',
  'grants.resource_id as resourceId',
  'grants.role_id as roleId',
  'grants.subject_id as subjectId',
  'grants.holder_ids as holderIds',
  'grants.actual',
  'grants.preexisting',
  'grants.operation',
  'grants.lease_until as leaseUntil',
  'grants.awaited_operation_id as awaitedOperationId',
  'grants.awaited_since as awaitedSince',
  'grants.failed_attempts as failedAttempts',
  'grants.last_error as lastError',
  'grants.retry_at as retryAt',
  'grants.drift',
  'grants.receipt',
  'grants.settled',
  'grants.updated_at as updatedAt',
] as const
