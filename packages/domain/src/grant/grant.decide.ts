import {
  accept,
  addMillis,
  type Decider,
  type Decision,
  type DecisionContext,
  refuse,
} from '@portcullis/core'
import { unlessEngine } from '../authorisation.ts'
import type { GrantEvent } from '../events.ts'
import { parseAssignmentId } from '../streams.ts'
import { cleanText } from '../text.ts'
import type { GrantCommand, GrantFacts } from './grant.commands.ts'
import { retryTime } from './grant.retry.ts'
import {
  evolveGrant,
  type GrantState,
  grantDesired,
  grantSettled,
  initialGrant,
  type Operation,
  type OperationInFlight,
} from './grant.state.ts'

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
  if (inFlight !== null && now < inFlight.leaseUntil) {
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
  return now < failure.wait
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
  const { operationId, observed, leaseMillis } = command
  const operation = grantDesired(state) === 'present' ? 'grant' : 'revoke'
  const refusal = mayStart(state, operation, context)
  if (refusal !== undefined) return refusal
  if (operation === 'grant' && observed === 'present' && !state.ours) {
    return accept({ type: 'PreexistingAccessFound.v1', data: { ...facts, operationId } })
  }
  const attempt = nextAttempt(state, operation)
  const leaseUntil = addMillis(context.now, leaseMillis)
  return accept({
    type: 'ProvisioningStarted.v1',
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
  return failed({ operationId, operation, attempt }, command, context, facts)
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

const failed = (
  {
    operationId,
    operation,
    attempt,
  }: Pick<OperationInFlight, 'operationId' | 'operation' | 'attempt'>,
  error: Pick<Of<'FailOperation'>, 'code' | 'message' | 'transient' | 'retryAfterMillis'>,
  context: DecisionContext,
  facts: GrantFacts,
): Answer => {
  const { transient, retryAfterMillis } = error
  // What a target says may be anything; an event that the store refuses would fail for ever.
  const code = cleanText(error.code, 100) || 'provisioning.unknown-error'
  const message = cleanText(error.message, 2000) || 'The target gave no reason.'
  // A revoke never gives up (promise 2).
  const retryAt =
    transient || operation === 'revoke'
      ? retryTime(context.now, attempt, operationId, retryAfterMillis)
      : null
  return accept({
    type: 'ProvisioningFailed.v1',
    data: { ...facts, operationId, operation, attempt, code, message, transient, retryAt },
  })
}

const completeOperation = (
  command: Of<'CompleteOperation'>,
  inFlight: OperationInFlight,
  context: DecisionContext,
  facts: GrantFacts,
): Answer => {
  const { operationId, readBack, readAt } = command
  const { operation, attempt } = inFlight
  if ((operation === 'grant') !== (readBack === 'present')) {
    const error = {
      code: `provisioning.read-back-${readBack}`,
      message: `The target accepted the ${operation}, but says that the access is ${readBack}.`,
      transient: true,
      retryAfterMillis: null,
    }
    return failed(inFlight, error, context, facts)
  }
  const data = { ...facts, operationId, attempt }
  return operation === 'grant'
    ? accept({ type: 'AccessProvisioned.v1', data })
    : accept({
        type: 'AccessRevoked.v1',
        data: { ...data, readBack: { present: false, at: readAt } },
      })
}

/** One subject's access to one resource role: who holds it, what the target says, the one operation in flight. */
export const grantDecider: Decider<GrantState, GrantCommand, GrantEvent, GrantFacts> = {
  initialState: initialGrant,
  evolve: evolveGrant,
  decide: (command, state, context, { resourceId, roleId, subjectId }) => {
    // Not the object that was handed in: events hold these three and nothing else.
    const facts: GrantFacts = { resourceId, roleId, subjectId }
    const refusal = command.type === 'RetryNow' ? undefined : unlessEngine(context.actor, 'grant')
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
          completeOperation(command, inFlight, context, facts),
        )
      case 'FailOperation':
        return ifInFlight(command.operationId, state, (inFlight) =>
          failed(inFlight, command, context, facts),
        )
      case 'ReportUnreachable':
        return reportUnreachable(command, state, context, facts)
      case 'RetryNow':
        return state.failure === null || state.failure.wait === null || grantSettled(state)
          ? accept()
          : accept({ type: 'RetryRequested.v1', data: facts })
      default:
        return command satisfies never
    }
  },
}
