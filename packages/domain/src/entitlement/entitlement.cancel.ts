import { accept, actorKey, type DecisionContext, refuse } from '@portcullis/core'
import { unlessPermitted } from '../permissions/permissions.ts'
import type { EntitlementFacts } from './entitlement.facts.ts'
import { type Answer, subjectOf, withRequest } from './entitlement.rules.ts'
import { type EntitlementState, findRequest, type RequestState } from './entitlement.state.ts'

export interface CancelRequest {
  readonly type: 'CancelRequest'
  readonly requestId: string
  readonly reason: string | null
}

const WHY_NOT: Readonly<Record<RequestState['status'], string>> = {
  pendingApproval: 'it is waiting for approval',
  approved: 'it has been approved already; remove the assignment that it led to instead',
  denied: 'it has been denied already',
  timedOut: 'it has timed out already',
  cancelled: 'it has been cancelled already',
}

/**
 * Who made the request, as {@link actorKey} names them. The one who assigned directly did so by a role, and may no more
 * once the role is gone.
 */
const requestorOf = (state: EntitlementState, requestId: string): string | null => {
  const request = findRequest(state, requestId)
  return request === undefined || request.kind === 'direct' ? null : request.requestorId
}

/**
 * S22: while it waits for approval, or for its start; by the requestor, the subject, or an administrator of the
 * package.
 */
export const cancelRequest = (
  command: CancelRequest,
  state: EntitlementState,
  { actor }: DecisionContext,
  facts: EntitlementFacts,
): Answer =>
  unlessPermitted('CancelRequest', actor, facts.actor, {
    subjectId: subjectOf(command.requestId),
    requestorId: requestorOf(state, command.requestId),
  }) ??
  withRequest(state, command.requestId, ({ requestId, status }) => {
    const scheduled = state.assignments.find(
      (assignment) => assignment.requestId === requestId && assignment.status === 'scheduled',
    )
    if (status !== 'pendingApproval' && scheduled === undefined) {
      return refuse(
        'conflict',
        'request.not-cancellable',
        `Request ${requestId} can't be cancelled: ${WHY_NOT[status]}.`,
        { status },
      )
    }
    return accept({
      type: 'RequestCancelled.v1',
      data: {
        requestId,
        by: actorKey(actor),
        reason: command.reason,
        ...(scheduled === undefined ? {} : { assignmentId: scheduled.assignmentId }),
      },
    })
  })
