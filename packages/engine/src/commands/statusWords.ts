import type { AssignmentState, RequestState } from '@portcullis/domain'
import type { RequestStatus } from '@portcullis/views'

const OPEN_OR_OVER: Readonly<Record<Exclude<RequestState['status'], 'approved'>, RequestStatus>> = {
  pendingApproval: 'PendingApproval',
  denied: 'Denied',
  timedOut: 'Cancelled',
  cancelled: 'Cancelled',
}

/**
 * The status that a command's answer gives, in the words of the views: what a query says as long as nothing else has
 * happened.
 * @param assignment the one that the request made or extends; undefined where there is none
 */
export const requestStatus = (
  request: RequestState,
  assignment: AssignmentState | undefined,
): RequestStatus => {
  if (request.status !== 'approved') return OPEN_OR_OVER[request.status]
  if (request.kind === 'extension') return 'Fulfilled'
  return assignment?.status === 'scheduled' ? 'Scheduled' : 'Delivering'
}
