import { accept } from '@portcullis/core'
import type { EntitlementEvent } from '../events.ts'
import type { EntitlementFacts } from './entitlement.facts.ts'
import { type Answer, ENGINE } from './entitlement.rules.ts'
import { currentAssignment, type EntitlementState, pendingRequest } from './entitlement.state.ts'

/** S24: the package has been deleted; what is still open here ends with it. */
export interface EndWithPackage {
  readonly type: 'EndWithPackage'
}

/** What the log says of why: shown in the history of the request and of the assignment. */
const REASON = 'the access package has been deleted'

/**
 * S24: what was on its way while the package was being deleted ends with it: the pending request and the scheduled
 * assignment are cancelled, the active assignment is removed.
 * Nothing while the package is there, and nothing the second time.
 */
export const endWithPackage = (state: EntitlementState, facts: EntitlementFacts): Answer => {
  if (facts.package.exists) return accept()
  const cancelled = (requestId: string, assignmentId?: string): EntitlementEvent => ({
    type: 'RequestCancelled.v1',
    data: {
      requestId,
      by: ENGINE,
      reason: REASON,
      ...(assignmentId === undefined ? {} : { assignmentId }),
    },
  })
  const pending = pendingRequest(state)
  const assignment = currentAssignment(state)
  const events: EntitlementEvent[] = pending === undefined ? [] : [cancelled(pending.requestId)]
  if (assignment === undefined) return accept(...events)
  const { assignmentId, requestId, status, endAt } = assignment
  return accept<EntitlementEvent>(
    status === 'scheduled'
      ? cancelled(requestId, assignmentId)
      : {
          type: 'AssignmentEnded.v2',
          data: { assignmentId, reason: 'removed', by: ENGINE, justification: REASON, endAt },
        },
    ...events,
  )
}
