import type { OperationId } from '@portcullis/api-contract'
import type { Caller, Input, RawAnswer } from './caller.ts'
import { fresh, role, terms } from './given.ts'

/** What one operation takes, tried with an input that changes nothing that others need. */
export interface DelegationRow {
  /** Who may, by what they are to the target's catalog. */
  readonly may: readonly string[]
  /** Who may where the target is in another catalog; the same when absent. */
  readonly mayElsewhere?: readonly string[]
  /** "Not found" for anybody who may not see it. */
  readonly hides: boolean
  attempt(caller: Caller): Promise<RawAnswer>
}

export interface DelegationTargets {
  readonly catalogId: string
  /** A resource that the catalog's owner owns. */
  readonly resourceId: string
  readonly packageId: string
  /** Ended. */
  readonly assignmentId: string
  /** Waits for bob. */
  readonly requestId: string
  /** Led to the assignment. */
  readonly fulfilledId: string
  /** Of a resource, for drift. */
  readonly scanId: string
}

const ROOT = ['userAdministrator', 'administratingService']
const EVERYBODY = [
  ...ROOT,
  'catalogCreator',
  'owner',
  'manager',
  'approver',
  'subject',
  'ownerElsewhere',
  'nobody',
  'service',
]
const PICKERS = [...ROOT, 'catalogCreator', 'owner', 'manager', 'ownerElsewhere']

const row =
  (may: readonly string[], mayElsewhere: readonly string[], hides = false) =>
  <Id extends OperationId>(id: Id, input: () => Input<Id>): DelegationRow => ({
    may,
    mayElsewhere,
    hides,
    attempt: (caller) => caller.attempt(id, input()),
  })

const everybody = row(EVERYBODY, EVERYBODY)
const root = row(ROOT, ROOT)
const creators = row([...ROOT, 'catalogCreator'], [...ROOT, 'catalogCreator'])
const owners = row([...ROOT, 'owner'], [...ROOT, 'ownerElsewhere'])
const managers = row([...ROOT, 'owner', 'manager'], [...ROOT, 'ownerElsewhere'])
const managersOr = (...others: readonly string[]) =>
  row([...ROOT, 'owner', 'manager', ...others], [...ROOT, 'ownerElsewhere', ...others])
const seenByManagersOr = (...others: readonly string[]) =>
  row([...ROOT, 'owner', 'manager', ...others], [...ROOT, 'ownerElsewhere', ...others], true)
/** Who makes catalogs, packages and policies, in whichever catalog. */
const pickers = row(PICKERS, PICKERS, true)
const subjectOr = (...others: readonly string[]) =>
  row(['subject', ...others], ['subject', ...others])

/** The permission matrix as the acceptance table means it (S3), by the operations of the API. */
export const delegationRows = ({
  catalogId,
  resourceId,
  packageId,
  assignmentId,
  requestId,
  fulfilledId,
  scanId,
}: DelegationTargets): Readonly<Record<string, DelegationRow>> => {
  const policy = { packageId, policyId: 'free' }
  const catalog = { catalogId }
  const accessPackage = { packageId }
  return {
    createCatalog: creators('createCatalog', () => ({ displayName: 'New' })),
    listCatalogs: everybody('listCatalogs', () => ({})),
    getCatalog: seenByManagersOr()('getCatalog', () => catalog),
    getCatalogHistory: seenByManagersOr()('getCatalogHistory', () => catalog),
    listCatalogsForNewPackages: everybody('listCatalogsForNewPackages', () => ({})),
    renameCatalog: owners('renameCatalog', () => ({
      ...catalog,
      displayName: 'Same',
      description: '',
    })),
    addCatalogOwner: owners('addCatalogOwner', () => ({ ...catalog, personId: 'dan' })),
    removeCatalogOwner: owners('removeCatalogOwner', () => ({ ...catalog, personId: 'dan' })),
    addPackageManager: owners('addPackageManager', () => ({ ...catalog, personId: 'dan' })),
    removePackageManager: owners('removePackageManager', () => ({ ...catalog, personId: 'dan' })),
    addResource: owners('addResource', () => ({ ...catalog, resourceId })),
    removeResource: owners('removeResource', () => ({ ...catalog, resourceId: 'desk' })),

    createAccessPackage: managers('createAccessPackage', () => ({
      ...catalog,
      id: fresh('package'),
      displayName: 'New',
    })),
    listAccessPackages: everybody('listAccessPackages', () => ({})),
    listRequestablePackages: everybody('listRequestablePackages', () => ({})),
    getAccessPackage: seenByManagersOr()('getAccessPackage', () => accessPackage),
    getAccessPackageHistory: seenByManagersOr()('getAccessPackageHistory', () => accessPackage),
    getRequestablePackage: row(
      ['subject'],
      ['subject'],
      true,
    )('getRequestablePackage', () => accessPackage),
    validateAccessPackage: everybody('validateAccessPackage', () => ({
      ...catalog,
      displayName: 'New',
    })),
    deleteAccessPackage: managers('deleteAccessPackage', () => accessPackage),
    removePolicy: managers('removePolicy', () => ({ ...policy, policyId: 'ghost' })),
    listPolicyVersions: seenByManagersOr()('listPolicyVersions', () => policy),
    whyAccessPackage: seenByManagersOr('subject')('whyAccessPackage', () => ({
      ...accessPackage,
      subjectId: 'sam',
    })),
    getRollOut: seenByManagersOr()('getRollOut', () => accessPackage),
    pauseRollOut: managers('pauseRollOut', () => accessPackage),
    resumeRollOut: managers('resumeRollOut', () => accessPackage),
    releaseRollOut: managers('releaseRollOut', () => accessPackage),
    cancelRollOut: managers('cancelRollOut', () => accessPackage),
    changeAccessPackage: managers('changeAccessPackage', () => ({
      ...accessPackage,
      hidden: false,
    })),
    addResourceRole: managers('addResourceRole', () => ({
      ...accessPackage,
      ...role('chat.member'),
    })),
    removeResourceRole: managers('removeResourceRole', () => ({
      ...accessPackage,
      ...role('crm.user'),
    })),
    addPolicy: managers('addPolicy', () => ({
      ...accessPackage,
      id: 'spare',
      terms: terms({ requestors: { kind: 'none' } }),
    })),
    changePolicy: managers('changePolicy', () => ({
      ...policy,
      policyId: 'spare',
      terms: terms({ requestors: { kind: 'none' } }),
    })),
    enablePolicy: managers('enablePolicy', () => policy),
    disablePolicy: managers('disablePolicy', () => ({ ...policy, policyId: 'spare' })),

    // Only a service names a subject; anybody else asks for themselves, and the policy says who gets it.
    submitRequest: row(EVERYBODY, EVERYBODY)('submitRequest', () => accessPackage),
    listRequests: everybody('listRequests', () => ({})),
    downloadRequests: everybody('downloadRequests', () => ({})),
    getRequest: seenByManagersOr('subject', 'approver')('getRequest', () => ({ requestId })),
    approveRequest: row(['approver'], ['approver'])('approveRequest', () => ({
      requestId,
    })),
    denyRequest: row(['approver'], ['approver'])('denyRequest', () => ({ requestId })),
    cancelRequest: managersOr('subject')('cancelRequest', () => ({ requestId: fulfilledId })),

    assignDirectly: managers('assignDirectly', () => ({
      ...policy,
      subjectId: 'dan',
    })),
    assignMany: managers('assignMany', () => ({ ...policy, subjectIds: ['dan'] })),
    listAssignments: everybody('listAssignments', () => ({})),
    downloadAssignments: everybody('downloadAssignments', () => ({})),
    getAssignment: seenByManagersOr('subject')('getAssignment', () => ({ assignmentId })),
    removeAssignment: managersOr('subject')('removeAssignment', () => ({ assignmentId })),
    extendAssignment: subjectOr('service', 'administratingService')('extendAssignment', () => ({
      assignmentId,
    })),

    reprocessRequest: managers('reprocessRequest', () => ({ requestId: fulfilledId })),
    reprocessPackage: managers('reprocessPackage', () => accessPackage),
    reprocessEverything: root('reprocessEverything', () => ({})),
    reprocessAssignment: managers('reprocessAssignment', () => ({ assignmentId })),

    listOpenProblems: everybody('listOpenProblems', () => ({})),
    countOpenProblems: everybody('countOpenProblems', () => ({})),
    reportRemovals: everybody('reportRemovals', () => ({})),

    listFulfilments: root('listFulfilments', () => ({})),
    reportFulfilment: root('reportFulfilment', () => ({
      fulfilmentId: 'crm.user.dan.00000000-0000-4000-8000-000000000000',
      outcome: 'done' as const,
    })),

    listResources: everybody('listResources', () => ({})),
    listPeople: pickers('listPeople', () => ({})),
    listGroups: pickers('listGroups', () => ({})),
    listExternalDirectories: pickers('listExternalDirectories', () => ({})),
    findExternalDirectory: pickers('findExternalDirectory', () => ({ domain: 'partner.example' })),

    getMe: everybody('getMe', () => ({})),
    releaseLeaverEndings: root('releaseLeaverEndings', () => ({})),
    startDriftScan: root('startDriftScan', () => ({ resourceId: 'git', dryRun: true })),
    listDriftScans: root('listDriftScans', () => ({})),
    getDriftScan: root('getDriftScan', () => ({ scanId })),
    listDriftFindings: root('listDriftFindings', () => ({ scanId })),
    listProjections: root('listProjections', () => ({})),
  }
}
