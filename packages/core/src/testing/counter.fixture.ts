import type { Decider } from '../decider.ts'
import type { DomainEvent } from '../events.ts'
import { accept, refuse } from '../refusals.ts'

export type Counted = DomainEvent<'Counted.v1', { readonly to: number }>
export type CountTo = { readonly type: 'CountTo'; readonly to: number }
export interface CounterFacts {
  readonly limit: number
}

/** The smallest honest decider, for the specs of core itself. */
export const counter: Decider<{ readonly count: number }, CountTo, Counted, CounterFacts> = {
  initialState: () => ({ count: 0 }),
  evolve: (state, event) => (event.type === 'Counted.v1' ? { count: event.data.to } : state),
  decide: (command, state, _context, facts) => {
    if (command.to > facts.limit) {
      return refuse('not-allowed', 'counter.limit', `count to ${facts.limit} at most`, {
        limit: facts.limit,
      })
    }
    return command.to <= state.count
      ? accept()
      : accept<Counted>({ type: 'Counted.v1', data: { to: command.to } })
  },
}
