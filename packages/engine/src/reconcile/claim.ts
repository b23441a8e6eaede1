import {
  type AccessPackageState,
  type AssignmentState,
  confersRole,
  type GrantCommand,
  type GrantState,
  grantDesired,
  grantSettled,
  type ObservedRole,
  type ResourceRoleRef,
  sameRole,
} from '@portcullis/domain'

/** What an assignment is to a grant: whether it confers it, and what is to change of its hold. */
export interface Claim {
  readonly desired: boolean
  readonly change: GrantCommand | null
}

/**
 * S5, S6: a role that the assignment confers gets its hold, one that it confers no more loses it; what other
 * assignments hold isn't touched.
 * The end of an assignment is noted where it holds nothing as well, so that a hold that a late job adds can't outlive
 * it.
 * @param withheld the subject has left
 * @returns null when the assignment has nothing to do with the grant
 */
export const claimOf = (
  accessPackage: AccessPackageState,
  assignment: AssignmentState,
  role: ResourceRoleRef,
  grant: GrantState,
  withheld: boolean,
): Claim | null => {
  const { assignmentId } = assignment
  const held = grant.holders.includes(assignmentId)
  const recorded = assignment.roles.find((known) => sameRole(known, role))?.status.kind
  const desired = confersRole(accessPackage, assignment, role, held)
  const active = isActive(assignment)
  // One that is over may have conferred any of the package's roles.
  const conferred =
    desired || (!active && accessPackage.resourceRoles.some((other) => sameRole(other, role)))
  const concerned = held || conferred || (recorded !== undefined && recorded !== 'revoked')
  if (!concerned) return null
  // Nothing new for somebody who has left; what is there already is held, so that it stays while this confers it.
  const waits = held || (withheld && grant.actual !== 'present')
  if (desired) return { desired, change: waits ? null : { type: 'AddHold', assignmentId } }
  const released = !held && (active || grant.released.includes(assignmentId))
  const reason = active ? 'role-removed' : 'assignment-ended'
  return { desired, change: released ? null : { type: 'ReleaseHold', assignmentId, reason } }
}

export const isActive = ({ status }: Pick<AssignmentState, 'status'>): boolean =>
  status === 'active'

/** Active ones always; ended ones until everything that they conferred is gone. */
export const needsWork = (assignment: AssignmentState): boolean =>
  isActive(assignment) || (assignment.status === 'ended' && !assignment.revoked)

/** What an assignment sees of a grant. @param withheld the subject has left: what isn't there won't come */
export const statusOf = (
  state: GrantState,
  assignmentId: string,
  desired: boolean,
  withheld = false,
): ObservedRole['status'] => {
  if (desired && withheld && state.actual !== 'present') return { kind: 'withheld' }
  if (desired && !state.holders.includes(assignmentId)) return { kind: 'pending' }
  if (desired && state.actual === 'present')
    return { kind: 'delivered', preexisting: state.preexisting }
  if (!desired && grantDesired(state) === 'present')
    return { kind: 'revoked', kept: 'other-assignment' }
  if (!desired && state.preexisting) return { kind: 'revoked', kept: 'preexisting' }
  if (!desired && grantSettled(state)) return { kind: 'revoked', kept: null }
  const { failure } = state
  return failure === null
    ? { kind: 'pending' }
    : {
        kind: 'failed',
        code: failure.code,
        message: failure.message,
        transient: failure.transient,
        attempts: state.lastTry?.attempt ?? 1,
      }
}
