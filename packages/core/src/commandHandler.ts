import { createBulkHandler, type SentCommand } from './bulkHandler.ts'
import type { CommandOutcome } from './commandOutcome.ts'
import type { Decider } from './decider.ts'
import type { EventStore } from './eventStore.ts'
import type { DomainEvent } from './events.ts'
import type { Clock } from './instant.ts'
import type { Tracing } from './tracing.ts'

export interface HandleOptions<State, Command, E extends DomainEvent, Facts>
  extends SentCommand<Command> {
  readonly stream: string
  readonly decider: Decider<State, Command, E, Facts>
  /** Gathers what the decision relies on, given the state; called again after a conflict. */
  readonly facts: (state: State) => Promise<Facts> | Facts
}

/**
 * Loads the stream, looks for the command id, decides, appends at the exact revision; on a conflict starts again:
 * {@link createBulkHandler} with one command.
 * @throws TooManyConflicts; errors of the store or of `facts` as they are
 */
export const createCommandHandler = (dependencies: {
  readonly store: EventStore
  readonly clock: Clock
  readonly tracing?: Tracing
}) => {
  const handleMany = createBulkHandler(dependencies)
  return async <State, Command, E extends DomainEvent, Facts>({
    command,
    envelope,
    admit,
    ...stream
  }: HandleOptions<State, Command, E, Facts>): Promise<CommandOutcome<State, E>> => {
    const sent = { command, envelope, ...(admit === undefined ? {} : { admit }) }
    const [outcome] = await handleMany([{ ...stream, commands: [sent] }])
    const [only] = outcome?.outcomes ?? []
    if (only === undefined) throw new Error('the command has no outcome')
    return only
  }
}
