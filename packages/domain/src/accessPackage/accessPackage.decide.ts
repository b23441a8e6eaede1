import {
  accept,
  type Decider,
  type Decision,
  type DecisionContext,
  jsonEqual,
  refuse,
} from '@portcullis/core'
import type { AccessPackageEvent } from '../events.ts'
import type { AccessPackageCommand, AccessPackageFacts } from './accessPackage.commands.ts'
import {
  createAccessPackage,
  refusalOfRole,
  unlessPackageAdministrator,
} from './accessPackage.create.ts'
import { refusalOfPolicies } from './accessPackage.policies.ts'
import {
  type AccessPackageState,
  evolveAccessPackage,
  findPolicy,
  initialAccessPackage,
  type PolicyState,
  sameRole,
} from './accessPackage.state.ts'

type Answer = Decision<AccessPackageEvent>
type Manage = Exclude<AccessPackageCommand, { type: 'CreateAccessPackage' }>
type Of<Type extends Manage['type']> = Extract<Manage, { type: Type }>

const ACTIONS: Readonly<Record<Manage['type'], string>> = {
  RenameAccessPackage: 'rename this access package',
  HideAccessPackage: 'hide this access package',
  ShowAccessPackage: 'show this access package',
  AddResourceRole: 'add a resource role to this access package',
  RemoveResourceRole: 'remove a resource role from this access package',
  AddPolicy: 'add a policy to this access package',
  ChangePolicy: 'change a policy of this access package',
  EnablePolicy: 'enable a policy of this access package',
  DisablePolicy: 'disable a policy of this access package',
}

const addResourceRole = (
  command: Of<'AddResourceRole'>,
  state: AccessPackageState,
  facts: AccessPackageFacts,
): Answer => {
  const { packageId, resourceId, roleId } = command
  if (state.resourceRoles.some((role) => sameRole(role, command))) return accept()
  const refusal = refusalOfRole(command, state.catalogId, facts)
  if (refusal !== undefined) return refusal
  const rolesVersion = state.rolesVersion + 1
  return accept({
    type: 'ResourceRoleAdded.v1',
    data: { packageId, resourceId, roleId, rolesVersion },
  })
}

const removeResourceRole = (
  { packageId, resourceId, roleId }: Of<'RemoveResourceRole'>,
  state: AccessPackageState,
): Answer => {
  if (!state.resourceRoles.some((role) => sameRole(role, { resourceId, roleId }))) return accept()
  const rolesVersion = state.rolesVersion + 1
  return accept({
    type: 'ResourceRoleRemoved.v1',
    data: { packageId, resourceId, roleId, rolesVersion },
  })
}

const addPolicy = (
  command: Of<'AddPolicy'>,
  state: AccessPackageState,
  { now }: DecisionContext,
  facts: AccessPackageFacts,
): Answer => {
  const { packageId, policyId, enabled, terms } = command
  const existing = findPolicy(state, policyId)
  if (existing?.enabled === enabled && jsonEqual(existing.terms, terms)) return accept()
  if (existing !== undefined || state.removedPolicyIds.includes(policyId)) {
    return refuse(
      'conflict',
      'policy.already-exists',
      `The id ${policyId} is taken by ${existing === undefined ? 'a policy that was removed' : 'another policy of this package'}; choose another id, or change that policy.`,
      { policyId },
    )
  }
  return (
    refusalOfPolicies([command], now, facts) ??
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

const manage = (
  command: Manage,
  state: AccessPackageState,
  context: DecisionContext,
  facts: AccessPackageFacts,
): Answer => {
  const { packageId } = command
  switch (command.type) {
    case 'RenameAccessPackage': {
      const { displayName, description } = command
      return displayName === state.displayName && description === state.description
        ? accept()
        : accept({ type: 'AccessPackageRenamed.v1', data: { packageId, displayName, description } })
    }
    case 'HideAccessPackage':
      return state.hidden
        ? accept()
        : accept({ type: 'AccessPackageHidden.v1', data: { packageId } })
    case 'ShowAccessPackage':
      return state.hidden
        ? accept({ type: 'AccessPackageShown.v1', data: { packageId } })
        : accept()
    case 'AddResourceRole':
      return addResourceRole(command, state, facts)
    case 'RemoveResourceRole':
      return removeResourceRole(command, state)
    case 'AddPolicy':
      return addPolicy(command, state, context, facts)
    case 'ChangePolicy': {
      const { policyId, terms } = command
      return ifPolicy(policyId, state, (policy) => {
        if (jsonEqual(policy.terms, terms)) return accept()
        const policyVersion = policy.policyVersion + 1
        return (
          refusalOfPolicies([command], context.now, facts) ??
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
    if (state.packageId === null) {
      return refuse(
        'not-found',
        'package.not-found',
        `There is no access package with the id ${command.packageId}; check the id.`,
      )
    }
    const notAllowed = unlessPackageAdministrator(ACTIONS[command.type], state.catalogId, facts)
    if (notAllowed !== undefined) return notAllowed
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
