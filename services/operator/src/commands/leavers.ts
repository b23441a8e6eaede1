import { releaseLeavers } from '@portcullis/engine'
import { configFrom, withRuntime } from '../context.ts'
import { CommandFailed, EXIT, type Output } from '../output.ts'

/**
 * Lets the access of many people end who have left, which is held: by order of a User administrator, which is in the log for ever.
 * Exit code 1 when nothing is held, or the person may not.
 */
export const release = (
  flags: { readonly data?: string; readonly as?: string },
  output: Output,
): Promise<void> =>
  withRuntime(configFrom(flags), output, async (runtime) => {
    const id = flags.as ?? process.env.PORTCULLIS_AS ?? ''
    if (id === '')
      throw new CommandFailed('say who orders it with --as <person> (or PORTCULLIS_AS)', EXIT.usage)
    const person = await runtime.directory.person(id)
    if (person?.enabled !== true || !person.directoryRoles.includes('UserAdministrator'))
      throw new CommandFailed(`${id} may not release what is held: that takes a User administrator`)
    const people = await releaseLeavers(runtime, { actor: { kind: 'user', id } })
    if (people === 0) throw new CommandFailed('nothing is held')
    runtime.log.warn(
      { people, by: id },
      'the access of people who left may end, though they are many',
    )
    await output.print(
      `What ${people} people have who left may end; the next sweep ends what is due`,
      { people },
    )
  })
