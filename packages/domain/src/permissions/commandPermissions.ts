import { CATALOG_OWNERS, PACKAGE_MANAGERS, type PermissionRow, rowsOf } from './row.ts'

// The permission matrix's half of commands (S3), by the commands' types. A command without a row doesn't compile where
// it is decided.

const catalog = rowsOf('catalog.forbidden')

const catalogRows = {
  CreateCatalog: catalog('create a catalog', ['CatalogCreator', 'UserAdministrator'], {
    // Only the engine makes the built-in one; others learn that its id is taken.
    enoughInDefault: ['CatalogCreator', 'UserAdministrator', 'Engine'],
  }),
  RenameCatalog: catalog('rename this catalog', CATALOG_OWNERS),
  AddCatalogOwner: catalog('add an owner to this catalog', CATALOG_OWNERS),
  RemoveCatalogOwner: catalog('remove an owner from this catalog', CATALOG_OWNERS),
  AddPackageManager: catalog('add an access package manager to this catalog', CATALOG_OWNERS),
  RemovePackageManager: catalog(
    'remove an access package manager from this catalog',
    CATALOG_OWNERS,
  ),
  AddResource: catalog('add a resource to this catalog', CATALOG_OWNERS),
  RemoveResource: catalog('remove a resource from this catalog', CATALOG_OWNERS),
}

const ofPackage = rowsOf('package.forbidden')

const accessPackageRows = {
  CreateAccessPackage: ofPackage('create an access package', PACKAGE_MANAGERS, {
    enoughInDefault: ['UserAdministrator'],
  }),
  EditAccessPackage: ofPackage('change this access package', PACKAGE_MANAGERS),
  AddResourceRole: ofPackage('add a resource role to this access package', PACKAGE_MANAGERS),
  RemoveResourceRole: ofPackage(
    'remove a resource role from this access package',
    PACKAGE_MANAGERS,
  ),
  PauseRollOut: ofPackage("pause the roll-out of this access package's roles", PACKAGE_MANAGERS),
  ResumeRollOut: ofPackage("resume the roll-out of this access package's roles", PACKAGE_MANAGERS),
  ReleaseRollOut: ofPackage(
    'release a change of roles of this access package that was held back',
    PACKAGE_MANAGERS,
  ),
  CancelRollOut: ofPackage("cancel the roll-out of this access package's roles", PACKAGE_MANAGERS),
  AddPolicy: ofPackage('add a policy to this access package', PACKAGE_MANAGERS),
  ChangePolicy: ofPackage('change a policy of this access package', PACKAGE_MANAGERS),
  EnablePolicy: ofPackage('enable a policy of this access package', PACKAGE_MANAGERS),
  DisablePolicy: ofPackage('disable a policy of this access package', PACKAGE_MANAGERS),
  RemovePolicy: ofPackage('remove a policy of this access package', PACKAGE_MANAGERS),
  DeleteAccessPackage: ofPackage('delete this access package', PACKAGE_MANAGERS),
}

const request = rowsOf('request.forbidden')
const assignment = rowsOf('assignment.forbidden')
const DIRECTLY = 'ask an administrator of the package to assign it directly'

const entitlementRows = {
  SubmitRequest: request('request this access package for the subject', ['Subject', 'Service'], {
    instead: DIRECTLY,
  }),
  AssignDirectly: assignment('assign this access package directly', PACKAGE_MANAGERS),
  RequestExtension: rowsOf('extension.forbidden')(
    'ask to extend this assignment',
    ['Subject', 'Service'],
    { instead: DIRECTLY },
  ),
  DecideApproval: rowsOf('approval.forbidden')('decide on this request', ['Approver']),
  CancelRequest: request('cancel this request', ['Subject', 'Requestor', ...PACKAGE_MANAGERS]),
  RemoveAssignment: assignment('remove this assignment', ['Subject', ...PACKAGE_MANAGERS]),
}

/** Commands that are carried out as several of others, or of the engine. */
const compositeRows = {
  ReprocessRequest: request('have this request delivered again', PACKAGE_MANAGERS),
  StartDriftScan: rowsOf('drift.forbidden')('scan a resource for drift', ['UserAdministrator']),
  ReprocessAssignment: assignment('have this assignment delivered again', PACKAGE_MANAGERS),
  ReprocessPackage: ofPackage(
    'have what failed of this access package delivered again',
    PACKAGE_MANAGERS,
  ),
  ReprocessEverything: assignment('have everything that failed delivered again', [
    'UserAdministrator',
  ]),
}

/**
 * What is said of work on a target system that is done by hand or by ticket. The target itself says it by a signed
 * callback, which is the engine's.
 */
const fulfilmentRows = {
  ReportFulfilment: rowsOf('fulfilment.forbidden')(
    'say that an operation on a target system was done or refused',
    ['UserAdministrator', 'Engine'],
  ),
}

const leaverRows = {
  ReleaseLeaverEndings: rowsOf('leavers.forbidden')(
    'let the access of people who left end, though they are many',
    ['UserAdministrator'],
  ),
}

const engineOnly =
  (aggregate: string) =>
  (action: string): PermissionRow => ({
    action,
    code: `${aggregate}.engine-only`,
    enough: ['Engine'],
    instead: 'timers and jobs do this, and there is another command for people',
  })
const ofAccessPackage = engineOnly('package')
const ofEntitlement = engineOnly('entitlement')
const ofGrant = engineOnly('grant')

/** What no one outside can send: it isn't in the API, and refused where it comes from anybody else. */
const engineRows = {
  StartRollOut: ofAccessPackage('start the roll-out of roles'),
  TimeOutApproval: ofEntitlement('time out a request'),
  StartAssignment: ofEntitlement('start a scheduled assignment'),
  RemindOfEnd: ofEntitlement('remind of the end of an assignment'),
  ExpireAssignment: ofEntitlement('end an assignment at its time'),
  RecordFulfilment: ofEntitlement('record what has been delivered'),
  LookAtSubject: ofEntitlement('note whether the subject is there'),
  LookAtApprovers: ofEntitlement('note whether anybody can decide'),
  EndWithPackage: ofEntitlement('end what a deleted package leaves behind'),
  AddHold: ofGrant('add a hold'),
  ReleaseHold: ofGrant('release a hold'),
  StartOperation: ofGrant('start an operation on a target system'),
  CompleteOperation: ofGrant('complete an operation'),
  FailOperation: ofGrant('record a failed operation'),
  AwaitFulfilment: ofGrant('wait for work that is done by hand'),
  ReportUnreachable: ofGrant('record that a target system did not answer'),
  ReportDrift: ofGrant('record what a scan of a target system saw'),
}

/** The one list of what only timers and jobs send: everything else somebody outside may send. */
export type EngineOnlyCommand = keyof typeof engineRows

export const COMMAND_PERMISSIONS = {
  ...catalogRows,
  ...accessPackageRows,
  ...entitlementRows,
  ...compositeRows,
  ...fulfilmentRows,
  ...leaverRows,
  ...engineRows,
}

/** A finer right within a command: whose resources may be added to a catalog (S4). */
export const FINER_PERMISSIONS = {
  AddResourceOfOthers: rowsOf('catalog.resource-not-owned')(
    "add a resource that isn't the sender's own to this catalog",
    ['UserAdministrator'],
  ),
} as const satisfies Record<string, PermissionRow>
