import { accept, actorKey, type DecisionContext, refuse } from '@portcullis/core'
import { forbidden } from '../authorisation.ts'
import type { EntitlementFacts } from './entitlement.commands.ts'
import {
  ADMINISTRATORS,
  type Answer,
  isAdministrator,
  isSubject,
  type Of,
  withRequest,
} from './entitlement.rules.ts'
import type { EntitlementState, RequestState } from './entitlement.state.ts'

const WHY_NOT: Readonly<Record<RequestState['status'], string>> = {
  pendingApproval: 'it is waiting for approval',
  approved: 'it has been approved and fulfilled; remove the assignment instead',
  denied: 'it has been denied already',
  timedOut: 'it has timed out already',
  cancelled: 'it has been cancelled already',
}

/** S22: while it waits for approval, or for its start; by the requestor, the subject, or an administrator of the package. */
export const cancelRequest = (
  command: Of<'CancelRequest'>,
  state: EntitlementState,
  { actor }: DecisionContext,
  facts: EntitlementFacts,
): Answer =>
  withRequest(state, command.requestId, ({ requestId, requestorId, status }) => {
    const own = isSubject(actor, state.subjectId) || actorKey(actor) === requestorId
    if (!own && !isAdministrator(facts.actor)) {
      return forbidden('request.forbidden', 'cancel a request of somebody else', ADMINISTRATORS)
    }
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
