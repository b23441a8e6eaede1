import { type Case, own } from './case.fixture.ts'
import type { Call, World } from './world.fixture.ts'

// What the permission matrix's queries (S3) are tested against: written by hand, not computed from it.

const ofPackage =
  (call: (packageId: string) => Call = () => ({})) =>
  async ({ fresh }: World): Promise<Call> => {
    const packageId = await fresh.package()
    return { params: { packageId }, shows: packageId, ...call(packageId) }
  }
const PICKERS =
  'needs Catalog creator, or Access package manager of any catalog, or Catalog owner of any catalog, or User administrator;'
const of = { subjectId: 'subject' }

// directory · target's catalog · another catalog · built-in catalog · subject, asker, approver, member, stranger, gone
// · services                    adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
const managers = 'A   .    A   A    .   .    .   .    .   .   .   .   .   D    A   .   .   .'
const pickers = 'A   A    A   A    A   A    A   A    .   .   .   .   .   D    A   A   .   .'
const assignments = 'A   .    A   A    .   .    .   .    A   .   .   .   .   D    A   .   .   .'
const requestable = '.   .    .   .    .   .    .   .    A   .   .   A   .   D    .   .   .   .'
const administrators = 'A   .    .   .    .   .    .   .    .   .   .   .   .   D    A   .   .   .'
const everybody = 'A   A    A   A    A   A    A   A    A   A   A   A   A   D    A   A   A   A'

const ADMINISTRATOR = 'needs User administrator;'
const onScan =
  (call: (scanId: string) => Call) =>
  async ({ fresh }: World): Promise<Call> =>
    call(await fresh.scan())

export const queryCases: readonly Case[] = [
  {
    operation: 'listCatalogs',
    cells: managers,
    no: 'unseen',
    call: () => ({ shows: '"own"' }),
  },
  {
    operation: 'getCatalog',
    cells: managers,
    no: '404',
    call: () => ({ params: own, shows: '"own"' }),
  },
  {
    operation: 'getCatalog',
    of: 'that is not there',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: '0   0    0   0    0   0    0   0    0   0   0   0   0   D    0   0   0   0',
    no: '404',
    call: () => ({ params: { catalogId: 'nowhere' } }),
  },
  {
    operation: 'getCatalogHistory',
    cells: managers,
    no: '404',
    call: () => ({ params: own, shows: '"own"' }),
  },
  {
    operation: 'listCatalogsForNewPackages',
    cells: managers,
    no: 'unseen',
    call: () => ({ shows: '"own"' }),
  },
  {
    operation: 'listCatalogsForNewPackages',
    of: 'the built-in one (S2)',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: 'A   .    .   .    .   .    .   .    .   .   .   .   .   D    A   .   .   .',
    no: 'unseen',
    call: () => ({ shows: '"default"' }),
  },
  {
    operation: 'listAccessPackages',
    cells: managers,
    no: 'unseen',
    call: ofPackage(() => ({ query: { ...own, limit: '200' } })),
  },
  {
    operation: 'listAccessPackages',
    of: 'of all catalogs',
    cells: managers,
    no: 'unseen',
    call: ofPackage(() => ({ query: { limit: '200' } })),
  },
  {
    operation: 'getAccessPackage',
    cells: managers,
    no: '404',
    call: ofPackage(),
  },
  {
    operation: 'getAccessPackageHistory',
    cells: managers,
    no: '404',
    call: ofPackage(),
  },
  {
    operation: 'listPolicyVersions',
    cells: managers,
    no: '404',
    call: ofPackage((packageId) => ({ params: { packageId, policyId: 'auto' }, shows: 'terms' })),
  },
  {
    operation: 'validateAccessPackage',
    of: 'that would be theirs to create',
    cells: managers,
    no: 'unseen',
    call: () => ({ body: { catalogId: 'own', displayName: 'New' }, shows: '"problems":[]' }),
  },
  {
    operation: 'getRequestablePackage',
    cells: requestable,
    no: '404',
    call: ofPackage(),
  },
  {
    operation: 'listRequestablePackages',
    cells: requestable,
    no: 'unseen',
    call: ofPackage(() => ({ query: { limit: '200' } })),
  },
  {
    operation: 'whyAccessPackage',
    cells: assignments,
    no: '404',
    call: ofPackage(() => ({ query: of, shows: '"auto"' })),
  },
  {
    operation: 'listResources',
    of: 'of a catalog',
    cells: managers,
    no: 'unseen',
    call: () => ({ query: own, shows: '"git"' }),
  },
  {
    operation: 'listResources',
    of: 'of the built-in catalog',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: 'A   .    .   .    .   .    A   A    .   .   .   .   .   D    A   .   .   .',
    no: 'unseen',
    call: () => ({ query: { catalogId: 'default' }, shows: '"git"' }),
  },
  {
    operation: 'listResources',
    of: 'that nobody owns and no catalog has',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: 'A   .    .   .    .   .    .   .    .   .   .   .   .   D    A   .   .   .',
    no: 'unseen',
    call: () => ({ shows: '"foreign"' }),
  },
  {
    operation: 'listResources',
    of: 'that they own',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: 'A   A    A   A    A   A    A   A    A   .   A   A   A   D    .   .   .   .',
    no: 'unseen',
    call: () => ({ query: { ownedByMe: 'true' }, shows: '"shared"' }),
  },
  {
    operation: 'listFulfilments',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: 'A   .    .   .    .   .    .   .    .   .   .   .   .   D    A   .   .   .',
    no: 'fulfilment.forbidden: needs User administrator',
    call: async ({ fresh }) => ({ shows: await fresh.fulfilment() }),
  },
  {
    operation: 'listPeople',
    cells: pickers,
    no: `directory.forbidden: ${PICKERS}`,
    call: () => ({ shows: '"member"' }),
  },
  {
    operation: 'listGroups',
    cells: pickers,
    no: `directory.forbidden: ${PICKERS}`,
    call: () => ({ shows: '"staff"' }),
  },
  {
    operation: 'listExternalDirectories',
    cells: pickers,
    no: `directory.forbidden: ${PICKERS}`,
    call: () => ({ shows: '"partner"' }),
  },
  {
    operation: 'findExternalDirectory',
    cells: pickers,
    no: `directory.forbidden: ${PICKERS}`,
    call: () => ({ params: { domain: 'partner.example' }, shows: '"partner"' }),
  },
  {
    operation: 'getRollOut',
    cells: managers,
    no: '404',
    call: ofPackage(),
  },
  {
    operation: 'getMe',
    cells: everybody,
    no: '403',
    call: () => ({ shows: '"actor"' }),
  },
  {
    operation: 'listDriftScans',
    cells: administrators,
    no: `drift.forbidden: ${ADMINISTRATOR}`,
    call: onScan((scanId) => ({ query: { limit: '200' }, shows: scanId })),
  },
  {
    operation: 'getDriftScan',
    cells: administrators,
    no: `drift.forbidden: ${ADMINISTRATOR}`,
    call: onScan((scanId) => ({ params: { scanId }, shows: scanId })),
  },
  {
    operation: 'listDriftFindings',
    cells: administrators,
    no: `drift.forbidden: ${ADMINISTRATOR}`,
    call: onScan((scanId) => ({ params: { scanId }, shows: '"items":[]' })),
  },
  {
    operation: 'listProjections',
    cells: administrators,
    no: `projections.forbidden: ${ADMINISTRATOR}`,
    call: () => ({ shows: '"live"' }),
  },
]
