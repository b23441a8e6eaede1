import {
  type Case,
  inOwn,
  MANAGERS,
  OWNERS,
  onAssignment,
  onNothing,
  onPackage,
  onRequest,
  own,
} from './case.fixture.ts'
import { deliveryCases } from './deliveryCases.fixture.ts'
import { driftCommands } from './driftCases.fixture.ts'
import { leaverCommands } from './leaverCases.fixture.ts'

// What the permission matrix's commands (S3) are tested against: written by hand, not computed from it.

const extra = { personId: 'extra' }

// directory · target's catalog · another catalog · built-in catalog · subject, asker, approver, member, stranger, gone
// · services                 adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
const catalogs = 'A   .    A   .    .   .    .   .    .   .   .   .   .   D    A   .   .   .'
const packages = 'A   .    A   A    .   .    .   .    .   .   .   .   .   D    A   .   .   .'

const catalogCommands: readonly Case[] = [
  {
    operation: 'createCatalog',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: 'A   A    .   .    .   .    .   .    .   .   .   .   .   D    A   A   .   .',
    no: 'catalog.forbidden: needs Catalog creator, or User administrator;',
    call: ({ fresh }) => ({ body: { id: fresh.id('catalog'), displayName: 'New' } }),
  },
  {
    operation: 'renameCatalog',
    cells: catalogs,
    no: `catalog.forbidden: ${OWNERS}`,
    call: inOwn({ body: { displayName: 'Own', description: 'again' } }),
  },
  {
    operation: 'addCatalogOwner',
    cells: catalogs,
    no: `catalog.forbidden: ${OWNERS}`,
    call: inOwn({ body: extra }),
  },
  {
    operation: 'removeCatalogOwner',
    cells: catalogs,
    no: `catalog.forbidden: ${OWNERS}`,
    call: inOwn({ params: { ...own, ...extra } }),
  },
  {
    operation: 'addPackageManager',
    cells: catalogs,
    no: `catalog.forbidden: ${OWNERS}`,
    call: inOwn({ body: extra }),
  },
  {
    operation: 'removePackageManager',
    cells: catalogs,
    no: `catalog.forbidden: ${OWNERS}`,
    call: inOwn({ params: { ...own, ...extra } }),
  },
  {
    operation: 'addResource',
    cells: catalogs,
    no: `catalog.forbidden: ${OWNERS}`,
    call: inOwn({ body: { resourceId: 'shared' } }),
  },
  {
    operation: 'addResource',
    of: 'that nobody owns',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: 'A   f    .   f    f   f    f   f    f   f   f   f   f   D    A   f   f   f',
    no: 'catalog.resource-not-owned: a Catalog owner of Own must own the resource',
    call: inOwn({ body: { resourceId: 'foreign' } }),
  },
  {
    operation: 'removeResource',
    cells: catalogs,
    no: `catalog.forbidden: ${OWNERS}`,
    call: inOwn({ params: { ...own, resourceId: 'shared' } }),
  },
]

const packageCommands: readonly Case[] = [
  {
    operation: 'createAccessPackage',
    cells: packages,
    no: `package.forbidden: ${MANAGERS}`,
    call: ({ fresh }) => ({
      body: { id: fresh.id('package'), catalogId: 'own', displayName: 'New' },
    }),
  },
  {
    operation: 'createAccessPackage',
    of: 'in the built-in catalog (S2)',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: 'A   .    .   .    .   .    .   .    .   .   .   .   .   D    A   .   .   .',
    no: 'package.forbidden: the sender needs User administrator;',
    call: ({ fresh }) => ({ body: { id: fresh.id('package'), displayName: 'New' } }),
  },
  {
    operation: 'changeAccessPackage',
    cells: packages,
    no: `package.forbidden: ${MANAGERS}`,
    call: onPackage(() => ({ body: { displayName: 'Other', description: '' } })),
  },
  {
    operation: 'changeAccessPackage',
    of: 'in the built-in catalog',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: 'A   .    .   .    .   .    A   A    .   .   .   .   .   D    A   .   .   .',
    no: 'package.forbidden: needs Access package manager of Default, or Catalog owner of Default, or User administrator;',
    call: async ({ fresh }) => ({
      params: { packageId: await fresh.package('default') },
      body: { displayName: 'Other', description: '' },
    }),
  },
  {
    operation: 'addResourceRole',
    cells: packages,
    no: `package.forbidden: ${MANAGERS}`,
    call: onPackage(() => ({ body: { resourceId: 'git', roleId: 'editor' } })),
  },
  {
    operation: 'removeResourceRole',
    cells: packages,
    no: `package.forbidden: ${MANAGERS}`,
    call: onPackage(() => ({ params: { resourceId: 'git', roleId: 'member' } })),
  },
  ...(['pauseRollOut', 'resumeRollOut', 'releaseRollOut', 'cancelRollOut'] as const).map(
    (operation): Case => ({
      operation,
      cells: packages,
      no: `package.forbidden: ${MANAGERS}`,
      call: async ({ fresh }) => ({ params: { packageId: await fresh.changing() } }),
    }),
  ),
  {
    operation: 'addPolicy',
    cells: packages,
    no: `package.forbidden: ${MANAGERS}`,
    call: async (world) => onPackage(() => ({ body: world.newPolicy('another', []) }))(world),
  },
  {
    operation: 'changePolicy',
    cells: packages,
    no: `package.forbidden: ${MANAGERS}`,
    call: async (world) =>
      onPackage(() => ({
        params: { policyId: 'auto' },
        body: { terms: world.newPolicy('changed', []).terms },
      }))(world),
  },
  {
    operation: 'removePolicy',
    cells: packages,
    no: `package.forbidden: ${MANAGERS}`,
    call: onPackage(() => ({ params: { policyId: 'auto' } })),
  },
  {
    operation: 'deleteAccessPackage',
    cells: packages,
    no: `package.forbidden: ${MANAGERS}`,
    call: onPackage(),
  },
  {
    operation: 'disablePolicy',
    cells: packages,
    no: `package.forbidden: ${MANAGERS}`,
    call: onPackage(() => ({ params: { policyId: 'auto' } })),
  },
  {
    operation: 'enablePolicy',
    cells: packages,
    no: `package.forbidden: ${MANAGERS}`,
    call: onPackage(() => ({ params: { policyId: 'auto' } })),
  },
]

const entitlementCommands: readonly Case[] = [
  {
    operation: 'submitRequest',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: '.   .    .   .    .   .    .   .    A   A   .   .   .   D    A   A   A   A',
    no: 'request.forbidden: needs to be the subject, or a service;',
    call: onPackage(() => ({ body: { subjectId: 'subject', policyId: 'asked' } })),
  },
  {
    operation: 'approveRequest',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: '.   .    .   .    .   .    .   .    o   o   A   .   .   D    .   .   .   .',
    no: 'approval.forbidden: needs to be an approver of the request;',
    call: onRequest(),
  },
  {
    operation: 'denyRequest',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: '.   .    .   .    .   .    .   .    o   o   A   .   .   D    .   .   .   .',
    no: 'approval.forbidden: needs to be an approver of the request;',
    call: onRequest(),
  },
  {
    operation: 'denyRequest',
    of: 'that is not there: nobody learns so',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: '.   .    .   .    .   .    .   .    o   .   .   .   .   D    .   .   .   .',
    no: 'approval.forbidden: needs to be an approver of the request;',
    call: onNothing('requestId', 'r7'),
  },
  {
    operation: 'cancelRequest',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: 'A   .    A   A    .   .    .   .    A   A   .   .   .   D    A   .   .   .',
    no: `request.forbidden: needs to be the subject, or the requestor, or Access package manager of Own`,
    call: onRequest(),
  },
  {
    operation: 'cancelRequest',
    of: 'that is not there: only who could cancel it learns so',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: '0   .    0   0    .   .    .   .    0   .   .   .   .   D    0   .   .   .',
    no: `request.forbidden: needs to be the subject, or the requestor, or Access package manager of Own`,
    call: onNothing('requestId', 'r7'),
  },
  {
    operation: 'assignDirectly',
    cells: packages,
    no: `assignment.forbidden: ${MANAGERS}`,
    call: onPackage(() => ({ body: { subjectId: 'newcomer', policyId: 'auto' } })),
  },
  {
    operation: 'assignMany',
    cells: packages,
    no: `assignment.forbidden: ${MANAGERS}`,
    call: onPackage(() => ({ body: { subjectIds: ['newcomer'], policyId: 'auto' } })),
  },
  {
    operation: 'extendAssignment',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: '.   .    .   .    .   .    .   .    A   A   .   .   .   D    A   A   A   A',
    no: 'extension.forbidden: needs to be the subject, or a service;',
    call: onAssignment(),
  },
  {
    operation: 'removeAssignment',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: 'A   .    A   A    .   .    .   .    A   .   .   .   .   D    A   .   .   .',
    no: 'assignment.forbidden: needs to be the subject, or Access package manager of Own',
    call: onAssignment(),
  },
  {
    operation: 'removeAssignment',
    of: 'that is not there: only who could remove it learns so',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: '0   .    0   0    .   .    .   .    0   .   .   .   .   D    0   .   .   .',
    no: 'assignment.forbidden: needs to be the subject, or Access package manager of Own',
    call: onNothing('assignmentId', 'a7'),
  },
]

export const commandCases: readonly Case[] = [
  ...catalogCommands,
  ...packageCommands,
  ...entitlementCommands,
  ...deliveryCases,
  ...driftCommands,
  ...leaverCommands,
]
