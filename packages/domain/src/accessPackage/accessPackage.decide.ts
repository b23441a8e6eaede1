import {
  accept,
  type Decider,
  type Decision,
  type DecisionContext,
  jsonEqual,
  refuse,
} from '@portcullis/core'
import type { AccessPackageEvent } from '../events.ts'
import type {
  AccessPackageCommand,
  AccessPackageFacts,
  PackageUse,
} from './accessPackage.commands.ts'
import { createAccessPackage, refusalOfRole, unlessAllowed } from './accessPackage.create.ts'
import { problemsOfPolicy } from './accessPackage.policies.ts'
import { problem, refuseAll } from './accessPackage.problems.ts'
import { changeRole, controlRollOut, startRollOut } from './accessPackage.rollOutControl.ts'
import {
  type AccessPackageState,
  evolveAccessPackage,
  findPolicy,
  initialAccessPackage,
  type PolicyState,
  sameRole,
} from './accessPackage.state.ts'
import { unlessPackageUnused, unlessPolicyUnused } from './accessPackage.use.ts'

type Answer = Decision<AccessPackageEvent>
type Manage = Exclude<AccessPackageCommand, { type: 'CreateAccessPackage' }>
type Of<Type extends Manage['type']> = Extract<Manage, { type: Type }>

/** S23: one command, an event for each thing that changes. */
const edit = (
  { packageId, displayName, description, hidden }: Of<'EditAccessPackage'>,
  state: AccessPackageState,
): Answer => {
  const names = {
    displayName: displayName ?? state.displayName,
    description: description ?? state.description,
  }
  const renamed = names.displayName !== state.displayName || names.description !== state.description
  const events: AccessPackageEvent[] = []
  if (renamed) events.push({ type: 'AccessPackageRenamed.v1', data: { packageId, ...names } })
  if (hidden !== null && hidden !== state.hidden)
    events.push({
      type: hidden ? 'AccessPackageHidden.v1' : 'AccessPackageShown.v1',
      data: { packageId },
    })
  return accept(...events)
}

const addResourceRole = (
  command: Of<'AddResourceRole'>,
  state: AccessPackageState,
  context: DecisionContext,
  facts: AccessPackageFacts,
): Answer => {
  if (state.resourceRoles.some((role) => sameRole(role, command))) return accept()
  return refusalOfRole(command, state.catalogId, context, facts) ?? changeRole(command, state)
}

const removeResourceRole = (
  command: Of<'RemoveResourceRole'>,
  state: AccessPackageState,
): Answer =>
  state.resourceRoles.some((role) => sameRole(role, command))
    ? changeRole(command, state)
    : accept()

const addPolicy = (
  command: Of<'AddPolicy'>,
  state: AccessPackageState,
  { now }: DecisionContext,
  facts: AccessPackageFacts,
): Answer => {
  const { packageId, policyId, enabled, terms } = command
  const existing = findPolicy(state, policyId)
  if (existing?.enabled === enabled && jsonEqual(existing.terms, terms)) return accept()
  const taken = existing !== undefined || state.removedPolicyIds.includes(policyId)
  const conflict = refuse(
    'conflict',
    'policy.already-exists',
    `The id ${policyId} is taken by ${existing === undefined ? 'a policy that was removed' : 'another policy of this package'}; choose another id, or change that policy.`,
    { policyId },
  )
  return (
    refuseAll([
      ...(taken ? [problem('policyId', conflict)] : []),
      ...problemsOfPolicy(command, 'terms', now, facts),
    ]) ??
    accept({
      type: 'PolicyAdded.v1',
      data: { packageId, policyId, policyVersion: 1, enabled, terms },
    })
  )
}

const ifPolicy = (
  policyId: string,
  state: AccessPackageState,
  go: (policy: PolicyState) => Answer,
): Answer => {
  const policy = findPolicy(state, policyId)
  return policy === undefined
    ? refuse(
        'not-found',
        'policy.not-found',
        `This access package has no policy ${policyId}; it has ${state.policies.map((known) => known.policyId).join(', ') || 'none'}.`,
        { policyId },
      )
    : go(policy)
}

const useOf = (type: string, { use }: AccessPackageFacts): PackageUse => {
  if (use === null)
    throw new Error(`${type} is decided by what is in use, and nobody has counted it`)
  return use
}

const manage = (
  command: Manage,
  state: AccessPackageState,
  context: DecisionContext,
  facts: AccessPackageFacts,
): Answer => {
  const { packageId } = command
  switch (command.type) {
    case 'EditAccessPackage':
      return edit(command, state)
    case 'AddResourceRole':
      return addResourceRole(command, state, context, facts)
    case 'RemoveResourceRole':
      return removeResourceRole(command, state)
    case 'StartRollOut':
      return startRollOut(packageId, state)
    case 'PauseRollOut':
    case 'ResumeRollOut':
    case 'ReleaseRollOut':
    case 'CancelRollOut':
      return controlRollOut({ type: command.type, packageId }, state, facts)
    case 'AddPolicy':
      return addPolicy(command, state, context, facts)
    case 'ChangePolicy': {
      const { policyId, terms } = command
      return ifPolicy(policyId, state, (policy) => {
        if (jsonEqual(policy.terms, terms)) return accept()
        const policyVersion = policy.policyVersion + 1
        return (
          refuseAll(problemsOfPolicy(command, 'terms', context.now, facts)) ??
          accept({
            type: 'PolicyChanged.v1',
            data: { packageId, policyId, policyVersion, terms },
          })
        )
      })
    }
    case 'EnablePolicy': {
      const { policyId } = command
      return ifPolicy(policyId, state, (policy) =>
        policy.enabled
          ? accept()
          : accept({ type: 'PolicyEnabled.v1', data: { packageId, policyId } }),
      )
    }
    case 'DisablePolicy': {
      const { policyId } = command
      return ifPolicy(policyId, state, (policy) =>
        policy.enabled
          ? accept({ type: 'PolicyDisabled.v1', data: { packageId, policyId } })
          : accept(),
      )
    }
    case 'RemovePolicy': {
      const { policyId } = command
      if (state.removedPolicyIds.includes(policyId)) return accept()
      return ifPolicy(
        policyId,
        state,
        () =>
          unlessPolicyUnused(policyId, useOf(command.type, facts)) ??
          accept({ type: 'PolicyRemoved.v1', data: { packageId, policyId } }),
      )
    }
    case 'DeleteAccessPackage':
      return (
        unlessPackageUnused(state.displayName, useOf(command.type, facts)) ??
        accept({ type: 'AccessPackageDeleted.v1', data: { packageId } })
      )
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
