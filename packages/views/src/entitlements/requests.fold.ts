import { formatPosition, handlers } from '@portcullis/core'
import type { PolicyTerms } from '@portcullis/domain'
import type { Row } from '../projector/foldTable.ts'
import type { EventOf, ViewEvent } from '../projector/projection.ts'
import type { FulfilmentError, RequestView } from '../rows.ts'

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

type Changes = (row: RequestRow) => Partial<RequestView>

/** What each event changes of a request. Reminders change nothing that a request or an assignment shows. */
const CHANGES = handlers<ViewEvent, Changes>()({
  'RequestSubmitted.v1': () => () => ({}),
  'RequestAutoApproved.v1': (event) => () => ({ decidedAt: event.metadata.at }),
  'ApprovalGranted.v1':
    ({ data: { next, approverId, justification }, metadata }) =>
    ({ state }) => {
      if (next === null) {
        const decision = { decidedBy: approverId, decidedAt: metadata.at }
        return { ...decision, decisionJustification: justification, status: 'Delivering' }
      }
      const approvers = state.stages[next.stage - 1] ?? NOBODY
      return { stage: next.stage, decideBy: next.decideBy, ...approvers }
    },
  'ApprovalDenied.v1': (event) => () => ({
    status: 'Denied',
    decidedBy: event.data.approverId,
    decidedAt: event.metadata.at,
    decisionJustification: event.data.justification,
  }),
  'ApprovalTimedOut.v1': () => () => ({ status: 'Cancelled', subStatus: 'TimedOut' }),
  'RequestCancelled.v1': () => () => ({ status: 'Cancelled' }),
  'AssignmentScheduled.v1':
    ({ data: { assignmentId } }) =>
    () => ({ status: 'Scheduled', assignmentId }),
  'AssignmentStarted.v1':
    ({ data: { assignmentId } }) =>
    () => ({ status: 'Delivering', assignmentId }),
  'RolesDelivered.v1':
    ({ data: { complete, roles } }) =>
    ({ view }) =>
      fulfilment(view, complete ? [] : withoutErrors(view, roles), complete),
  'DeliveryFailed.v1':
    (event) =>
    ({ view }) =>
      fulfilment(view, withErrors(view, event), false),
  'RolesWithheld.v1': () => () => ({}),
  'AssignmentExtended.v1': () => () => ({ status: 'Fulfilled', subStatus: 'Extended' }),
  'AssignmentEnded.v2':
    () =>
    ({ view }) =>
      ended(view),
  'RolesRevoked.v1':
    ({ data: { roles } }) =>
    ({ view, state }) =>
      state.over ? {} : fulfilment(view, withoutErrors(view, roles), false),
})

/** Stored names of the events that requests and assignments show. */
export const entitlementEventTypes = CHANGES.types
export type EntitlementViewEvent = EventOf<(typeof entitlementEventTypes)[number]>

const requestChanges = (row: RequestRow, event: EntitlementViewEvent): Partial<RequestView> =>
  CHANGES.handle(event)?.(row) ?? {}

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
