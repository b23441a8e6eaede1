import type { Command } from 'commander'
import { type ChangeFlags, change } from '../cli/client.ts'
import { changing, group, outputOf } from '../cli/commandKinds.ts'
import { CommandFailed } from '../cli/output.ts'

/** People who left. Exit code 1 when nobody who left has anything, or the one who asks may not. */
export const addLeaverCommands = (program: Command): void => {
  const leavers = group(program, 'leavers', 'people who left and what they keep')
  changing(
    leavers,
    'release',
    'let the access of many who left end, which is held; a User administrator may',
    'leavers release --as carol',
  ).action((flags: ChangeFlags & { readonly json: boolean }) =>
    change(
      flags,
      outputOf(flags),
      (client, options) => client.releaseLeaverEndings({}, options),
      ({ people = 0 }) => {
        if (people === 0) throw new CommandFailed('nobody who left has anything: nothing is held')
        return `What ${people} ${people === 1 ? 'person has who left' : 'people have who left'} may end; the next sweep ends what is due.`
      },
    ),
  )
}
