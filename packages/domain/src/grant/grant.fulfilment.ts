import { accept, type Decision, type DecisionContext, refuse } from '@portcullis/core'
import type { GrantEvent } from '../events.ts'
import { cleanText } from '../text.ts'
import type { GrantFacts } from './grant.facts.ts'
import { completeOperation, failOperation } from './grant.outcome.ts'
import {
  type EndedOperation,
  effectOf,
  type GrantState,
  grantDesired,
  type OperationInFlight,
} from './grant.state.ts'

// Work by hand and by ticket: the target takes an order, and somebody says later how it went.

type Answer = Decision<GrantEvent>

/**
 * The target took the order and has somebody carry it out (a ticket, work by hand): the operation stays in flight for
 * so long.
 */
export interface AwaitFulfilment {
  readonly type: 'AwaitFulfilment'
  readonly operationId: string
  readonly until: string
}

/** The one who carries an operation out says how it went: the target by a callback, or an administrator. */
export interface ReportFulfilment {
  readonly type: 'ReportFulfilment'
  readonly operationId: string
  readonly outcome: 'done' | 'refused'
  /** Why it was refused, or a word on what was done; null: nothing said. */
  readonly message: string | null
}

/** Somebody said no to a revoke: asked again soon, they would say the same. */
const AFTER_A_REFUSAL_MILLIS = 3_600_000

export const awaitFulfilment = (
  { until }: AwaitFulfilment,
  { operationId, operation, attempt, awaited }: OperationInFlight,
  facts: GrantFacts,
): Answer =>
  awaited
    ? accept()
    : accept({
        type: 'FulfilmentAwaited.v1',
        data: { ...facts, operationId, operation, attempt, until },
      })

/** Nobody said in time how it went: the one who comes to work on the access next records that first. */
export const notFulfilledInTime = (
  inFlight: OperationInFlight,
  context: DecisionContext,
  facts: GrantFacts,
): Answer => {
  const error = {
    code: 'provisioning.not-fulfilled-in-time',
    message: `Nobody said by ${inFlight.leaseUntil} that the ${inFlight.operation} was done or refused; it is asked for again.`,
    transient: true,
    retryAfterMillis: null,
  }
  return failOperation(inFlight, error, context, facts)
}

/** The word of the one who carries it out ends the operation, and is its receipt. */
export const reportFulfilment = (
  command: ReportFulfilment,
  state: GrantState,
  context: DecisionContext,
  facts: GrantFacts,
): Answer => {
  const { operationId } = command
  const { inFlight } = state
  if (inFlight?.operationId === operationId) return onTime(command, inFlight, context, facts)
  const ended = state.ended.find((each) => each.operationId === operationId)
  if (ended === undefined)
    return refuse(
      'not-found',
      'fulfilment.not-found',
      `There is no operation ${operationId} on this access, or it is too long ago; take the id from the message or from the list of what is awaited.`,
    )
  return late(command, ended, state, context, facts)
}

const reported = (
  { operationId, outcome, message }: ReportFulfilment,
  { operation }: Pick<OperationInFlight, 'operation'>,
  facts: GrantFacts,
): GrantEvent => ({
  type: 'FulfilmentReported.v1',
  data: { ...facts, operationId, operation, outcome, message: said(message) },
})

const said = (message: string | null): string | null => cleanText(message ?? '', 2000) || null

const onTime = (
  command: ReportFulfilment,
  inFlight: OperationInFlight,
  context: DecisionContext,
  facts: GrantFacts,
): Answer => {
  // A callback may overtake the answer that it will come; people have nothing to do with an operation that a worker is
  // at.
  if (!inFlight.awaited && context.actor.kind !== 'system')
    return refuse(
      'conflict',
      'fulfilment.not-awaited',
      `Operation ${inFlight.operationId} is still being carried out by the connector; nobody needs to do it by hand.`,
    )
  const follows =
    command.outcome === 'done'
      ? completeOperation(inFlight, { readBack: 'unknown', readAt: context.now }, context, facts)
      : failOperation(
          inFlight,
          {
            code: 'provisioning.refused',
            message:
              said(command.message) ?? 'The person who was to do it refused, and gave no reason.',
            transient: false,
            retryAfterMillis: inFlight.operation === 'revoke' ? AFTER_A_REFUSAL_MILLIS : null,
          },
          context,
          facts,
        )
  return follows.ok ? accept(reported(command, inFlight, facts), ...follows.events) : follows
}

/**
 * A word on an operation that has ended: given up, failed or replaced. Where nothing was sent to the target since, it
 * still counts; where it is contrary to what we know of the target, that has to be put right; everything else has been
 * overtaken.
 */
const late = (
  command: ReportFulfilment,
  ended: EndedOperation,
  state: GrantState,
  context: DecisionContext,
  facts: GrantFacts,
): Answer => {
  const { operationId, outcome } = command
  if (ended.reported === outcome) return accept()
  const { inFlight, actual } = state
  if (outcome !== 'done' || inFlight !== null) return overtaken(command, ended, state)
  if (actual !== 'unknown')
    return actual === effectOf(ended.operation)
      ? overtaken(command, ended, state)
      : accept(reported(command, ended, facts))
  if (state.ended.at(-1)?.operationId !== operationId) return overtaken(command, ended, state)
  const tried = { ...ended, attempt: state.lastTry?.attempt ?? 1 }
  const follows = completeOperation(
    tried,
    { readBack: 'unknown', readAt: context.now },
    context,
    facts,
  )
  return follows.ok ? accept(reported(command, ended, facts), ...follows.events) : follows
}

const overtaken = (
  { operationId }: ReportFulfilment,
  { end, reported }: EndedOperation,
  state: GrantState,
): Answer => {
  const { inFlight, actual } = state
  const desired = grantDesired(state)
  const wanted = desired === 'unmanaged' ? 'left as it is' : desired
  const now =
    inFlight === null
      ? 'no operation is under way'
      : `operation ${inFlight.operationId} (${inFlight.operation}) is under way instead`
  return refuse(
    'conflict',
    'fulfilment.ended',
    `Operation ${operationId} has ended before (${end}); the access is to be ${wanted}, and ${now}.`,
    {
      ended: end,
      reported,
      desired,
      actual,
      operationId: inFlight?.operationId ?? null,
      operation: inFlight?.operation ?? null,
    },
  )
}
