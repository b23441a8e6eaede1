import { addMillis, type Clock, type Instant, toMillis } from '@portcullis/core'

export interface CircuitLimits {
  /** So many transient failures in a row open the circuit. */
  readonly failures: number
  /** How long it stays open the first time, milliseconds; twice as long each time that the probe fails. */
  readonly openMillis: number
  /** The longest that it stays open, milliseconds; also for what the target asks for (Retry-After). */
  readonly longestOpenMillis: number
}

/** What is told when the circuit changes; `code` is that of the failure that opened it. */
export type CircuitChange =
  | { readonly state: 'open'; readonly until: Instant; readonly code: string }
  | { readonly state: 'half-open' }
  | { readonly state: 'closed' }

/** Keeps calls away from a target that doesn't answer. */
export interface Circuit {
  /** Milliseconds until a call may be worth it; 0 when it is now. */
  waitMillis(): number
  /** Right before a call, when {@link waitMillis} is 0: an open circuit lets this one through, to see whether the target is back. */
  begin(): Attempt
}

/** How one call went. Said of a call that began before the circuit opened, it changes nothing any more. */
export interface Attempt {
  /** The target answered. */
  succeeded(): void
  /** @param retryAfterMillis what the target asked us to wait: then nobody calls before */
  failed(code: string, retryAfterMillis?: number): void
  /** The caller gave up: that says nothing of the target. */
  abandoned(): void
}

export interface CircuitOptions {
  readonly limits: CircuitLimits
  readonly clock: Clock
  /** From 0 up to 1: spreads the times at which several processes try again. */
  readonly random: () => number
  readonly onChange: (change: CircuitChange) => void
}

/** Part of an opening's length that chance adds. */
const JITTER = 0.2
/** While somebody tries whether the target is back, others look again after this. */
const PROBE_MILLIS = 5_000

type State =
  | { readonly is: 'closed'; readonly failures: number }
  | {
      readonly is: 'open'
      readonly since: Instant
      readonly millis: number
      readonly times: number
    }
  | { readonly is: 'half-open'; readonly times: number; readonly probing: boolean }

export const createCircuit = ({ limits, clock, random, onChange }: CircuitOptions): Circuit => {
  let state: State = { is: 'closed', failures: 0 }
  /** Which calls may still say something: those begun since the circuit last opened or let one through. */
  let era = 0

  const open = (times: number, code: string, asked: number): void => {
    const wait = Math.min(
      limits.longestOpenMillis,
      Math.max(asked, limits.openMillis * 2 ** Math.min(times - 1, 30)),
    )
    const millis = Math.round(wait * (1 + JITTER * random()))
    const since = clock.now()
    state = { is: 'open', since, millis, times }
    era += 1
    onChange({ state: 'open', until: addMillis(since, millis), code })
  }

  const attempt = (mine: number): Attempt => ({
    succeeded: () => {
      if (mine !== era) return
      if (state.is === 'half-open') onChange({ state: 'closed' })
      state = { is: 'closed', failures: 0 }
    },
    failed: (code, retryAfterMillis = 0) => {
      if (mine !== era || state.is === 'open') return
      if (state.is === 'half-open') return open(state.times + 1, code, retryAfterMillis)
      const failures = state.failures + 1
      if (failures >= limits.failures || retryAfterMillis > 0) open(1, code, retryAfterMillis)
      else state = { is: 'closed', failures }
    },
    abandoned: () => {
      if (mine === era && state.is === 'half-open') state = { ...state, probing: false }
    },
  })

  return {
    waitMillis: () => {
      if (state.is === 'closed') return 0
      if (state.is === 'half-open') return state.probing ? PROBE_MILLIS : 0
      const gone = toMillis(clock.now()) - toMillis(state.since)
      // A clock that was set back mustn't keep it open for longer.
      return gone < 0 ? 0 : Math.max(0, state.millis - gone)
    },
    begin: () => {
      if (state.is !== 'closed') {
        if (state.is === 'open') onChange({ state: 'half-open' })
        state = { is: 'half-open', times: state.times, probing: true }
        era += 1
      }
      return attempt(era)
    },
  }
}
