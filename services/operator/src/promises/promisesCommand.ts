import type { Command } from 'commander'
import { command, group, outputOf } from '../cli/commandKinds.ts'
import { checkPromisesCommand } from './promises.ts'

/** Whether the engine keeps what it promises. */
export const addPromiseCommands = (program: Command): void => {
  const promises = group(program, 'promises', 'whether the engine keeps what it promises')
  command(promises, 'check', 'check the promises on the log, from where the last check came to')
    .option('--from-start', 'forget what was checked before, and begin with the first event', false)
    .addHelpText(
      'after',
      `
Runs beside a running engine, and daily in a worker.
Exit codes: 0 all are kept · 1 one is broken, or the check failed · 2 wrong usage · 3 the database can't be reached · 5 nothing was found broken, and the check didn't come to its end, or another one is under way.

Example:
  ./portcullis promises check --json`,
    )
    .action((flags) => checkPromisesCommand(flags, outputOf(flags)))
}
