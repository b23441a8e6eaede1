import { accept } from '@portcullis/core'
import type { EntitlementEvent } from '../events.ts'
import { type Answer, withAssignment } from './entitlement.rules.ts'
import type { AssignmentState, EntitlementState, RoleDelivery } from './entitlement.state.ts'

export interface ObservedRole {
  readonly resourceId: string
  readonly roleId: string
  /** Should this assignment confer it now? (active and in the package) */
  readonly desired: boolean
  readonly status:
    | { readonly kind: 'pending' }
    | { readonly kind: 'delivered'; readonly preexisting: boolean }
    | {
        readonly kind: 'failed'
        readonly code: string
        readonly message: string
        readonly transient: boolean
        readonly attempts: number
      }
    /** Not given, for the subject has left. */
    | { readonly kind: 'withheld' }
    /** Not held by this assignment any more, and gone from the target, or kept for a reason. */
    | { readonly kind: 'revoked'; readonly kept: 'other-assignment' | 'preexisting' | null }
}

/**
 * What reconcile found, for every role that the assignment should confer or did confer. Decides to events only for what
 * is news.
 */
export interface RecordFulfilment {
  readonly type: 'RecordFulfilment'
  readonly assignmentId: string
  readonly rolesVersion: number
  readonly roles: readonly ObservedRole[]
}

type Status<Kind extends ObservedRole['status']['kind']> = Extract<
  ObservedRole['status'],
  { kind: Kind }
>
type Seen<Kind extends ObservedRole['status']['kind']> = ObservedRole & {
  readonly status: Status<Kind>
}

const isDelivered = (role: ObservedRole): role is Seen<'delivered'> =>
  role.status.kind === 'delivered'
const isFailed = (role: ObservedRole): role is Seen<'failed'> => role.status.kind === 'failed'
const isRevoked = (role: ObservedRole): role is Seen<'revoked'> => role.status.kind === 'revoked'

const recordedOf = (
  assignment: AssignmentState,
  { resourceId, roleId }: ObservedRole,
): RoleDelivery['status'] | undefined =>
  assignment.roles.find((role) => role.resourceId === resourceId && role.roleId === roleId)?.status

const delivered = (
  command: RecordFulfilment,
  assignment: AssignmentState,
): readonly EntitlementEvent[] => {
  const { assignmentId } = assignment
  const { rolesVersion } = command
  const desired = command.roles.filter((role) => role.desired)
  const roles = desired
    .filter(isDelivered)
    .filter((role) => {
      const recorded = recordedOf(assignment, role)
      return recorded?.kind !== 'delivered' || recorded.preexisting !== role.status.preexisting
    })
    .map(({ resourceId, roleId, status: { preexisting } }) => ({ resourceId, roleId, preexisting }))
  const complete = desired.every(isDelivered)
  const isNewlyComplete =
    complete && (!assignment.complete || rolesVersion > assignment.rolesVersion)
  return roles.length > 0 || isNewlyComplete
    ? [{ type: 'RolesDelivered.v1', data: { assignmentId, roles, complete, rolesVersion } }]
    : []
}

/** Not every attempt is news: only a role that didn't fail before, or fails otherwise. */
const failed = (
  command: RecordFulfilment,
  assignment: AssignmentState,
): readonly EntitlementEvent[] => {
  const { assignmentId } = assignment
  const { rolesVersion } = command
  const roles = command.roles
    .filter((role) => role.desired)
    .filter(isFailed)
    .filter((role) => {
      const recorded = recordedOf(assignment, role)
      const { code, transient } = role.status
      return (
        recorded?.kind !== 'failed' || recorded.code !== code || recorded.transient !== transient
      )
    })
    .map(({ resourceId, roleId, status: { code, message, transient, attempts } }) => ({
      resourceId,
      roleId,
      code,
      message,
      transient,
      attempts,
    }))
  return roles.length > 0
    ? [{ type: 'DeliveryFailed.v1', data: { assignmentId, roles, rolesVersion } }]
    : []
}

/** What the subject would have, had they not left: told once for each role. */
const withheld = (
  command: RecordFulfilment,
  assignment: AssignmentState,
): readonly EntitlementEvent[] => {
  const { assignmentId } = assignment
  const { rolesVersion } = command
  const roles = command.roles
    .filter(({ desired, status }) => desired && status.kind === 'withheld')
    .filter((role) => recordedOf(assignment, role)?.kind !== 'withheld')
    .map(({ resourceId, roleId }) => ({ resourceId, roleId }))
  return roles.length > 0
    ? [{ type: 'RolesWithheld.v1', data: { assignmentId, roles, rolesVersion } }]
    : []
}

const revoked = (
  command: RecordFulfilment,
  assignment: AssignmentState,
): readonly EntitlementEvent[] => {
  const { assignmentId } = assignment
  const { rolesVersion } = command
  const over = assignment.status === 'ended'
  const toGo = command.roles.filter((role) => over || !role.desired)
  const roles = toGo
    .filter(isRevoked)
    .filter((role) => recordedOf(assignment, role)?.kind !== 'revoked')
    .map(({ resourceId, roleId, status: { kept } }) => ({ resourceId, roleId, kept }))
  const complete = toGo.every(isRevoked)
  return roles.length > 0 || (over && complete && !assignment.revoked)
    ? [{ type: 'RolesRevoked.v1', data: { assignmentId, roles, complete, rolesVersion } }]
    : []
}

/**
 * What reconcile saw, told as events only where it is news (S19, S21).
 * A look that is older than the last record (of an earlier version of the package's roles) says nothing about an active
 * assignment; one that has ended can only lose roles.
 */
export const recordFulfilment = (command: RecordFulfilment, state: EntitlementState): Answer =>
  withAssignment(state, command.assignmentId, (assignment) => {
    switch (assignment.status) {
      case 'scheduled':
      case 'cancelled':
        return accept()
      case 'ended':
        return accept(...revoked(command, assignment))
      case 'active':
        return command.rolesVersion < assignment.rolesVersion
          ? accept()
          : accept(
              ...delivered(command, assignment),
              ...failed(command, assignment),
              ...withheld(command, assignment),
              ...revoked(command, assignment),
            )
      default:
        return assignment.status satisfies never
    }
  })
