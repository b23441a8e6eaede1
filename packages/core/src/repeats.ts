import type { CommandIdentity } from './commandIdentity.ts'
import { sameCommand } from './commandIdentity.ts'
import type { CommandOutcome } from './commandOutcome.ts'
import { type Decider, fold } from './decider.ts'
import type { DomainEvent, NewEvent, Position, Revision } from './events.ts'

/**
 * The same command again has the same answer (promise 6), and so has one that the store was given twice.
 * @returns `reused` when the key was used for something else
 */
export const outcomeOfRepeat = <State, E extends DomainEvent>(
  decider: Pick<Decider<State, never, E, never>, 'initialState' | 'evolve'>,
  stream: {
    readonly events: readonly NewEvent<E>[]
    readonly revision: Revision | undefined
    readonly position: Position
  },
  identity: CommandIdentity,
): CommandOutcome<State, E> | 'reused' | undefined => {
  const { events, revision, position } = stream
  let found: 'same' | 'reused' | undefined
  const last = events.findLastIndex(({ metadata }) => {
    found = sameCommand(identity, metadata)
    return found !== undefined
  })
  const lastEvent = events[last]
  if (lastEvent === undefined || revision === undefined) return undefined
  if (found === 'reused') return 'reused'
  const { commandId } = lastEvent.metadata
  return {
    ok: true,
    events: events.filter(({ metadata }) => metadata.commandId === commandId),
    state: fold(decider, events.slice(0, last + 1)),
    position: 'position' in lastEvent ? (lastEvent.position as Position) : position,
    revision: revision - BigInt(events.length - 1 - last),
    repeated: true,
  }
}
