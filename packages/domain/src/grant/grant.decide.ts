import { type Decider, type Decision, refuse } from '@portcullis/core'
import type { GrantEvent } from '../events.ts'
import { unlessPermitted } from '../permissions/permissions.ts'
import type { GrantCommand } from './grant.commands.ts'
import { reportDrift } from './grant.drift.ts'
import type { GrantFacts } from './grant.facts.ts'
import { awaitFulfilment, reportFulfilment } from './grant.fulfilment.ts'
import { addHold, releaseHold } from './grant.holds.ts'
import { reportUnreachable, retryNow, startOperation } from './grant.operation.ts'
import { completeOperation, failOperation } from './grant.outcome.ts'
import {
  evolveGrant,
  type GrantState,
  initialGrant,
  type OperationInFlight,
} from './grant.state.ts'

type Answer = Decision<GrantEvent>

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
          completeOperation(inFlight, command, context, facts),
        )
      case 'FailOperation':
        return ifInFlight(command.operationId, state, (inFlight) =>
          failOperation(inFlight, command, context, facts),
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
