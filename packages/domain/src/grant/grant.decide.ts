import {
  accept,
  addMillis,
  type Decider,
  type Decision,
  type DecisionContext,
  refuse,
} from '@portcullis/core'
import type { GrantEvent } from '../events.ts'
import { unlessPermitted } from '../permissions/permissions.ts'
import { parseAssignmentId } from '../streams.ts'
import type { GrantCommand, GrantFacts } from './grant.commands.ts'
import { reportDrift } from './grant.drift.ts'
import { awaitFulfilment, notFulfilledInTime, reportFulfilment } from './grant.fulfilment.ts'
import { completed, failed } from './grant.outcome.ts'
import {
  evolveGrant,
  type GrantState,
  grantDesired,
  grantSettled,
  initialGrant,
  type Operation,
  type OperationInFlight,
} from './grant.state.ts'
import { leaseBinds, retryBinds } from './grant.waits.ts'

type Of<Type extends GrantCommand['type']> = Extract<GrantCommand, { type: Type }>
type Answer = Decision<GrantEvent>

const addHold = (command: Of<'AddHold'>, state: GrantState, facts: GrantFacts): Answer => {
  const { assignmentId } = command
  if (parseAssignmentId(assignmentId)?.subjectId !== facts.subjectId) {
    return refuse(
      'invalid',
      'grant.wrong-subject',
      `Assignment ${assignmentId} isn't one of ${facts.subjectId}; only the subject's own assignments confer this access.`,
    )
  }
  if (state.holders.includes(assignmentId) || state.released.includes(assignmentId)) return accept()
  return accept({ type: 'HoldAdded.v1', data: { ...facts, assignmentId } })
}

/** The end of an assignment is noted even where it holds nothing, so that a hold that arrives late can't outlive it (promise 2). */
const releaseHold = (command: Of<'ReleaseHold'>, state: GrantState, facts: GrantFacts): Answer => {
  const { assignmentId, reason } = command
  const news =
    state.holders.includes(assignmentId) ||
    (reason === 'assignment-ended' && !state.released.includes(assignmentId))
  return news
    ? accept({ type: 'HoldReleased.v1', data: { ...facts, assignmentId, reason } })
    : accept()
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

const startOperation = (
  command: Of<'StartOperation'>,
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
const reportUnreachable = (
  command: Of<'ReportUnreachable'>,
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
  const answer = failed({ operationId, operation, attempt }, command, context, facts)
  if (!state.inFlight?.awaited || !answer.ok) return answer
  const before = notFulfilledInTime(state.inFlight, context, facts)
  return before.ok ? accept(...before.events, ...answer.events) : before
}

const nextAttempt = ({ lastTry }: GrantState, operation: Operation): number =>
  lastTry?.operation === operation ? lastTry.attempt + 1 : 1

const ifInFlight = (
  operationId: string,
  state: GrantState,
  go: (inFlight: OperationInFlight) => Answer,
): Answer =>
  state.inFlight?.operationId === operationId
    ? go(state.inFlight)
    : refuse(
        'conflict',
        'grant.stale-operation',
        `Operation ${operationId} isn't the one in flight: it has ended, or another one took over; start anew.`,
      )

const NO_ROLES = { directoryRoles: [], catalogRoles: [] }

/** A wait is over; what is in place is to be looked at and enforced again (S21). What is under way already needs no asking. */
const retryNow = (state: GrantState, facts: GrantFacts): Answer => {
  const waits = state.failure !== null && state.failure.wait !== null
  const news = grantSettled(state) ? grantDesired(state) === 'present' : waits
  return news ? accept({ type: 'RetryRequested.v1', data: facts }) : accept()
}

/** One subject's access to one resource role: who holds it, what the target says, the one operation in flight. */
export const grantDecider: Decider<GrantState, GrantCommand, GrantEvent, GrantFacts> = {
  initialState: initialGrant,
  evolve: evolveGrant,
  decide: (command, state, context, { resourceId, roleId, subjectId }) => {
    // Not the object that was handed in: events hold these three and nothing else.
    const facts: GrantFacts = { resourceId, roleId, subjectId }
    const refusal =
      command.type === 'RetryNow' || command.type === 'ReportFulfilment'
        ? undefined
        : unlessPermitted(command.type, context.actor, NO_ROLES)
    if (refusal !== undefined) return refusal
    switch (command.type) {
      case 'AddHold':
        return addHold(command, state, facts)
      case 'ReleaseHold':
        return releaseHold(command, state, facts)
      case 'StartOperation':
        return startOperation(command, state, context, facts)
      case 'CompleteOperation':
        return ifInFlight(command.operationId, state, (inFlight) =>
          completed(inFlight, command, context, facts),
        )
      case 'FailOperation':
        return ifInFlight(command.operationId, state, (inFlight) =>
          failed(inFlight, command, context, facts),
        )
      case 'ReportUnreachable':
        return reportUnreachable(command, state, context, facts)
      case 'ReportDrift':
        return reportDrift(command, state, facts)
      case 'AwaitFulfilment':
        return ifInFlight(command.operationId, state, (inFlight) =>
          awaitFulfilment(command, inFlight, facts),
        )
      case 'ReportFulfilment':
        return reportFulfilment(command, state, context, facts)
      case 'RetryNow':
        return retryNow(state, facts)
      default:
        return command satisfies never
    }
  },
}
