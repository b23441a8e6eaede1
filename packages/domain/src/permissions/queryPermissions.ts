import { PACKAGE_MANAGERS, type QueryRow } from './row.ts'
import type { Standing } from './standings.ts'

// The permission matrix's half of queries (S3), by the API's operation ids.

const one = (action: string, ...enough: readonly Standing[]): QueryRow => ({
  action,
  code: 'query.not-found',
  enough,
  answers: 'one',
})
const list = (action: string, ...enough: readonly Standing[]): QueryRow => ({
  action,
  code: 'query.forbidden',
  enough,
  answers: 'list',
})
const whole =
  (code: string) =>
  (action: string, ...enough: readonly Standing[]): QueryRow => ({
    action,
    code,
    enough,
    answers: 'whole',
  })

/** For anybody who administers something, and so has to name people: nobody else can enumerate them. */
const toPick = (action: string): QueryRow =>
  whole('directory.forbidden')(action, 'CatalogCreator', ...PACKAGE_MANAGERS)

/** A scan names everybody who has access in a target, also who has nothing to do with any catalog. */
const ofDrift = (action: string): QueryRow => whole('drift.forbidden')(action, 'UserAdministrator')

export const QUERY_PERMISSIONS = {
  listCatalogs: list('list catalogs', ...PACKAGE_MANAGERS),
  getCatalog: one('see this catalog', ...PACKAGE_MANAGERS),
  listCatalogsForNewPackages: {
    ...list('list catalogs to create access packages in', ...PACKAGE_MANAGERS),
    enoughInDefault: ['UserAdministrator'],
  },
  getCatalogHistory: one('see the history of this catalog', ...PACKAGE_MANAGERS),
  validateAccessPackage: {
    ...one('ask what creating an access package would come to', 'Everyone'),
    code: 'query.forbidden',
  },
  listAccessPackages: list('list access packages', ...PACKAGE_MANAGERS),
  getAccessPackage: one('see this access package', ...PACKAGE_MANAGERS),
  getAccessPackageHistory: one('see the history of this access package', ...PACKAGE_MANAGERS),
  listPolicyVersions: one('see the versions of this policy', ...PACKAGE_MANAGERS),
  listRequestablePackages: list('list access packages to request', 'Requestable'),
  getRequestablePackage: one('see this access package as a requestor', 'Requestable'),
  whyAccessPackage: one(
    'ask what the policies say of this subject',
    'Subject',
    ...PACKAGE_MANAGERS,
  ),
  /** Besides, everybody sees the resources that they own (S4). */
  listResources: list('list resources', ...PACKAGE_MANAGERS),
  listPeople: toPick('list people'),
  listGroups: toPick('list groups'),
  listExternalDirectories: toPick('list external directories'),
  findExternalDirectory: toPick('find an external directory'),
  listRequests: list('list requests', 'Subject', 'Requestor', 'Approver', ...PACKAGE_MANAGERS),
  downloadRequests: list(
    'download requests',
    'Subject',
    'Requestor',
    'Approver',
    ...PACKAGE_MANAGERS,
  ),
  getRequest: one('see this request', 'Subject', 'Requestor', 'Approver', ...PACKAGE_MANAGERS),
  listAssignments: list('list assignments', 'Subject', ...PACKAGE_MANAGERS),
  downloadAssignments: list('download assignments', 'Subject', ...PACKAGE_MANAGERS),
  getAssignment: one('see this assignment', 'Subject', ...PACKAGE_MANAGERS),
  getRollOut: one('see how far a change of roles has got', ...PACKAGE_MANAGERS),
  listOpenProblems: list('list open problems', ...PACKAGE_MANAGERS),
  countOpenProblems: list('count open problems', ...PACKAGE_MANAGERS),
  reportRemovals: list('see how long access outlives its end', ...PACKAGE_MANAGERS),
  getMetrics: whole('metrics.forbidden')('read the metrics', 'MetricsReader', 'UserAdministrator'),
  viewQueues: whole('queues.forbidden')('look into the queues', 'UserAdministrator'),
  listFulfilments: whole('fulfilment.forbidden')(
    'list what is carried out by hand on target systems',
    'UserAdministrator',
  ),
  getMe: whole('query.forbidden')('see what is known of themselves', 'Everyone'),
  listDriftScans: ofDrift('list scans for drift'),
  getDriftScan: ofDrift('see a scan for drift'),
  listDriftFindings: ofDrift('see what a scan for drift found'),
  listProjections: whole('projections.forbidden')(
    'see the state of the views',
    'UserAdministrator',
  ),
} as const satisfies Record<string, QueryRow>
