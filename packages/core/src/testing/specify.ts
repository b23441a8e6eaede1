import { type Decider, type DecisionContext, fold } from '../decider.ts'
import type { DomainEvent } from '../events.ts'
import { jsonEqual } from '../json.ts'
import type { Decision, Refusal } from '../refusals.ts'
import { deepFreeze } from './deepFreeze.ts'
import { SpecificationError } from './specificationError.ts'

/** What a refusal is checked for, besides its code. */
export interface ExpectedRefusal {
  readonly kind?: Refusal['kind']
  readonly data?: Refusal['data']
  /** A part that the message must hold. */
  readonly message?: string
}

export interface Outcome<State, E extends DomainEvent> {
  /**
   * Exactly these events, in this order: no field more, none less. (Not called `then`: that would make it a promise to
   * `await`.)
   */
  thenEvents(expected: readonly E[]): void
  /** Refused with this code. */
  thenRefused(code: string, expected?: ExpectedRefusal): void
  /** Accepted, and nothing to do. */
  thenNothing(): void
  /** For what the three above can't say. */
  readonly decision: Decision<E>
  /** The state after the decision's events; the given state when it was refused. */
  readonly state: State
}

export interface Specification<State, Command, E extends DomainEvent, Facts> {
  given(events: readonly E[]): {
    when(command: Command, context: DecisionContext, facts: Facts): Outcome<State, E>
  }
}

const UNKNOWN_EVENT = 'EventOfALaterRelease.v9'

/**
 * Given / when / then for one decider: `specify(decider).given(history).when(command, { now, actor },
 * facts).thenEvents([...])`.
 * Besides what is asked, each run checks the promises of every decider:
 * nothing that is handed in gets changed (all of it is frozen); deciding twice on the same state gives the same answer;
 * deciding again after the events have been folded emits no event; `evolve` passes over an event that it doesn't know.
 * @throws SpecificationError when something doesn't hold
 */
export const specify = <State, Command, E extends DomainEvent, Facts>(
  decider: Decider<State, Command, E, Facts>,
): Specification<State, Command, E, Facts> => ({
  given: (events) => ({
    when: (command, context, facts) => {
      const frozen = freezing(decider)
      deepFreeze([events, command, context, facts])
      const before = fold(frozen, events)
      const decision = deepFreeze(decider.decide(command, before, context, facts))
      const again = decider.decide(command, before, context, facts)
      if (!jsonEqual(again, decision)) {
        throw new SpecificationError('deciding isn’t pure: two answers differ', again, decision)
      }
      const after = decision.ok
        ? decision.events.reduce((state, event) => frozen.evolve(state, event), before)
        : before
      checkRepeat(decider.decide(command, after, context, facts), decision)
      checkUnknownEvent(decider, after)
      return outcome(decision, after)
    },
  }),
})

const freezing = <State, Command, E extends DomainEvent, Facts>(
  decider: Decider<State, Command, E, Facts>,
): Pick<Decider<State, never, E, never>, 'initialState' | 'evolve'> => ({
  initialState: () => deepFreeze(decider.initialState()),
  evolve: (state, event) => deepFreeze(decider.evolve(state, event)),
})

const checkRepeat = <E extends DomainEvent>(repeat: Decision<E>, first: Decision<E>): void => {
  if (repeat.ok && repeat.events.length > 0) {
    throw new SpecificationError(
      'deciding the same command again, after its events, must emit nothing',
      { first, repeat: repeat.events },
      { first, repeat: [] },
    )
  }
}

const checkUnknownEvent = <State, Command, E extends DomainEvent, Facts>(
  decider: Decider<State, Command, E, Facts>,
  state: State,
): void => {
  // An event of a later release is outside the union on purpose.
  const unknown = { type: UNKNOWN_EVENT, data: {} } as E
  const evolved = decider.evolve(state, unknown)
  if (!jsonEqual(evolved, state)) {
    throw new SpecificationError('an unknown event must leave the state alone', evolved, state)
  }
}

const outcome = <State, E extends DomainEvent>(
  decision: Decision<E>,
  state: State,
): Outcome<State, E> => ({
  decision,
  state,
  thenEvents: (expected) => {
    if (!decision.ok) {
      throw new SpecificationError(
        `expected events, but it was refused: ${decision.refusal.code}: ${decision.refusal.message}`,
        decision.refusal,
        expected,
      )
    }
    if (!jsonEqual(decision.events, expected)) {
      throw new SpecificationError('the events differ', decision.events, expected)
    }
  },
  thenNothing: () => {
    const actual = decision.ok ? decision.events : decision.refusal
    if (!decision.ok || decision.events.length > 0) {
      throw new SpecificationError('expected nothing to happen', actual, [])
    }
  },
  thenRefused: (code, expected = {}) => {
    if (decision.ok) {
      throw new SpecificationError(`expected the refusal ${code}`, decision.events, code)
    }
    const { refusal } = decision
    const matches =
      refusal.code === code &&
      (expected.kind === undefined || refusal.kind === expected.kind) &&
      (expected.data === undefined || jsonEqual(refusal.data, expected.data)) &&
      (expected.message === undefined || refusal.message.includes(expected.message))
    if (!matches) {
      throw new SpecificationError('the refusal differs', refusal, { code, ...expected })
    }
  },
})
