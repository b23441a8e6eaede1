import type { Command } from 'commander'
import { release } from '../commands/leavers.ts'
import { command, group, outputOf } from './words.ts'

/** People who left. */
export const addLeaverCommands = (program: Command): void => {
  const leavers = group(program, 'leavers', 'people who left and what they keep')
  command(leavers, 'release', 'let the access of many who left end, which is held')
    .option('--as <person>', 'the User administrator who orders it (PORTCULLIS_AS)')
    .action((flags) => release(flags, outputOf(flags)))
}
