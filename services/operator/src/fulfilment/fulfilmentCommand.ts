import type { Command } from 'commander'
import { change, connect } from '../cli/client.ts'
import { changing, group, listing, outputOf } from '../cli/commandKinds.ts'
import { printList } from '../cli/list.ts'

const ID = 'wiki.editor.alice.3f0a1c52-7b60-4a39-9f07-54a1f6a0c001'

/** Work on target systems that somebody does by hand or by ticket. */
export const addFulfilmentCommands = (program: Command): void => {
  const fulfilment = group(
    program,
    'fulfilment',
    'what is done by hand or by ticket on target systems',
  )
  listing(
    fulfilment,
    'list',
    'what is waited for, oldest access first',
    'fulfilment list --as alice',
  ).action(async (flags) =>
    printList(
      flags,
      outputOf(flags),
      (await connect(flags)).listFulfilments.all({}),
      {
        fulfilment: ({ id }) => id,
        operation: ({ operation }) => operation,
        role: ({ resourceName, resourceId, roleName, roleId }) =>
          `${resourceName ?? resourceId} / ${roleName ?? roleId}`,
        for: ({ subjectName, subjectId }) => subjectName ?? subjectId,
        since: ({ since }) => since,
        until: ({ until }) => until,
      },
      'Nobody has anything to do by hand.',
    ),
  )
  saying(fulfilment, 'done', 'say that it was done', `fulfilment done ${ID} --as alice`, 'done')
  saying(
    fulfilment,
    'refuse',
    'say that it will not be done: a grant waits for an administrator, a revoke is asked for again',
    `fulfilment refuse ${ID} --why "No licence left" --as alice`,
    'refused',
  )
}

const saying = (
  parent: Command,
  name: string,
  description: string,
  example: string,
  outcome: 'done' | 'refused',
): void => {
  changing(parent, name, description, example)
    .argument('<fulfilment>')
    .option('--why <text>', 'a word on it, kept in the log')
    .action((fulfilmentId: string, flags) =>
      change(
        flags,
        outputOf(flags),
        (client, options) =>
          client.reportFulfilment({ fulfilmentId, outcome, message: flags.why }, options),
        ({ status }) => `Fulfilment ${fulfilmentId} is ${status}.`,
      ),
    )
}
