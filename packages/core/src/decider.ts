import type { Actor, DomainEvent } from './events.ts'
import type { Instant } from './instant.ts'
import type { Decision } from './refusals.ts'

/** What every decision is told besides the command: the time and who asks. Never read from the surroundings. */
export interface DecisionContext {
  readonly now: Instant
  readonly actor: Actor
}

/**
 * One aggregate's rules: pure, no I/O, no clock, no id source.
 * `decide` of a command whose goal is already reached returns no events or a refusal, never the same events again.
 * `evolve` never throws on an event that it doesn't know.
 */
export interface Decider<State, Command, E extends DomainEvent, Facts = undefined> {
  initialState(): State
  evolve(state: State, event: E): State
  decide(command: Command, state: State, context: DecisionContext, facts: Facts): Decision<E>
}

/** Folds events into a state. */
export const fold = <State, E extends DomainEvent>(
  decider: Pick<Decider<State, never, E, never>, 'initialState' | 'evolve'>,
  events: Iterable<E>,
): State => {
  let state = decider.initialState()
  for (const event of events) state = decider.evolve(state, event)
  return state
}
