import { formatPosition } from '@portcullis/core'
import {
  evolveRollOut,
  initialRollOut,
  type PolicyTerms,
  type RollOutState,
} from '@portcullis/domain'
import type { Row } from '../projector/foldTable.ts'
import type { ViewEvent } from '../projector/projection.ts'
import type { PackageView, PolicyView } from '../rows.ts'

export interface PackageState {
  readonly updatedAt: string
  /** Which version of the roles is rolled out to those who had the package before it. */
  readonly rollOut: RollOutState
  /** The roles of that version. */
  readonly startedRoles: readonly RoleRef[]
}
export type PackageRow = Row<PackageView, PackageState>

export const packageEventTypes = [
  'AccessPackageCreated.v1',
  'AccessPackageRenamed.v1',
  'AccessPackageHidden.v1',
  'AccessPackageShown.v1',
  'ResourceRoleAdded.v1',
  'ResourceRoleRemoved.v1',
  'RollOutQueued.v1',
  'RollOutHeld.v1',
  'RollOutStarted.v1',
  'RollOutPaused.v1',
  'RollOutResumed.v1',
  'RollOutCancelled.v1',
  'PolicyAdded.v1',
  'PolicyChanged.v1',
  'PolicyEnabled.v1',
  'PolicyDisabled.v1',
  'PolicyRemoved.v1',
  'AccessPackageDeleted.v1',
] as const
export type PackageViewEvent = Extract<ViewEvent, { type: (typeof packageEventTypes)[number] }>

export const newPackage = (
  event: Extract<PackageViewEvent, { type: 'AccessPackageCreated.v1' }>,
): PackageRow => ({
  seq: formatPosition(event.position),
  state: { updatedAt: event.metadata.at, rollOut: initialRollOut, startedRoles: [] },
  view: {
    id: event.data.packageId,
    catalogId: event.data.catalogId,
    displayName: event.data.displayName,
    description: event.data.description,
    hidden: event.data.hidden,
    rolesVersion: 0,
    resourceRoles: [],
    policies: [],
    createdAt: event.metadata.at,
    deletedAt: null,
  },
})

/** The package after one more event of its own. */
export const foldPackage = (row: PackageRow, event: PackageViewEvent): PackageRow => {
  const view = { ...row.view, ...viewChanges(row.view, event) }
  const rollOut = isAboutRoles(event) ? evolveRollOut(row.state.rollOut, event) : row.state.rollOut
  const startedRoles = rollOut.waiting === null ? view.resourceRoles : row.state.startedRoles
  return { ...row, view, state: { updatedAt: event.metadata.at, rollOut, startedRoles } }
}

const isAboutRoles = (
  event: PackageViewEvent,
): event is Extract<PackageViewEvent, Parameters<typeof evolveRollOut>[1]> =>
  event.type.startsWith('RollOut') || event.type.startsWith('ResourceRole')

const viewChanges = (view: PackageView, event: PackageViewEvent): Partial<PackageView> => {
  switch (event.type) {
    case 'AccessPackageCreated.v1':
      return {}
    case 'AccessPackageDeleted.v1':
      return { deletedAt: event.metadata.at }
    case 'AccessPackageRenamed.v1':
      return { displayName: event.data.displayName, description: event.data.description }
    case 'AccessPackageHidden.v1':
      return { hidden: true }
    case 'AccessPackageShown.v1':
      return { hidden: false }
    case 'ResourceRoleAdded.v1': {
      const { resourceId, roleId, rolesVersion } = event.data
      return {
        resourceRoles: [...withoutRole(view, event.data), { resourceId, roleId }],
        rolesVersion,
      }
    }
    case 'ResourceRoleRemoved.v1':
      return {
        resourceRoles: withoutRole(view, event.data),
        rolesVersion: event.data.rolesVersion,
      }
    case 'RollOutQueued.v1':
    case 'RollOutHeld.v1':
    case 'RollOutStarted.v1':
    case 'RollOutPaused.v1':
    case 'RollOutResumed.v1':
    case 'RollOutCancelled.v1':
      return {}
    case 'PolicyAdded.v1': {
      const { policyId, packageId, policyVersion, enabled, terms } = event.data
      return {
        policies: [
          ...withoutPolicy(view, policyId),
          { id: policyId, packageId, version: policyVersion, enabled, terms },
        ],
      }
    }
    case 'PolicyChanged.v1': {
      const { policyId, policyVersion, terms } = event.data
      return { policies: changePolicy(view, policyId, { version: policyVersion, terms }) }
    }
    case 'PolicyEnabled.v1':
      return { policies: changePolicy(view, event.data.policyId, { enabled: true }) }
    case 'PolicyDisabled.v1':
      return { policies: changePolicy(view, event.data.policyId, { enabled: false }) }
    case 'PolicyRemoved.v1':
      return { policies: withoutPolicy(view, event.data.policyId) }
  }
}

type RoleRef = PackageView['resourceRoles'][number]

const withoutRole = (view: PackageView, { resourceId, roleId }: RoleRef): readonly RoleRef[] =>
  view.resourceRoles.filter((role) => role.resourceId !== resourceId || role.roleId !== roleId)

const withoutPolicy = (view: PackageView, policyId: string): readonly PolicyView[] =>
  view.policies.filter((policy) => policy.id !== policyId)

const changePolicy = (
  view: PackageView,
  policyId: string,
  changes: Partial<PolicyView>,
): readonly PolicyView[] =>
  view.policies.map((policy) => (policy.id === policyId ? { ...policy, ...changes } : policy))

/**
 * Who may request the package by an enabled policy, as tokens: `user:<id>`, `group:<id>`, `external:<directory id>`.
 * Empty for a deleted package and for policies under which only administrators assign (S7, S16).
 */
export const requestorTokens = ({ view }: PackageRow): readonly string[] => {
  if (view.deletedAt !== null) return []
  const enabled = view.policies.filter((policy) => policy.enabled)
  return [...new Set(enabled.flatMap(({ terms }) => tokensOf(terms.requestors)))]
}

const tokensOf = (requestors: PolicyTerms['requestors']): readonly string[] => {
  switch (requestors.kind) {
    case 'none':
      return []
    case 'external':
      return requestors.directoryIds.map((id) => `external:${id}`)
    case 'directory':
      return requestors.principals.map(({ kind, id }) => `${kind}:${id}`)
  }
}
