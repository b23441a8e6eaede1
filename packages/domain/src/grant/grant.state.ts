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
}

export interface GrantFailure {
  readonly operation: Operation
  readonly code: string
  readonly message: string
  readonly transient: boolean
  /** Not before; null: at once. `operator`: not until somebody asks for it. */
  readonly wait: Instant | 'operator' | null
}

export interface GrantState {
  /** Assignments that confer the access now, in the order in which they came. */
  readonly holders: readonly string[]
  /** Assignments that have ended: they can't hold again, however late a job arrives. */
  readonly released: readonly string[]
  /** What we know of the target. `unknown`: an operation was started, and it hasn't been read back since. */
  readonly actual: 'present' | 'absent' | 'unknown'
  /** The subject had the access before we first granted it: it isn't ours to take away (promise 4). */
  readonly preexisting: boolean
  /** We have started to grant it since it was last known to be absent, so finding it there is our doing. */
  readonly ours: boolean
  readonly inFlight: OperationInFlight | null
  /** The last try that didn't succeed: an operation that takes over goes on counting from here. */
  readonly lastTry: { readonly operation: Operation; readonly attempt: number } | null
  readonly failure: GrantFailure | null
}

export const initialGrant = (): GrantState => ({
  holders: [],
  released: [],
  actual: 'absent',
  preexisting: false,
  ours: false,
  inFlight: null,
  lastTry: null,
  failure: null,
})

/** What should be. `unmanaged`: nobody holds it, and what the target has is from before us. */
export const grantDesired = (state: GrantState): 'present' | 'absent' | 'unmanaged' => {
  if (state.holders.length > 0) return 'present'
  return state.preexisting ? 'unmanaged' : 'absent'
}

/** True when what should be is, and no operation is in flight: nothing to do until something changes. */
export const grantSettled = (state: GrantState): boolean => {
  const desired = grantDesired(state)
  return state.inFlight === null && (desired === 'unmanaged' || desired === state.actual)
}

const succeeded = { inFlight: null, lastTry: null, failure: null } as const

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
    case 'ProvisioningStarted.v1': {
      const { operationId, operation, attempt, observed, leaseUntil } = event.data
      return {
        ...state,
        actual: 'unknown',
        preexisting: state.preexisting && observed === 'present',
        ours: state.ours || operation === 'grant',
        inFlight: { operationId, operation, attempt, leaseUntil },
        lastTry: { operation, attempt },
        failure: state.failure && { ...state.failure, wait: null },
      }
    }
    case 'AccessProvisioned.v1':
      return { ...state, ...succeeded, actual: 'present' }
    case 'AccessRevoked.v1':
      return { ...state, ...succeeded, actual: 'absent', preexisting: false, ours: false }
    case 'ProvisioningFailed.v1': {
      const { operation, attempt, code, message, transient, retryAt } = event.data
      return {
        ...state,
        inFlight: null,
        lastTry: { operation, attempt },
        failure: { operation, code, message, transient, wait: retryAt ?? 'operator' },
      }
    }
    case 'RetryRequested.v1':
      return { ...state, failure: state.failure && { ...state.failure, wait: null } }
    case 'PreexistingAccessFound.v1':
      return { ...state, ...succeeded, actual: 'present', preexisting: true }
    case 'DriftFound.v1':
      return event.data.found === 'present'
        ? { ...state, actual: 'present' }
        : { ...state, actual: 'absent', preexisting: false, ours: false }
    default:
      event satisfies never
      return state
  }
}
