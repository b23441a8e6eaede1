import { formatPosition } from '@portcullis/core'
import type { PolicyTerms } from '@portcullis/domain'
import type { Row } from '../projector/foldTable.ts'
import type { FulfilmentError, RequestView } from '../rows.ts'
import type { EntitlementViewEvent, EventOf } from './entitlements.events.ts'

type Approvers = Pick<RequestView, 'approverIds' | 'approverGroupIds'>

export interface RequestFoldState {
  /**
   * Approvers of every stage, the first first: the stages that open later need them. Empty once no stage can open any
   * more.
   */
  readonly stages: readonly Approvers[]
  /** Its assignment has ended: what is revoked from now on changes nothing here. */
  readonly over: boolean
}
export type RequestRow = Row<RequestView, RequestFoldState>

const NOBODY: Approvers = { approverIds: [], approverGroupIds: [] }

const stagesOf = (terms: PolicyTerms): readonly Approvers[] =>
  terms.approval.required
    ? terms.approval.stages.map(({ approvers }) => ({
        approverIds: approvers.filter(({ kind }) => kind === 'user').map(({ id }) => id),
        approverGroupIds: approvers.filter(({ kind }) => kind === 'group').map(({ id }) => id),
      }))
    : []

export const newRequest = (event: EventOf<'RequestSubmitted.v1'>): RequestRow => {
  const { data, metadata } = event
  const stages = data.approval === null ? [] : stagesOf(data.terms)
  const { approverIds, approverGroupIds } = stages[0] ?? NOBODY
  return {
    seq: formatPosition(event.position),
    state: { stages, over: false },
    view: {
      id: data.requestId,
      kind: data.kind,
      packageId: data.packageId,
      subjectId: data.subjectId,
      requestorId: data.requestorId,
      policyId: data.policyId,
      policyVersion: data.policyVersion,
      status: data.approval === null ? 'Delivering' : 'PendingApproval',
      subStatus: null,
      justification: data.justification,
      stage: data.approval?.stage ?? null,
      decideBy: data.approval?.decideBy ?? null,
      approverIds,
      approverGroupIds,
      decidedBy: null,
      decidedAt: null,
      decisionJustification: null,
      assignmentId: data.assignmentId,
      fulfilmentErrors: [],
      submittedAt: metadata.at,
      updatedAt: metadata.at,
    },
  }
}

/**
 * The request after one more event of its own, or of its assignment: the same row when it shows nothing new, as while a
 * role is rolled out.
 */
export const foldRequest = (row: RequestRow, event: EntitlementViewEvent): RequestRow => {
  const changes = requestChanges(row, event)
  if (event.type !== 'AssignmentEnded.v2' && changesNothing(row.view, changes)) return row
  const view = { ...row.view, ...changes, updatedAt: event.metadata.at }
  return {
    ...row,
    view,
    state: {
      stages: view.status === 'PendingApproval' ? row.state.stages : [],
      over: row.state.over || event.type === 'AssignmentEnded.v2',
    },
  }
}

const changesNothing = (view: RequestView, changes: Partial<RequestView>): boolean =>
  Object.entries(changes).every(([field, value]) => {
    const before: unknown = view[field as keyof RequestView]
    return before === value || (isEmpty(before) && isEmpty(value))
  })

const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0

const requestChanges = (
  { view, state }: RequestRow,
  event: EntitlementViewEvent,
): Partial<RequestView> => {
  switch (event.type) {
    case 'RequestAutoApproved.v1':
      return { decidedAt: event.metadata.at }
    case 'ApprovalGranted.v1': {
      const { next, approverId, justification } = event.data
      if (next === null) {
        const decision = { decidedBy: approverId, decidedAt: event.metadata.at }
        return { ...decision, decisionJustification: justification, status: 'Delivering' }
      }
      const approvers = state.stages[next.stage - 1] ?? NOBODY
      return { stage: next.stage, decideBy: next.decideBy, ...approvers }
    }
    case 'ApprovalDenied.v1':
      return {
        status: 'Denied',
        decidedBy: event.data.approverId,
        decidedAt: event.metadata.at,
        decisionJustification: event.data.justification,
      }
    case 'ApprovalTimedOut.v1':
      return { status: 'Cancelled', subStatus: 'TimedOut' }
    case 'RequestCancelled.v1':
      return { status: 'Cancelled' }
    case 'AssignmentScheduled.v1':
      return { status: 'Scheduled', assignmentId: event.data.assignmentId }
    case 'AssignmentStarted.v1':
      return { status: 'Delivering', assignmentId: event.data.assignmentId }
    case 'AssignmentExtended.v1':
      return { status: 'Fulfilled', subStatus: 'Extended' }
    case 'RolesDelivered.v1':
      return fulfilment(
        view,
        event.data.complete ? [] : withoutErrors(view, event.data.roles),
        event.data.complete,
      )
    case 'DeliveryFailed.v1':
      return fulfilment(view, withErrors(view, event), false)
    case 'RolesRevoked.v1':
      return state.over ? {} : fulfilment(view, withoutErrors(view, event.data.roles), false)
    case 'AssignmentEnded.v2':
      return ended(view)
    case 'RequestSubmitted.v1':
    case 'RolesWithheld.v1':
      return {}
  }
}

/**
 * S21: errors make a request Unfulfilled, partially; once all is delivered it is Fulfilled. A role that is added later
 * doesn't take that back before it fails.
 */
const fulfilment = (
  view: RequestView,
  fulfilmentErrors: readonly FulfilmentError[],
  complete: boolean,
): Partial<RequestView> => {
  if (fulfilmentErrors.length > 0) {
    return { fulfilmentErrors, status: 'Unfulfilled', subStatus: 'PartiallyFulfilled' }
  }
  const fulfilled = complete || view.status === 'Fulfilled'
  return { fulfilmentErrors, status: fulfilled ? 'Fulfilled' : 'Delivering', subStatus: null }
}

/** The assignment's end doesn't change what became of the request, unless it was still on its way. */
const ended = (view: RequestView): Partial<RequestView> => {
  if (view.status === 'Scheduled') return { status: 'Cancelled' }
  return view.status === 'Delivering' ? { status: 'Unfulfilled' } : {}
}

interface RoleRef {
  readonly resourceId: string
  readonly roleId: string
}

const isSameRole = (one: RoleRef, other: RoleRef): boolean =>
  one.resourceId === other.resourceId && one.roleId === other.roleId

const withoutErrors = (view: RequestView, roles: readonly RoleRef[]): readonly FulfilmentError[] =>
  view.fulfilmentErrors.length === 0
    ? view.fulfilmentErrors
    : view.fulfilmentErrors.filter((error) => !roles.some((role) => isSameRole(role, error)))

const withErrors = (
  view: RequestView,
  { data, metadata }: EventOf<'DeliveryFailed.v1'>,
): readonly FulfilmentError[] => [
  ...withoutErrors(view, data.roles),
  ...data.roles.map((role) => ({
    ...role,
    firstFailedAt:
      view.fulfilmentErrors.find((error) => isSameRole(error, role))?.firstFailedAt ?? metadata.at,
    lastFailedAt: metadata.at,
  })),
]
