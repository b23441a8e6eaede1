import type { Instant } from '@portcullis/core'
import type { EntitlementEvent } from '../events.ts'
import {
  type AssignmentState,
  type EntitlementState,
  findRequest,
  type RequestState,
  type RoleDelivery,
} from './entitlement.state.ts'

/** From the log an event comes with the time at which it was decided; fresh from a decision it doesn't. */
type Told = EntitlementEvent & { readonly metadata?: { readonly at: Instant } }

const changeRequest = (
  state: EntitlementState,
  requestId: string,
  change: Partial<RequestState>,
): EntitlementState => ({
  ...state,
  requests: state.requests.map((request) =>
    request.requestId === requestId ? { ...request, ...change } : request,
  ),
})

const changeAssignment = (
  state: EntitlementState,
  assignmentId: string,
  change: (assignment: AssignmentState) => Partial<AssignmentState>,
): EntitlementState => ({
  ...state,
  assignments: state.assignments.map((assignment) =>
    assignment.assignmentId === assignmentId
      ? { ...assignment, ...change(assignment) }
      : assignment,
  ),
})

const keyOf = (role: RoleDelivery): string => `${role.resourceId}.${role.roleId}`

const withRoles = (
  roles: readonly RoleDelivery[],
  news: readonly RoleDelivery[],
): readonly RoleDelivery[] => [
  ...new Map([...roles, ...news].map((role) => [keyOf(role), role])).values(),
]

const UNDELIVERED = {
  rolesVersion: 0,
  roles: [],
  complete: false,
  subjectLeftSince: null,
  startWithheld: false,
  revoked: false,
} as const

const submitted = (
  state: EntitlementState,
  data: Extract<EntitlementEvent, { type: 'RequestSubmitted.v1' }>['data'],
): EntitlementState => {
  const { requestId, kind, requestorId, policyId, policyVersion, terms, basis } = data
  const { assignmentId, approval, packageId, subjectId } = data
  const request: RequestState = {
    requestId,
    kind,
    requestorId,
    policyId,
    policyVersion,
    terms,
    basis,
    assignmentId,
    status: approval === null ? 'approved' : 'pendingApproval',
    approval,
    approvedBy: [],
    approverMissing: false,
    decided: null,
  }
  return { ...state, packageId, subjectId, requests: [...state.requests, request] }
}

const scheduled = (
  state: EntitlementState,
  data: Extract<EntitlementEvent, { type: 'AssignmentScheduled.v1' }>['data'],
): EntitlementState => {
  const { assignmentId, requestId, policyId, policyVersion, startAt, endAt } = data
  const assignment: AssignmentState = {
    assignmentId,
    requestId,
    policyId,
    policyVersion,
    status: 'scheduled',
    startAt,
    endAt,
    endVersion: 1,
    reminders: [],
    reminded: [],
    ...UNDELIVERED,
  }
  return { ...state, assignments: [...state.assignments, assignment] }
}

const started = (
  state: EntitlementState,
  data: Extract<EntitlementEvent, { type: 'AssignmentStarted.v1' }>['data'],
): EntitlementState => {
  const { assignmentId, requestId, policyId, policyVersion } = data
  const assignment: AssignmentState = {
    assignmentId,
    requestId,
    policyId,
    policyVersion,
    status: 'active',
    startAt: data.startedAt,
    endAt: data.endAt,
    endVersion: data.endVersion,
    reminders: data.reminders,
    reminded: [],
    ...UNDELIVERED,
  }
  const others = state.assignments.filter((other) => other.assignmentId !== assignmentId)
  return { ...state, assignments: [...others, assignment] }
}

const cancelled = (state: EntitlementState, requestId: string): EntitlementState => ({
  ...changeRequest(state, requestId, { status: 'cancelled' }),
  assignments: state.assignments.map((assignment) =>
    assignment.requestId === requestId && assignment.status === 'scheduled'
      ? { ...assignment, status: 'cancelled' }
      : assignment,
  ),
})

export const evolveEntitlement = (state: EntitlementState, event: Told): EntitlementState => {
  switch (event.type) {
    case 'RequestSubmitted.v1':
      return submitted(state, event.data)
    case 'RequestAutoApproved.v1':
      return changeRequest(state, event.data.requestId, { status: 'approved' })
    case 'ApprovalGranted.v1': {
      const { requestId, approverId, next } = event.data
      const decided = {
        decision: 'approve',
        by: approverId,
        at: event.metadata?.at ?? null,
      } as const
      const approvedBy = [...(findRequest(state, requestId)?.approvedBy ?? []), approverId]
      return changeRequest(
        state,
        requestId,
        next === null
          ? { decided, approvedBy, status: 'approved' }
          : { decided, approvedBy, approval: next, approverMissing: false },
      )
    }
    case 'ApprovalDenied.v1': {
      const { requestId, approverId } = event.data
      const at = event.metadata?.at ?? null
      const decided = { decision: 'deny', by: approverId, at } as const
      return changeRequest(state, requestId, { decided, status: 'denied' })
    }
    case 'ApprovalTimedOut.v1':
      return changeRequest(state, event.data.requestId, { status: 'timedOut' })
    case 'RequestCancelled.v1':
      return cancelled(state, event.data.requestId)
    case 'AssignmentScheduled.v1':
      return scheduled(state, event.data)
    case 'AssignmentStarted.v1':
      return started(state, event.data)
    case 'AssignmentExtended.v1': {
      const { assignmentId, endAt, endVersion, reminders } = event.data
      return changeAssignment(state, assignmentId, () => ({
        endAt,
        endVersion,
        reminders,
        reminded: [],
      }))
    }
    case 'ExtensionReminderDue.v1':
    case 'ExtensionReminderSkipped.v1': {
      const { assignmentId, endVersion, offset } = event.data
      return changeAssignment(state, assignmentId, (assignment) =>
        assignment.endVersion === endVersion ? { reminded: [...assignment.reminded, offset] } : {},
      )
    }
    case 'AssignmentEnded.v2':
      return changeAssignment(state, event.data.assignmentId, () => ({ status: 'ended' }))
    case 'RolesDelivered.v1': {
      const { assignmentId, roles, complete, rolesVersion } = event.data
      const news = roles.map(({ resourceId, roleId, preexisting }) => ({
        resourceId,
        roleId,
        status: { kind: 'delivered', preexisting } as const,
      }))
      return changeAssignment(state, assignmentId, (assignment) => ({
        roles: withRoles(assignment.roles, news),
        complete,
        rolesVersion,
      }))
    }
    case 'DeliveryFailed.v1': {
      const { assignmentId, roles, rolesVersion } = event.data
      const news = roles.map(({ resourceId, roleId, code, transient }) => ({
        resourceId,
        roleId,
        status: { kind: 'failed', code, transient } as const,
      }))
      return changeAssignment(state, assignmentId, (assignment) => ({
        roles: withRoles(assignment.roles, news),
        complete: false,
        rolesVersion,
      }))
    }
    case 'ApproverMissing.v1':
    case 'ApproverFound.v1': {
      const { requestId } = event.data
      return changeRequest(state, requestId, {
        approverMissing: event.type === 'ApproverMissing.v1',
      })
    }
    case 'SubjectLeft.v1': {
      const { assignmentId, since } = event.data
      return changeAssignment(state, assignmentId, () => ({ subjectLeftSince: since }))
    }
    case 'SubjectReturned.v1':
      return changeAssignment(state, event.data.assignmentId, () => ({
        subjectLeftSince: null,
        startWithheld: false,
      }))
    case 'StartWithheld.v1':
      return changeAssignment(state, event.data.assignmentId, () => ({ startWithheld: true }))
    case 'RolesWithheld.v1': {
      const { assignmentId, roles, rolesVersion } = event.data
      const news = roles.map((role) => ({ ...role, status: { kind: 'withheld' } as const }))
      return changeAssignment(state, assignmentId, (assignment) => ({
        roles: withRoles(assignment.roles, news),
        complete: false,
        rolesVersion,
      }))
    }
    case 'RolesRevoked.v1': {
      const { assignmentId, roles, complete, rolesVersion } = event.data
      const news = roles.map(({ resourceId, roleId, kept }) => ({
        resourceId,
        roleId,
        status: { kind: 'revoked', kept } as const,
      }))
      return changeAssignment(state, assignmentId, (assignment) => ({
        roles: withRoles(assignment.roles, news),
        rolesVersion: Math.max(rolesVersion, assignment.rolesVersion),
        revoked: assignment.status === 'ended' && complete,
      }))
    }
    default:
      event satisfies never
      return state
  }
}
