import type { Case } from './case.fixture.ts'

// What the permission matrix's commands about drift (S3) are tested against.

export const driftCommands: readonly Case[] = [
  {
    operation: 'startDriftScan',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: 'A   .    .   .    .   .    .   .    .   .   .   .   .   D    A   .   .   .',
    no: 'drift.forbidden: needs User administrator;',
    call: () => ({ params: { resourceId: 'git' }, body: { dryRun: true } }),
  },
]
