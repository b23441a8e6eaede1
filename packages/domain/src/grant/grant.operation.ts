import { accept, addMillis, type Decision, type DecisionContext, refuse } from '@portcullis/core'
import type { GrantEvent } from '../events.ts'
import type { GrantFacts } from './grant.facts.ts'
import { notFulfilledInTime } from './grant.fulfilment.ts'
import { failOperation } from './grant.outcome.ts'
import {
  type GrantState,
  grantDesired,
  grantSettled,
  type Operation,
  type TargetAccount,
} from './grant.state.ts'
import { leaseBinds, retryBinds } from './grant.waits.ts'

type Answer = Decision<GrantEvent>

/** Asks for the lease. Decides to nothing when desired and actual agree. */
export interface StartOperation {
  readonly type: 'StartOperation'
  readonly operationId: string
  /** What the target says now, read just before. */
  readonly observed: 'present' | 'absent' | 'unknown'
  /** Where it is there: by what names the target has the account. */
  readonly account?: TargetAccount | null
  /** The grant's `news` before that look: what was seen before others changed it counts for nothing. */
  readonly lookedAt: number
  readonly leaseMillis: number
  /** Access that was there before us becomes ours, to be taken away when the last holder goes. Absent: it is kept. */
  readonly takeOver?: boolean
}

/** The target couldn't even be looked at, so that nothing was started: counts as a failed try. */
export interface ReportUnreachable {
  readonly type: 'ReportUnreachable'
  readonly operationId: string
  readonly code: string
  readonly message: string
  readonly transient: boolean
  readonly retryAfterMillis: number | null
}

/**
 * An administrator asks to try again now, at any age; where the access is in place, to look at it and grant it again if
 * it is missing (S21).
 */
export interface RetryNow {
  readonly type: 'RetryNow'
}

const mayStart = (
  state: GrantState,
  operation: Operation,
  { now }: DecisionContext,
): Extract<Answer, { ok: false }> | undefined => {
  const { inFlight, failure } = state
  if (inFlight !== null && leaseBinds(inFlight, now)) {
    return refuse(
      'conflict',
      'grant.operation-in-flight',
      `An operation on this access is under way until ${inFlight.leaseUntil}; try again after that.`,
      { leaseUntil: inFlight.leaseUntil },
    )
  }
  if (failure?.operation !== operation || failure.wait === null) return undefined
  if (failure.wait === 'operator') {
    return refuse(
      'not-allowed',
      'grant.waiting-for-operator',
      `The last try failed for good (${failure.code}): correct the cause, then ask to try again.`,
      { code: failure.code },
    )
  }
  return retryBinds(operation, failure.wait, now)
    ? refuse(
        'conflict',
        'grant.not-yet',
        `The last try failed (${failure.code}); the next one is due at ${failure.wait}.`,
        { retryAt: failure.wait },
      )
    : undefined
}

export const startOperation = (
  command: StartOperation,
  state: GrantState,
  context: DecisionContext,
  facts: GrantFacts,
): Answer => {
  if (grantSettled(state)) return accept()
  const { operationId, observed, lookedAt, leaseMillis } = command
  const operation = grantDesired(state) === 'present' ? 'grant' : 'revoke'
  const refusal = mayStart(state, operation, context)
  if (refusal !== undefined) return refusal
  if (state.inFlight?.awaited) return notFulfilledInTime(state.inFlight, context, facts)
  if (lookedAt !== state.news) {
    return refuse(
      'conflict',
      'grant.stale-look',
      'Somebody else has worked on this access since it was looked at; look at the target again.',
    )
  }
  if (operation === 'grant' && observed === 'present' && !state.ours) {
    // What has been recorded as theirs stays theirs.
    const kept = command.takeOver !== true || state.preexisting
    return accept({
      type: 'PreexistingAccessFound.v3',
      data: { ...facts, operationId, kept, account: command.account ?? null },
    })
  }
  const attempt = nextAttempt(state, operation)
  const leaseUntil = addMillis(context.now, leaseMillis)
  return accept({
    type: 'ProvisioningStarted.v2',
    data: { ...facts, operationId, operation, attempt, observed, leaseUntil },
  })
}

/** As {@link startOperation}, up to the look at the target, which failed. */
export const reportUnreachable = (
  command: ReportUnreachable,
  state: GrantState,
  context: DecisionContext,
  facts: GrantFacts,
): Answer => {
  if (grantSettled(state)) return accept()
  const { operationId } = command
  const operation = grantDesired(state) === 'present' ? 'grant' : 'revoke'
  const refusal = mayStart(state, operation, context)
  if (refusal !== undefined) return refusal
  const attempt = nextAttempt(state, operation)
  const answer = failOperation({ operationId, operation, attempt }, command, context, facts)
  if (!state.inFlight?.awaited || !answer.ok) return answer
  const before = notFulfilledInTime(state.inFlight, context, facts)
  return before.ok ? accept(...before.events, ...answer.events) : before
}

const nextAttempt = ({ lastTry }: GrantState, operation: Operation): number =>
  lastTry?.operation === operation ? lastTry.attempt + 1 : 1

/**
 * A wait is over; what is in place is to be looked at and enforced again (S21). What is under way already needs no
 * asking.
 */
export const retryNow = (state: GrantState, facts: GrantFacts): Answer => {
  const waits = state.failure !== null && state.failure.wait !== null
  const news = grantSettled(state) ? grantDesired(state) === 'present' : waits
  return news ? accept({ type: 'RetryRequested.v1', data: facts }) : accept()
}
