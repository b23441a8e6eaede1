import type { Command } from 'commander'
import { asking, group, outputOf } from '../cli/commandKinds.ts'
import { openQueues } from './queues.ts'

/** The queues, to look at. */
export const addQueueCommands = (program: Command): void => {
  const queues = group(program, 'queues', 'look into the queues of jobs')
  asking(
    queues,
    'open',
    'print a link that opens the queues in a browser, once',
    'queues open --as alice',
  ).action((flags) => openQueues(flags, outputOf(flags)))
}
