import type { Decider } from './decider.ts'
import { fold } from './decider.ts'
import { type EventStore, isRevisionConflict, NO_STREAM } from './eventStore.ts'
import {
  type Actor,
  type DomainEvent,
  type EventMetadata,
  type NewEvent,
  type Position,
  type RecordedEvent,
  type Revision,
  START,
} from './events.ts'
import { eventId } from './ids.ts'
import type { Clock } from './instant.ts'
import type { Refusal } from './refusals.ts'

/** Who sends a command, under which id, and what it follows from. */
export interface CommandEnvelope {
  /** Chosen by the sender; sent twice, the thing happens once and the answer is the same (promise 6). */
  readonly commandId: string
  readonly actor: Actor
  readonly correlationId?: string
  readonly causationId?: string
}

export type CommandOutcome<State, E extends DomainEvent> =
  | {
      readonly ok: true
      /** What this command added to the stream; empty when its goal was already reached. */
      readonly events: readonly NewEvent<E>[]
      /** The stream's state right after those events: for a repeat, as it was then, not as it is now. */
      readonly state: State
      /** Position in `$all` that a view must reach to show this command's effect. */
      readonly position: Position
      /** Revision of the stream's last event in `state`; undefined when the stream is empty. */
      readonly revision: Revision | undefined
      /** True when the command had been decided before. */
      readonly repeated: boolean
    }
  | { readonly ok: false; readonly refusal: Refusal }

export interface HandleOptions<State, Command, E extends DomainEvent, Facts> {
  readonly stream: string
  readonly decider: Decider<State, Command, E, Facts>
  readonly command: Command
  readonly envelope: CommandEnvelope
  /** Gathers what the decision relies on, given the state; called again after a conflict. */
  readonly facts: (state: State) => Promise<Facts> | Facts
}

/** Most times that a command is decided again after somebody else appended first. */
export const MAX_ATTEMPTS = 20

/** More writers than a stream can bear; nothing was written, the command may be sent again. */
export class TooManyConflicts extends Error {
  readonly code = 'command.too-many-conflicts'
  constructor(stream: string) {
    super(`gave up after ${MAX_ATTEMPTS} revision conflicts on ${stream}; send the command again`)
    this.name = 'TooManyConflicts'
  }
}

/**
 * Loads the stream, looks for the command id, decides, appends at the exact revision; on a conflict starts again.
 * @throws TooManyConflicts after {@link MAX_ATTEMPTS}; errors of the store or of `facts` as they are
 */
export const createCommandHandler =
  (dependencies: { readonly store: EventStore; readonly clock: Clock }) =>
  async <State, Command, E extends DomainEvent, Facts>(
    options: HandleOptions<State, Command, E, Facts>,
  ): Promise<CommandOutcome<State, E>> => {
    const { store, clock } = dependencies
    const { stream, decider, command, envelope } = options
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const history = (await store.readStream(stream)) as readonly RecordedEvent<E>[]
      const repeated = outcomeOfRepeat(decider, history, envelope.commandId)
      if (repeated !== undefined) return repeated
      const state = fold(decider, history)
      const facts = await options.facts(state)
      const at = clock.now()
      const decision = decider.decide(command, state, { now: at, actor: envelope.actor }, facts)
      if (!decision.ok) return decision
      const last = history.at(-1)
      if (decision.events.length === 0) {
        return {
          ok: true,
          events: [],
          state,
          position: last?.position ?? START,
          revision: last?.revision,
          repeated: false,
        }
      }
      const metadata: EventMetadata = {
        commandId: envelope.commandId,
        correlationId: envelope.correlationId ?? envelope.commandId,
        ...(envelope.causationId === undefined ? {} : { causationId: envelope.causationId }),
        actor: envelope.actor,
        at,
      }
      const events = decision.events.map((event, index) => ({
        ...event,
        id: eventId(envelope.commandId, stream, index),
        metadata,
      }))
      try {
        const appended = await store.append(stream, last?.revision ?? NO_STREAM, events)
        return {
          ok: true,
          events,
          state: events.reduce<State>((folded, event) => decider.evolve(folded, event), state),
          position: appended.position,
          revision: appended.revision,
          repeated: appended.repeated,
        }
      } catch (error) {
        if (!isRevisionConflict(error)) throw error
      }
    }
    throw new TooManyConflicts(stream)
  }

const outcomeOfRepeat = <State, E extends DomainEvent>(
  decider: Pick<Decider<State, never, E, never>, 'initialState' | 'evolve'>,
  history: readonly RecordedEvent<E>[],
  commandId: string,
): CommandOutcome<State, E> | undefined => {
  const last = history.findLastIndex((event) => event.metadata.commandId === commandId)
  const lastEvent = history[last]
  if (lastEvent === undefined) return undefined
  return {
    ok: true,
    events: history.filter((event) => event.metadata.commandId === commandId),
    state: fold(decider, history.slice(0, last + 1)),
    position: lastEvent.position,
    revision: lastEvent.revision,
    repeated: true,
  }
}
