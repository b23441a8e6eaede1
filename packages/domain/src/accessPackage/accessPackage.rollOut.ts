import type { AccessPackageEvent } from '../events.ts'
import type { ResourceRoleRef } from './resourceRole.ts'

// Which version of a package's roles is rolled out to those who had the package before it (S5, S6; ADR 0042).

export type RoleChange = ResourceRoleRef & {
  readonly rolesVersion: number
  readonly change: 'added' | 'removed'
}

export interface RollOutState {
  /** The newest version that is being rolled out, or has been, to everybody. */
  readonly startedVersion: number
  /** The one that had before: what the change is told against. */
  readonly fromVersion: number
  /**
   * Changes behind the started version: about to start, or held back until somebody lets them; null when there are
   * none.
   */
  readonly waiting: 'queued' | 'held' | null
  /** Anybody who hasn't got to the started version keeps what they have. */
  readonly paused: boolean
  /**
   * Has a change of roles ever been rolled out, or been called off? The roles that a package was created with don't.
   */
  readonly last: 'started' | 'cancelled' | null
  /**
   * Versions whose changes were taken back before they started: who is at `sameAs` has all that `rolesVersion` confers.
   */
  readonly cancelled: readonly { readonly rolesVersion: number; readonly sameAs: number }[]
}

export const initialRollOut: RollOutState = {
  startedVersion: 0,
  fromVersion: 0,
  waiting: null,
  paused: false,
  last: null,
  cancelled: [],
}

/** In a word, where the newest change is. */
export type RollOutStanding = 'held' | 'queued' | 'started' | 'paused' | 'cancelled'

/** Undefined when no change has ever been rolled out. */
export const standingOfRollOut = ({
  paused,
  waiting,
  last,
}: RollOutState): RollOutStanding | undefined =>
  waiting === 'held' ? 'held' : paused ? 'paused' : (waiting ?? last ?? undefined)

type RollOutEvent = Extract<
  AccessPackageEvent,
  { type: `RollOut${string}` | 'ResourceRoleAdded.v1' | 'ResourceRoleRemoved.v1' }
>

export const evolveRollOut = (state: RollOutState, event: RollOutEvent): RollOutState => {
  const { rolesVersion } = event.data
  switch (event.type) {
    case 'RollOutQueued.v1':
      return { ...state, waiting: 'queued' }
    case 'RollOutHeld.v1':
      return { ...state, waiting: 'held' }
    case 'ResourceRoleAdded.v1':
    case 'ResourceRoleRemoved.v1':
      // Nothing said that it waits: it comes with the package or with a cancellation, or is from before roll-outs could
      // wait.
      return state.waiting === null ? { ...state, startedVersion: rolesVersion } : state
    case 'RollOutStarted.v1':
      return {
        ...state,
        fromVersion: state.startedVersion,
        startedVersion: rolesVersion,
        waiting: null,
        last: 'started',
      }
    case 'RollOutPaused.v1':
      return { ...state, paused: true }
    case 'RollOutResumed.v1':
      return { ...state, paused: false }
    case 'RollOutCancelled.v1': {
      const { sameAs } = event.data
      return {
        ...state,
        startedVersion: rolesVersion,
        waiting: null,
        last: 'cancelled',
        cancelled: [...state.cancelled, { rolesVersion, sameAs }],
      }
    }
    default:
      event satisfies never
      return state
  }
}

/** A version of the roles, or the newest one that confers the same because all changes since were called off. */
export const newestAlike = ({ cancelled }: RollOutState, version: number): number =>
  cancelled.reduce(
    (newest, { rolesVersion, sameAs }) => (sameAs === newest ? rolesVersion : newest),
    version,
  )

/** Versions before the started one that confer all of it: changes in between were called off. */
export const versionsAlike = (rollOut: RollOutState): readonly number[] =>
  [...new Set(rollOut.cancelled.map(({ sameAs }) => sameAs))].filter(
    (version) =>
      version < rollOut.startedVersion && newestAlike(rollOut, version) >= rollOut.startedVersion,
  )

/** All roles that the package has or once had: one that went away may still be held. */
export const rolesEver = (state: {
  readonly roleChanges: readonly RoleChange[]
}): readonly ResourceRoleRef[] => {
  const all = state.roleChanges.map(({ resourceId, roleId }) => ({ resourceId, roleId }))
  return [...new Map(all.map((role) => [`${role.resourceId}.${role.roleId}`, role])).values()]
}

/** The roles as they were at a version. */
export const rolesAtVersion = (
  changes: readonly RoleChange[],
  version: number,
): readonly ResourceRoleRef[] => {
  const roles = new Map<string, ResourceRoleRef>()
  for (const { rolesVersion, resourceId, roleId, change } of changes) {
    if (rolesVersion > version) break
    const key = `${resourceId}.${roleId}`
    if (change === 'added') roles.set(key, { resourceId, roleId })
    else roles.delete(key)
  }
  return [...roles.values()]
}

/** What is different between two versions of the roles: those that came, then those that went. */
export const changesBetween = (
  { roleChanges }: { readonly roleChanges: readonly RoleChange[] },
  from: number,
  to: number,
): readonly (ResourceRoleRef & { readonly change: RoleChange['change'] })[] => {
  const before = rolesAtVersion(roleChanges, from)
  const after = rolesAtVersion(roleChanges, to)
  return [
    ...without(after, before).map((role) => ({ ...role, change: 'added' as const })),
    ...without(before, after).map((role) => ({ ...role, change: 'removed' as const })),
  ]
}

const without = (
  roles: readonly ResourceRoleRef[],
  others: readonly ResourceRoleRef[],
): readonly ResourceRoleRef[] =>
  roles.filter(
    ({ resourceId, roleId }) =>
      !others.some((other) => other.resourceId === resourceId && other.roleId === roleId),
  )
