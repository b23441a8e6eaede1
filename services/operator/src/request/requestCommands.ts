import type { Command } from 'commander'
import { asking, changing, listing, outputOf } from '../cli/commandKinds.ts'
import { decide, inbox, requestPackage, showRequest } from './access.ts'
import { addAdministration } from './requestsCommand.ts'

/** Requests and decisions (S9 to S13, S20, S22). */
export const addRequestCommands = (program: Command): void => {
  changing(
    program,
    'request',
    'ask for an access package',
    'request marketing-basics --why "Campaign for the spring fair" --as alice',
  )
    .argument('<package>')
    .option('--why <text>', 'the justification')
    .option('--policy <id>', 'which policy, where several apply')
    .action((id: string, flags) => requestPackage(id, flags, outputOf(flags)))
  listing(program, 'inbox', 'requests that wait for your decision', 'inbox --as bob').action(
    (flags) => inbox(flags, outputOf(flags)),
  )
  for (const decision of ['approve', 'deny'] as const)
    changing(
      program,
      decision,
      `${decision} a request`,
      `${decision} marketing-basics.alice.r1 --why "As agreed" --as bob`,
    )
      .argument('<request>')
      .option('--why <text>', 'the justification')
      .action((id: string, flags) => decide(decision, id, flags, outputOf(flags)))
  asking(
    program,
    'show',
    'a request with its delivery, mails and history',
    'show marketing-basics.alice.r1 --as alice',
  )
    .argument('<request>')
    .option('--no-wait', 'do not wait for the delivery to end')
    .action((id: string, flags) => showRequest(id, flags, outputOf(flags)))
  addAdministration(program)
}
