import { type Case, MANAGERS, onAssignment, onNothing, onPackage } from './case.fixture.ts'

// Commands about delivery: tried again (S21), or told of by somebody else.

// directory · target's catalog · another catalog · built-in catalog · subject, asker, approver, member, stranger, gone
// · services                 adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
const packages = 'A   .    A   A    .   .    .   .    .   .   .   .   .   D    A   .   .   .'

export const deliveryCases: readonly Case[] = [
  {
    operation: 'reprocessRequest',
    cells: packages,
    no: `request.forbidden: ${MANAGERS}`,
    call: async ({ fresh }) => ({
      params: { requestId: (await fresh.assignment()).replace(/a1$/, 'r1') },
    }),
  },
  {
    operation: 'reprocessAssignment',
    cells: packages,
    no: `assignment.forbidden: ${MANAGERS}`,
    call: onAssignment(),
  },
  {
    operation: 'reprocessAssignment',
    of: 'that is not there: only who could learns so',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: '0   .    0   0    .   .    .   .    .   .   .   .   .   D    0   .   .   .',
    no: `assignment.forbidden: ${MANAGERS}`,
    call: onNothing('assignmentId', 'a7'),
  },
  {
    operation: 'reprocessPackage',
    cells: packages,
    no: `package.forbidden: ${MANAGERS}`,
    call: onPackage(),
  },
  {
    operation: 'reprocessEverything',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: 'A   .    .   .    .   .    .   .    .   .   .   .   .   D    A   .   .   .',
    no: 'assignment.forbidden: needs User administrator;',
    call: () => ({ body: {} }),
  },
  {
    operation: 'reportFulfilment',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: 'A   .    .   .    .   .    .   .    .   .   .   .   .   D    A   .   .   .',
    no: 'fulfilment.forbidden: needs User administrator',
    call: async ({ fresh }) => ({
      params: { fulfilmentId: await fresh.fulfilment() },
      body: { outcome: 'done' },
    }),
  },
]
