import type { Command } from 'commander'
import { command, count, group, outputOf } from '../cli/commandKinds.ts'
import { connectorList, connectorTest } from './connector.ts'

/** Looking at what the engine gives and takes access with. */
export const addConnectorCommands = (program: Command): void => {
  const connector = group(program, 'connector', 'look at the configured connectors')
  command(connector, 'list', 'what is configured').action((flags) =>
    connectorList(flags, outputOf(flags)),
  )
  command(connector, 'test', 'try whether connectors are ready; nothing is changed in a target')
    .argument('[name...]', 'only these')
    .option('--seconds <seconds>', 'how long one may take', count, 30)
    .action((names: readonly string[], flags) => connectorTest(names, flags, outputOf(flags)))
}
