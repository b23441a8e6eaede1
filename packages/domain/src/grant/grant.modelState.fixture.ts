import type { Instant } from '@portcullis/core'
import { retryTime } from './grant.retry.ts'
import type { GrantState, Operation } from './grant.state.ts'

// What must be, told a second time: who holds the access, what is known of the target, the operation under way. Changed
// in place.

export interface PastOperation {
  readonly id: string
  readonly operation: Operation
  readonly end: 'done' | 'failed' | 'replaced'
  readonly reported: 'done' | 'refused' | null
}

export interface GrantModel {
  holders: readonly string[]
  /** Assignments that have ended: they hold no more. */
  readonly over: Set<string>
  known: 'present' | 'absent' | 'unknown'
  /** From before us: to be left alone. */
  foreign: boolean
  /** We have begun to grant since it was last known to be absent. */
  ours: boolean
  flight: {
    readonly id: string
    readonly operation: Operation
    readonly attempt: number
    readonly until: Instant
    readonly awaited: boolean
    readonly reported: 'done' | 'refused' | null
  } | null
  /** Operations that have ended, in order. */
  past: readonly PastOperation[]
  lastTry: { readonly operation: Operation; readonly attempt: number } | null
  blocked: { readonly operation: Operation; readonly until: Instant | 'operator' } | null
  /** Seen by a scan, and left alone. */
  drift: 'missing' | 'unexpected' | null
  /** Grows with every word on the target: a look from before it is out of date. */
  news: number
}

export const createModel = (): GrantModel => ({
  holders: [],
  over: new Set(),
  known: 'absent',
  foreign: false,
  ours: false,
  flight: null,
  past: [],
  lastTry: null,
  blocked: null,
  drift: null,
  news: 0,
})

export interface GrantExpectation {
  readonly reasons: readonly string[]
  /** Changes the model. @returns the events' types */
  readonly effect: () => readonly string[]
}

export const NOTHING: GrantExpectation = { reasons: [], effect: () => [] }
export const because = (...reasons: readonly string[]): GrantExpectation => ({
  reasons,
  effect: () => [],
})

export const wanted = ({ holders }: GrantModel): Operation =>
  holders.length > 0 ? 'grant' : 'revoke'

export const isSettled = (model: GrantModel): boolean => {
  if (model.flight !== null) return false
  if (model.holders.length > 0) return model.known === 'present'
  return model.foreign || model.known === 'absent'
}

export const blocks = (model: GrantModel, now: Instant): readonly string[] => {
  const { flight, blocked } = model
  const waits = blocked !== null && blocked.operation === wanted(model) ? blocked.until : null
  return [
    ...(flight !== null && now < flight.until ? ['grant.operation-in-flight'] : []),
    ...(waits === 'operator' ? ['grant.waiting-for-operator'] : []),
    ...(waits !== null && waits !== 'operator' && now < waits ? ['grant.not-yet'] : []),
  ]
}

export const nextAttempt = ({ lastTry }: GrantModel, operation: Operation): number =>
  lastTry?.operation === operation ? lastTry.attempt + 1 : 1

/** The operation under way is over. */
export const land = (model: GrantModel, end: PastOperation['end']): void => {
  if (model.flight === null) return
  const { id, operation, reported } = model.flight
  model.past = [...model.past, { id, operation, end, reported }]
  model.flight = null
}

export const succeed = (model: GrantModel, known: 'present' | 'absent'): void => {
  land(model, 'done')
  Object.assign(model, { known, lastTry: null, blocked: null, drift: null, news: model.news + 1 })
}

export const failInModel = (
  model: GrantModel,
  id: string,
  operation: Operation,
  attempt: number,
  now: Instant,
  transient: boolean,
  retryAfterMillis: number | null,
): readonly string[] => {
  land(model, 'failed')
  model.lastTry = { operation, attempt }
  model.news += 1
  // A revoke never gives up.
  const again = transient || operation === 'revoke'
  const until = again ? retryTime(now, operation, attempt, id, retryAfterMillis) : 'operator'
  model.blocked = { operation, until }
  return ['ProvisioningFailed.v1']
}

/** Both told alike, to be compared. */
export const grantSeenInModel = (model: GrantModel): object => ({
  holders: model.holders,
  over: [...model.over].sort(),
  known: model.known,
  foreign: model.foreign,
  ours: model.ours,
  flight: model.flight,
  past: model.past.slice(-50),
  lastTry: model.lastTry,
  blocked: model.blocked,
  drift: model.drift,
})

export const grantSeenInState = (state: GrantState): object => ({
  holders: state.holders,
  over: [...new Set(state.released)].sort(),
  known: state.actual,
  foreign: state.preexisting,
  ours: state.ours,
  flight: state.inFlight && {
    id: state.inFlight.operationId,
    operation: state.inFlight.operation,
    attempt: state.inFlight.attempt,
    until: state.inFlight.leaseUntil,
    awaited: state.inFlight.awaited,
    reported: state.inFlight.reported,
  },
  past: state.ended.map(({ operationId, ...rest }) => ({ id: operationId, ...rest })),
  lastTry: state.lastTry,
  blocked: state.failure?.wait
    ? { operation: state.failure.operation, until: state.failure.wait }
    : null,
  drift: state.drift,
})
