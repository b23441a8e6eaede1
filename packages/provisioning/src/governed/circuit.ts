import { addMillis, backOff, type Clock, type Instant, toMillis } from '@portcullis/core'

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
  /**
   * Right before a call, when {@link waitMillis} is 0: an open circuit lets this one through, to see whether the target
   * is back.
   */
  begin(): Attempt
}

/** How one call went. Said of a call that began before the circuit opened, it changes nothing any more. */
export interface Attempt {
  /** The target answered. */
  succeeded(): void
  /** @param retryAfterMillis what the target asked us to wait: then nobody calls before */
  failed(code: string, retryAfterMillis?: number): void
  /**
   * The target takes no more for now: that is no failure, and no proof that it works.
   * @param retryAfterMillis what it asked us to wait: then nobody calls before, and what had failed in a row before
   *   still counts after it
   */
  throttled(code: string, retryAfterMillis?: number): void
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

/**
 * Failures in a row, and how often in a row they opened it; 0 times: it is open only because the target asked for it.
 */
interface Row {
  readonly failures: number
  readonly times: number
}

type State =
  | { readonly is: 'closed'; readonly failures: number }
  | ({ readonly is: 'open'; readonly since: Instant; readonly millis: number } & Row)
  | ({ readonly is: 'half-open'; readonly probing: boolean } & Row)

export const createCircuit = ({ limits, clock, random, onChange }: CircuitOptions): Circuit => {
  let state: State = { is: 'closed', failures: 0 }
  /** Which calls may still say something: those begun since the circuit last opened or let one through. */
  let era = 0

  const openAfter = backOff({ first: limits.openMillis, longest: limits.longestOpenMillis })

  const openFor = (millisAtLeast: number, code: string, row: Row): void => {
    const wait = Math.min(limits.longestOpenMillis, millisAtLeast)
    const millis = Math.round(wait * (1 + JITTER * random()))
    const since = clock.now()
    state = { is: 'open', since, millis, ...row }
    era += 1
    onChange({ state: 'open', until: addMillis(since, millis), code })
  }
  const openAgain = (code: string, asked: number, { failures, times }: Row): void => {
    openFor(Math.max(asked, openAfter(times + 1)), code, { failures, times: times + 1 })
  }

  const attempt = (mine: number): Attempt => ({
    succeeded: () => {
      if (mine !== era) return
      if (state.is === 'half-open') onChange({ state: 'closed' })
      state = { is: 'closed', failures: 0 }
    },
    failed: (code, retryAfterMillis = 0) => {
      if (mine !== era || state.is === 'open') return
      const failures = state.failures + 1
      const times = state.is === 'closed' ? 0 : state.times
      if (times > 0 || failures >= limits.failures || retryAfterMillis > 0)
        return openAgain(code, retryAfterMillis, { failures, times })
      if (state.is === 'half-open') onChange({ state: 'closed' })
      state = { is: 'closed', failures }
    },
    throttled: (code, retryAfterMillis = 0) => {
      if (mine !== era || state.is === 'open') return
      const { failures } = state
      const times = state.is === 'closed' ? 0 : state.times
      if (retryAfterMillis > 0) openFor(retryAfterMillis, code, { failures, times })
      else if (state.is === 'half-open') state = { ...state, probing: false }
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
        state = { is: 'half-open', times: state.times, failures: state.failures, probing: true }
        era += 1
      }
      return attempt(era)
    },
  }
}
