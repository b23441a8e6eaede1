import type { Instant } from '@portcullis/core'
import type { GrantEvent } from '../events.ts'

export type Operation = 'grant' | 'revoke'

export interface OperationInFlight {
  readonly operationId: string
  readonly operation: Operation
  /** From 1; counts the tries of this operation since it last succeeded. */
  readonly attempt: number
  /** Until then it is nobody else's. */
  readonly leaseUntil: Instant
  /** The target has somebody carry it out, and isn't to be asked before they say how it went. */
  readonly awaited: boolean
  readonly reported: Reported | null
}

/** What the one who carries an operation out said of it. */
export type Reported = 'done' | 'refused'

/** An operation that isn't in flight any more: somebody may still have something to say of it. */
export interface EndedOperation {
  readonly operationId: string
  readonly operation: Operation
  /** replaced: it never ended, and another one took over. */
  readonly end: 'done' | 'failed' | 'replaced'
  readonly reported: Reported | null
}

export interface GrantFailure {
  readonly operation: Operation
  readonly code: string
  readonly message: string
  readonly transient: boolean
  /** Not before; null: at once. `operator`: not until somebody asks for it. */
  readonly wait: Instant | 'operator' | null
}

/** The target's own names of an account: see the events. */
export interface TargetAccount {
  /** Given to nobody else; null: the target has none. */
  readonly id: string | null
  /** What stands for it in a group. */
  readonly member: string
  /** Of the group, given to no other one. */
  readonly group?: string | undefined
}

export interface GrantState {
  /** Assignments that confer the access now, in the order in which they came. */
  readonly holders: readonly string[]
  /** Assignments that have ended: they can't hold again, however late a job arrives. */
  readonly released: readonly string[]
  /**
   * What we know of the target. `unknown`: an operation was started, or asked for again, and it hasn't been read back
   * since.
   */
  readonly actual: 'present' | 'absent' | 'unknown'
  /** The subject had the access before we first granted it: it isn't ours to take away (promise 4). */
  readonly preexisting: boolean
  /**
   * We have started to grant it, or to take away what a scan found, since it was last known to be absent: found there,
   * it is no access from before us.
   */
  readonly ours: boolean
  /**
   * The account that it was granted to or found at, until it is gone: whatever is done next goes by it. Null: none that
   * is known.
   */
  readonly account: TargetAccount | null
  /**
   * How its being there is known, since it was last granted or found; null: it isn't there, or an older version granted
   * it.
   */
  readonly receipt: 'read-back' | 'acknowledged' | null
  readonly inFlight: OperationInFlight | null
  /** The last {@link KEPT_OPERATIONS} that ended, the oldest first. */
  readonly ended: readonly EndedOperation[]
  /** The last try that didn't succeed: an operation that takes over goes on counting from here. */
  readonly lastTry: { readonly operation: Operation; readonly attempt: number } | null
  readonly failure: GrantFailure | null
  /** What a scan found in the target and left alone; null: nothing, or nothing that is still so. */
  readonly drift: 'missing' | 'unexpected' | null
  /** How many words on the target there have been: a look at it from before the last one is out of date. */
  readonly news: number
}

export const initialGrant = (): GrantState => ({
  holders: [],
  released: [],
  actual: 'absent',
  preexisting: false,
  ours: false,
  account: null,
  receipt: null,
  inFlight: null,
  ended: [],
  lastTry: null,
  failure: null,
  drift: null,
  news: 0,
})

/**
 * What should be. S6: as long as any assignment holds the access, it stays. `unmanaged`: nobody holds it, and what the
 * target has is from before us.
 */
export const grantDesired = (state: GrantState): 'present' | 'absent' | 'unmanaged' => {
  if (state.holders.length > 0) return 'present'
  return state.preexisting ? 'unmanaged' : 'absent'
}

/** True when what should be is, and no operation is in flight: nothing to do until something changes. */
export const grantSettled = (state: GrantState): boolean => {
  const desired = grantDesired(state)
  return state.inFlight === null && (desired === 'unmanaged' || desired === state.actual)
}

/** Reports later than this many tries are about an operation that nobody knows any more. */
const KEPT_OPERATIONS = 50

/** The operation in flight ends. */
const endInFlight = (
  { inFlight, ended }: GrantState,
  end: EndedOperation['end'],
): Pick<GrantState, 'inFlight' | 'ended'> => {
  if (inFlight === null) return { inFlight, ended }
  const { operationId, operation, reported } = inFlight
  return {
    inFlight: null,
    ended: [...ended.slice(1 - KEPT_OPERATIONS), { operationId, operation, end, reported }],
  }
}

/** What an operation makes of the access. */
export const effectOf = (operation: Operation): 'present' | 'absent' =>
  operation === 'grant' ? 'present' : 'absent'

const succeeded = (state: GrantState) =>
  ({
    ...withNews(state),
    ...endInFlight(state, 'done'),
    lastTry: null,
    failure: null,
    drift: null,
  }) as const

const withNews = (state: GrantState): GrantState => ({ ...state, news: state.news + 1 })

/**
 * A report on the operation in flight is noted until its end follows; a late one tells that the target was changed
 * behind our back.
 */
const reportedIn = (
  state: GrantState,
  {
    operationId,
    operation,
    outcome,
  }: {
    readonly operationId: string
    readonly operation: Operation
    readonly outcome: Reported
  },
): GrantState =>
  state.inFlight?.operationId === operationId
    ? { ...state, inFlight: { ...state.inFlight, reported: outcome } }
    : {
        ...withNews(state),
        actual: 'unknown',
        ours: state.ours || operation === 'grant',
        drift: null,
        ended: state.ended.map((each) =>
          each.operationId === operationId ? { ...each, reported: outcome } : each,
        ),
      }

export const evolveGrant = (state: GrantState, event: GrantEvent): GrantState => {
  switch (event.type) {
    case 'HoldAdded.v1':
      return {
        ...state,
        holders: [...state.holders, event.data.assignmentId],
        // Somebody new needs it: worth another try, even after a permanent error.
        failure:
          state.failure?.wait === 'operator' ? { ...state.failure, wait: null } : state.failure,
      }
    case 'HoldReleased.v1': {
      const { assignmentId, reason } = event.data
      return {
        ...state,
        holders: state.holders.filter((holder) => holder !== assignmentId),
        released:
          reason === 'assignment-ended' ? [...state.released, assignmentId] : state.released,
      }
    }
    case 'ProvisioningStarted.v2': {
      const { operationId, operation, attempt, observed, leaseUntil } = event.data
      return {
        ...withNews(state),
        ...endInFlight(state, 'replaced'),
        actual: 'unknown',
        preexisting: state.preexisting && observed !== 'absent',
        ours: true,
        inFlight: { operationId, operation, attempt, leaseUntil, awaited: false, reported: null },
        lastTry: { operation, attempt },
        failure: state.failure && { ...state.failure, wait: null },
        drift: null,
      }
    }
    case 'FulfilmentAwaited.v1': {
      const { operationId, until } = event.data
      return state.inFlight?.operationId === operationId
        ? {
            ...withNews(state),
            inFlight: { ...state.inFlight, awaited: true, leaseUntil: until },
          }
        : state
    }
    case 'FulfilmentReported.v1':
      return reportedIn(state, event.data)
    case 'AccessProvisioned.v2':
      return {
        ...succeeded(state),
        actual: 'present',
        account: event.data.account ?? state.account,
        receipt: event.data.receipt?.kind ?? null,
      }
    case 'AccessRevoked.v3':
      return {
        ...succeeded(state),
        actual: 'absent',
        preexisting: false,
        ours: false,
        account: null,
        receipt: null,
      }
    case 'ProvisioningFailed.v1': {
      const { operation, attempt, code, message, transient, retryAt } = event.data
      return {
        ...withNews(state),
        ...endInFlight(state, 'failed'),
        lastTry: { operation, attempt },
        failure: { operation, code, message, transient, wait: retryAt ?? 'operator' },
      }
    }
    case 'RetryRequested.v1': {
      const failure = state.failure && { ...state.failure, wait: null }
      // What was in place is doubted: the next operation looks, and grants again.
      return grantSettled(state)
        ? { ...withNews(state), actual: 'unknown', failure }
        : { ...state, failure }
    }
    case 'PreexistingAccessFound.v3':
      return {
        ...succeeded(state),
        actual: 'present',
        preexisting: event.data.kept,
        ours: state.ours || !event.data.kept,
        account: event.data.account ?? state.account,
        receipt: 'read-back',
      }
    case 'DriftFound.v3': {
      const { found, repair } = event.data
      // Left alone, it changes nothing of what is wanted, so that nothing is done about it.
      if (repair === 'none')
        return { ...state, drift: found === 'absent' ? 'missing' : 'unexpected' }
      return found === 'present'
        ? {
            ...withNews(state),
            drift: null,
            actual: 'present',
            account: event.data.account ?? state.account,
            receipt: 'read-back',
          }
        : { ...withNews(state), drift: null, actual: 'absent', preexisting: false, ours: false }
    }
    case 'DriftGone.v1':
      return { ...state, drift: null }
    default:
      event satisfies never
      return state
  }
}
