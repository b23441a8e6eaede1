import { type Decider, type Decision, type DecisionContext, refuse } from '@portcullis/core'
import type { AccessPackageEvent } from '../events.ts'
import type { AccessPackageCommand } from './accessPackage.commands.ts'
import { createAccessPackage, unlessAllowed } from './accessPackage.create.ts'
import { deleteAccessPackage, editAccessPackage } from './accessPackage.edit.ts'
import type { AccessPackageFacts } from './accessPackage.facts.ts'
import {
  addPolicy,
  changePolicy,
  removePolicy,
  switchPolicy,
} from './accessPackage.policyChanges.ts'
import { addResourceRole, removeResourceRole } from './accessPackage.roles.ts'
import { controlRollOut, startRollOut } from './accessPackage.rollOutControl.ts'
import {
  type AccessPackageState,
  evolveAccessPackage,
  initialAccessPackage,
} from './accessPackage.state.ts'

const manage = (
  command: Exclude<AccessPackageCommand, { type: 'CreateAccessPackage' }>,
  state: AccessPackageState,
  context: DecisionContext,
  facts: AccessPackageFacts,
): Decision<AccessPackageEvent> => {
  switch (command.type) {
    case 'EditAccessPackage':
      return editAccessPackage(command, state)
    case 'AddResourceRole':
      return addResourceRole(command, state, context, facts)
    case 'RemoveResourceRole':
      return removeResourceRole(command, state)
    case 'StartRollOut':
      return startRollOut(command, state)
    case 'PauseRollOut':
    case 'ResumeRollOut':
    case 'ReleaseRollOut':
    case 'CancelRollOut':
      return controlRollOut(command, state, facts)
    case 'AddPolicy':
      return addPolicy(command, state, context, facts)
    case 'ChangePolicy':
      return changePolicy(command, state, context, facts)
    case 'EnablePolicy':
    case 'DisablePolicy':
      return switchPolicy(command, state)
    case 'RemovePolicy':
      return removePolicy(command, state, facts)
    case 'DeleteAccessPackage':
      return deleteAccessPackage(command, state, facts)
    default:
      return command satisfies never
  }
}

/** What is conferred, and by which policies (S2–S8, S14–S17, S23). */
export const accessPackageDecider: Decider<
  AccessPackageState,
  AccessPackageCommand,
  AccessPackageEvent,
  AccessPackageFacts
> = {
  initialState: initialAccessPackage,
  evolve: evolveAccessPackage,
  decide: (command, state, context, facts) => {
    if (command.type === 'CreateAccessPackage') {
      return createAccessPackage(command, state, context, facts)
    }
    // Before it is looked whether there is such a package: who may nothing there doesn't learn it.
    const notAllowed = unlessAllowed(command.type, state.catalogId, context, facts)
    if (notAllowed !== undefined) return notAllowed
    if (state.packageId === null) {
      return refuse(
        'not-found',
        'package.not-found',
        `There is no access package with the id ${command.packageId}; check the id.`,
      )
    }
    if (state.deleted) {
      return refuse(
        'not-allowed',
        'package.deleted',
        `${state.displayName} has been deleted and can't be changed any more; create another access package.`,
      )
    }
    return manage(command, state, context, facts)
  },
}
