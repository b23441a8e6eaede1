import type { Instant } from '@portcullis/core'
import type { ResourceRoleRef } from '../accessPackage/resourceRole.ts'
import type { ApprovalStage, PolicyTerms } from '../policyTerms.ts'
import type { Reminder, ReminderOffset } from '../time.ts'
import type { Basis } from './entitlement.events.ts'

export interface RequestState {
  readonly requestId: string
  readonly kind: 'new' | 'extension' | 'direct'
  readonly requestorId: string
  readonly policyId: string
  readonly policyVersion: number
  /** Pinned when it was submitted: later changes of the policy don't touch it (S7). */
  readonly terms: PolicyTerms
  readonly basis: Basis
  /** The assignment to extend; null for the other kinds. */
  readonly assignmentId: string | null
  readonly status: 'pendingApproval' | 'approved' | 'denied' | 'timedOut' | 'cancelled'
  /** The open stage, or the last one that was; null when there never was one. */
  readonly approval: { readonly stage: number; readonly decideBy: Instant } | null
  /** Who has approved a stage. */
  readonly approvedBy: readonly string[]
  /** The open stage has nobody who could decide on it, as far as was noted. */
  readonly approverMissing: boolean
  /** The last decision of a person: who, what, when (null only where the event's own time isn't known). */
  readonly decided: {
    readonly decision: 'approve' | 'deny'
    readonly by: string
    readonly at: Instant | null
  } | null
}

export type RoleDelivery = ResourceRoleRef & {
  readonly status:
    | { readonly kind: 'delivered'; readonly preexisting: boolean }
    | { readonly kind: 'failed'; readonly code: string; readonly transient: boolean }
    /** It would be given, had the subject not left. */
    | { readonly kind: 'withheld' }
    | { readonly kind: 'revoked'; readonly kept: 'other-assignment' | 'preexisting' | null }
}

export interface AssignmentState {
  readonly assignmentId: string
  /** The request, or direct assignment, that it comes from. */
  readonly requestId: string
  readonly policyId: string
  readonly policyVersion: number
  readonly status: 'scheduled' | 'active' | 'ended' | 'cancelled'
  /** When it is to start; once active, when it did. */
  readonly startAt: Instant
  readonly endAt: Instant | null
  /** From 1; grows with each extension. */
  readonly endVersion: number
  /** Of this end version. */
  readonly reminders: readonly Reminder[]
  /** Sent or skipped, of this end version. */
  readonly reminded: readonly ReminderOffset[]
  /** What has been recorded of delivery. `rolesVersion` is of the newest record, 0 before the first. */
  readonly rolesVersion: number
  readonly roles: readonly RoleDelivery[]
  /** All roles of the package at `rolesVersion` are in place. */
  readonly complete: boolean
  /** Since when the subject is disabled or gone, as was noted; null while they are there. */
  readonly subjectLeftSince: Instant | null
  /** Its start has been noted as withheld. */
  readonly startWithheld: boolean
  /** After the end: nothing that should go is left. */
  readonly revoked: boolean
}

/** One subject and one package: every request, approval and assignment. */
export interface EntitlementState {
  /** Null while nothing has happened here. */
  readonly packageId: string | null
  readonly subjectId: string | null
  readonly requests: readonly RequestState[]
  readonly assignments: readonly AssignmentState[]
}

export const initialEntitlement = (): EntitlementState => ({
  packageId: null,
  subjectId: null,
  requests: [],
  assignments: [],
})

export const findRequest = (state: EntitlementState, requestId: string): RequestState | undefined =>
  state.requests.find((request) => request.requestId === requestId)

export const findAssignment = (
  state: EntitlementState,
  assignmentId: string,
): AssignmentState | undefined =>
  state.assignments.find((assignment) => assignment.assignmentId === assignmentId)

/** The request that waits for an approver; there is at most one. */
export const pendingRequest = (state: EntitlementState): RequestState | undefined =>
  state.requests.find((request) => request.status === 'pendingApproval')

/** The assignment that is scheduled or active; there is at most one. */
export const currentAssignment = (state: EntitlementState): AssignmentState | undefined =>
  state.assignments.find(({ status }) => status === 'scheduled' || status === 'active')

/** The assignment that confers the package's roles now: what reconcile asks for. */
export const activeAssignment = (state: EntitlementState): AssignmentState | undefined =>
  state.assignments.find(({ status }) => status === 'active')

/** The terms that were pinned for an assignment when it was requested. */
export const termsOf = (
  state: EntitlementState,
  assignment: AssignmentState,
): PolicyTerms | undefined => findRequest(state, assignment.requestId)?.terms

/** The stage that waits for a decision, with its approvers and its number (from 1); undefined when none does. */
export const openStage = (
  request: RequestState,
): (ApprovalStage & { readonly number: number; readonly decideBy: Instant }) | undefined => {
  const { approval, terms, status } = request
  if (status !== 'pendingApproval' || approval === null || !terms.approval.required)
    return undefined
  const stage = terms.approval.stages[approval.stage - 1]
  return stage && { ...stage, number: approval.stage, decideBy: approval.decideBy }
}
