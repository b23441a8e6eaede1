import type { Case } from './case.fixture.ts'

// What the permission matrix's commands about people who left (S3) are tested against.

export const leaverCommands: readonly Case[] = [
  {
    operation: 'releaseLeaverEndings',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: 'A   .    .   .    .   .    .   .    .   .   .   .   .   D    A   .   .   .',
    no: 'leavers.forbidden: needs User administrator;',
    call: () => ({}),
  },
]
