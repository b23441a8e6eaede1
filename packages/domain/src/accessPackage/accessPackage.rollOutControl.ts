import { accept, type Decision, refuse } from '@portcullis/core'
import type { AccessPackageEvent } from '../events.ts'
import type { AccessPackageFacts } from './accessPackage.facts.ts'
import { changesBetween } from './accessPackage.rollOut.ts'
import type { AccessPackageState } from './accessPackage.state.ts'

type Answer = Decision<AccessPackageEvent>

export interface StartRollOut {
  readonly type: 'StartRollOut'
  readonly packageId: string
}

export interface ControlRollOut {
  readonly type: 'PauseRollOut' | 'ResumeRollOut' | 'ReleaseRollOut' | 'CancelRollOut'
  readonly packageId: string
}

/** The engine says that the changes which wait begin to roll out: from then on they can't be called off. */
export const startRollOut = ({ packageId }: StartRollOut, state: AccessPackageState): Answer => {
  const { rolesVersion, rollOut } = state
  return rollOut.waiting === 'queued' && !rollOut.paused
    ? accept({ type: 'RollOutStarted.v1', data: { packageId, rolesVersion } })
    : accept()
}

/** What is being rolled out stops where it is, and what is about to start doesn't. */
const pause = (packageId: string, state: AccessPackageState, facts: AccessPackageFacts): Answer => {
  const { rolesVersion, rollOut, displayName } = state
  if (facts.rollingOut === null)
    throw new Error('PauseRollOut is decided by who waits for the roles, and nobody has looked')
  if (rollOut.paused) return accept()
  if (facts.rollingOut || rollOut.waiting === 'queued')
    return accept({ type: 'RollOutPaused.v1', data: { packageId, rolesVersion } })
  return refuse(
    'conflict',
    'roll-out.nothing-to-pause',
    rollOut.waiting === 'held'
      ? `The change of the roles of ${displayName} is held back already; release it to roll it out, or cancel it.`
      : `No change of the roles of ${displayName} is going out: everybody who has the package has its roles. To keep back the next change, make it with rollOut "held".`,
  )
}

const resume = (packageId: string, { rolesVersion, rollOut }: AccessPackageState): Answer =>
  rollOut.paused
    ? accept({ type: 'RollOutResumed.v1', data: { packageId, rolesVersion } })
    : accept()

/** What was held back is rolled out as if it had been made now. */
const release = (packageId: string, { rolesVersion, rollOut }: AccessPackageState): Answer =>
  rollOut.waiting === 'held'
    ? accept({ type: 'RollOutQueued.v1', data: { packageId, rolesVersion } })
    : accept()

const cancel = (packageId: string, state: AccessPackageState): Answer => {
  const { rolesVersion, rollOut, displayName } = state
  if (rollOut.waiting === null) {
    // The second time.
    if (rollOut.last === 'cancelled') return accept()
    return rollOut.last === null
      ? refuse(
          'conflict',
          'roll-out.nothing-to-cancel',
          `No change of the roles of ${displayName} waits to be rolled out, so there is nothing to cancel.`,
        )
      : refuse(
          'conflict',
          'roll-out.started',
          `The change of the roles of ${displayName} has started to roll out and can't be cancelled any more; take it back by a change of its own: remove the role that was added, or add the one that was removed. Pausing keeps it from whom it hasn't reached.`,
          { rolesVersion: rollOut.startedVersion },
        )
  }
  const sameAs = rollOut.startedVersion
  const changes = changesBetween(state, rolesVersion, sameAs)
  return accept<AccessPackageEvent>(
    {
      type: 'RollOutCancelled.v1',
      data: { packageId, rolesVersion: rolesVersion + changes.length, sameAs },
    },
    ...changes.map(({ change, resourceId, roleId }, index) => ({
      type:
        change === 'added'
          ? ('ResourceRoleAdded.v1' as const)
          : ('ResourceRoleRemoved.v1' as const),
      data: { packageId, resourceId, roleId, rolesVersion: rolesVersion + index + 1 },
    })),
  )
}

export const controlRollOut = (
  { type, packageId }: ControlRollOut,
  state: AccessPackageState,
  facts: AccessPackageFacts,
): Answer => {
  switch (type) {
    case 'PauseRollOut':
      return pause(packageId, state, facts)
    case 'ResumeRollOut':
      return resume(packageId, state)
    case 'ReleaseRollOut':
      return release(packageId, state)
    case 'CancelRollOut':
      return cancel(packageId, state)
    default:
      return type satisfies never
  }
}
