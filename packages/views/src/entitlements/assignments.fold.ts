import { formatPosition } from '@portcullis/core'
import { parseAssignmentId } from '@portcullis/domain'
import type { Row } from '../projector/foldTable.ts'
import type { EventOf } from '../projector/projection.ts'
import type { AssignmentStatus, AssignmentView } from '../rows.ts'
import type { EntitlementViewEvent } from './requests.fold.ts'

export interface AssignmentFoldState {
  /** Every role of the package, as it was at `rolesVersion`, is in place. */
  readonly delivered: boolean
  /** Nothing that should go is left. */
  readonly revoked: boolean
  /** It ended because the subject had left. */
  readonly subjectLeft: boolean
}
export type AssignmentRow = Row<AssignmentView, AssignmentFoldState>

const UNDER_WAY: readonly AssignmentStatus[] = ['Delivering', 'Delivered', 'PartiallyDelivered']

/** Does the assignment confer its package's roles now? */
export const isActive = ({ status }: AssignmentView): boolean => UNDER_WAY.includes(status)
/** Does it confer them now, or will it? While one does, its package can't be deleted (S24). */
export const isOngoing = (view: AssignmentView): boolean =>
  isActive(view) || view.status === 'Scheduled'
export const hasEnded = ({ status }: AssignmentView): boolean =>
  status === 'Expired' || status === 'Removed'

export const newAssignment = (
  event: EventOf<'AssignmentScheduled.v1'> | EventOf<'AssignmentStarted.v1'>,
): AssignmentRow => {
  const { data, metadata } = event
  return {
    seq: formatPosition(event.position),
    state: { delivered: true, revoked: true, subjectLeft: false },
    view: {
      id: data.assignmentId,
      entitlementId: parseAssignmentId(data.assignmentId)?.entitlementId ?? '',
      packageId: data.packageId,
      subjectId: data.subjectId,
      requestId: data.requestId,
      policyId: data.policyId,
      policyVersion: data.policyVersion,
      status: 'Scheduled',
      startAt: 'startAt' in data ? data.startAt : data.startedAt,
      endAt: data.endAt,
      endVersion: 1,
      endedAt: null,
      settled: true,
      rolesVersion: 0,
      updatedAt: metadata.at,
    },
  }
}

/**
 * The assignment after one more event that is about it.
 * @param failing how many of its roles can't be delivered so far, this event included
 */
export const foldAssignment = (
  row: AssignmentRow,
  event: EntitlementViewEvent,
  failing: number,
): AssignmentRow => {
  const state = { ...row.state, ...stateChanges(event) }
  const view = { ...row.view, ...viewChanges(row.view, event), updatedAt: event.metadata.at }
  if (!isActive(view)) return { ...row, state, view: { ...view, settled: state.revoked } }
  return {
    ...row,
    state,
    view: {
      ...view,
      status: failing > 0 ? 'PartiallyDelivered' : state.delivered ? 'Delivered' : 'Delivering',
      settled: failing === 0 && state.delivered && state.revoked,
    },
  }
}

const stateChanges = (event: EntitlementViewEvent): Partial<AssignmentFoldState> => {
  switch (event.type) {
    case 'AssignmentStarted.v1':
    case 'DeliveryFailed.v1':
    case 'RolesWithheld.v1':
      return { delivered: false }
    case 'RolesDelivered.v1':
      return { delivered: event.data.complete }
    case 'AssignmentEnded.v2':
      return { revoked: false, subjectLeft: event.data.reason === 'subject-left' }
    case 'RolesRevoked.v1':
      return { revoked: event.data.complete }
    default:
      return {}
  }
}

const viewChanges = (
  view: AssignmentView,
  event: EntitlementViewEvent,
): Partial<AssignmentView> => {
  switch (event.type) {
    case 'AssignmentStarted.v1': {
      const { startedAt, endAt, endVersion } = event.data
      return { status: 'Delivering', startAt: startedAt, endAt, endVersion }
    }
    case 'AssignmentExtended.v1':
      return { endAt: event.data.endAt, endVersion: event.data.endVersion }
    case 'RolesDelivered.v1':
    case 'DeliveryFailed.v1':
    case 'RolesWithheld.v1':
    case 'RolesRevoked.v1':
      return { rolesVersion: Math.max(view.rolesVersion, event.data.rolesVersion) }
    case 'AssignmentEnded.v2':
      return {
        status: event.data.reason === 'expired' ? 'Expired' : 'Removed',
        endedAt: event.metadata.at,
      }
    case 'RequestCancelled.v1':
      return { status: 'Cancelled', endedAt: event.metadata.at }
    default:
      return {}
  }
}
