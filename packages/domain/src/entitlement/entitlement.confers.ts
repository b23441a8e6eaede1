import { newestAlike, rolesAtVersion } from '../accessPackage/accessPackage.rollOut.ts'
import type { AccessPackageState } from '../accessPackage/accessPackage.state.ts'
import type { ResourceRoleRef } from '../accessPackage/resourceRole.ts'
import { sameRole } from '../accessPackage/resourceRole.ts'
import type { AssignmentState } from './entitlement.state.ts'

type Package = Pick<
  AccessPackageState,
  'resourceRoles' | 'roleChanges' | 'rolesVersion' | 'rollOut'
>
type Assignment = Pick<AssignmentState, 'status' | 'rolesVersion' | 'complete'>

/**
 * The version of the package's roles that an assignment confers now (S5, S6; ADR 0042). To whom something has been
 * delivered, a change comes by its roll-out: not before that starts, and not while it is paused.
 * Somebody new gets the package as it is; they aren't part of any roll-out.
 */
export const conferredVersion = (
  { rolesVersion, rollOut }: Package,
  assignment: Assignment,
): number => {
  const isNew = assignment.rolesVersion === 0 && !assignment.complete
  if (assignment.status !== 'active' || isNew) return rolesVersion
  const own = newestAlike(rollOut, assignment.rolesVersion)
  return rollOut.paused ? own : Math.max(own, rollOut.startedVersion)
}

/**
 * The resource roles that an assignment confers now: of the version that has reached it while it is active, else none.
 */
export const conferredRoles = (
  accessPackage: Package,
  assignment: Assignment,
): readonly ResourceRoleRef[] => {
  if (assignment.status !== 'active') return []
  const version = conferredVersion(accessPackage, assignment)
  return version === accessPackage.rolesVersion
    ? accessPackage.resourceRoles
    : rolesAtVersion(accessPackage.roleChanges, version)
}

const includes = (roles: readonly ResourceRoleRef[], role: ResourceRoleRef): boolean =>
  roles.some((other) => sameRole(other, role))

/**
 * Does an assignment confer the role now?
 * @param held does it hold the role? While a roll-out is paused, what it had begun here stays as it is: neither taken
 *   back nor gone on with.
 * What somebody new was given early, before the roll-out that brings it to all others has started, stays as well.
 */
export const confersRole = (
  accessPackage: Package,
  assignment: Assignment,
  role: ResourceRoleRef,
  held: boolean,
): boolean => {
  const confers = includes(conferredRoles(accessPackage, assignment), role)
  if (assignment.status !== 'active') return confers
  const { rollOut, roleChanges, resourceRoles } = accessPackage
  if (rollOut.paused) {
    const own = conferredVersion(accessPackage, assignment)
    const toCome = rolesAtVersion(roleChanges, Math.max(own, rollOut.startedVersion))
    if (includes(toCome, role) !== confers) return held
  }
  if (confers || !held || !includes(resourceRoles, role)) return confers
  // Not what it has from a version whose role has been taken away since: that goes, though it is to come again.
  return !includes(rolesAtVersion(roleChanges, assignment.rolesVersion), role)
}
