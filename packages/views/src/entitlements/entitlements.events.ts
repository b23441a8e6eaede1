import type { ViewEvent } from '../projector/projection.ts'

/** Reminders change nothing that a request or an assignment shows. */
export const entitlementEventTypes = [
  'RequestSubmitted.v1',
  'RequestAutoApproved.v1',
  'ApprovalGranted.v1',
  'ApprovalDenied.v1',
  'ApprovalTimedOut.v1',
  'RequestCancelled.v1',
  'AssignmentScheduled.v1',
  'AssignmentStarted.v1',
  'RolesDelivered.v1',
  'DeliveryFailed.v1',
  'RolesWithheld.v1',
  'AssignmentExtended.v1',
  'AssignmentEnded.v2',
  'RolesRevoked.v1',
] as const

export type EventOf<Type extends ViewEvent['type']> = Extract<ViewEvent, { type: Type }>
export type EntitlementViewEvent = EventOf<(typeof entitlementEventTypes)[number]>
