import { operations } from '@portcullis/api-contract'
import { REQUEST_COLUMNS } from '../csv/columns.ts'
import { downloadRoute } from '../csv/downloadRoute.ts'
import { commandRoute, defined, queryRoute, type Route } from '../route.ts'
import { subjectOf } from './subject.ts'

const requestLocation = ({ requestId }: { readonly requestId?: string | undefined }) =>
  requestId === undefined ? undefined : `/v1/requests/${requestId}`

/** Requests and their approval (S9 to S13, S20, S22). */
export const requestRoutes: readonly Route[] = [
  commandRoute(
    operations.submitRequest,
    ({ params, body }, { caller }) => ({
      type: 'SubmitRequest',
      packageId: params.packageId,
      subjectId: subjectOf(caller, 'body.subjectId', body?.subjectId),
      policyId: body?.policyId ?? null,
      justification: body?.justification ?? null,
    }),
    requestLocation,
  ),
  queryRoute(operations.listRequests, ({ query: { atLeast: _, ...options } }, call) =>
    call.application.requests(call.caller, defined(options)),
  ),
  downloadRoute(
    operations.downloadRequests,
    'requests',
    REQUEST_COLUMNS,
    ({ query: { atLeast: _, ...filters } }, call) =>
      call.application.requestLines(call.caller, defined(filters)),
  ),
  queryRoute(operations.getRequest, ({ params }, call) =>
    call.application.request(call.caller, params.requestId),
  ),
  commandRoute(operations.approveRequest, ({ params, body }) => ({
    type: 'DecideApproval',
    requestId: params.requestId,
    decision: 'approve',
    justification: body?.justification ?? null,
  })),
  commandRoute(operations.denyRequest, ({ params, body }) => ({
    type: 'DecideApproval',
    requestId: params.requestId,
    decision: 'deny',
    justification: body?.justification ?? null,
  })),
  commandRoute(operations.cancelRequest, ({ params, body }) => ({
    type: 'CancelRequest',
    requestId: params.requestId,
    reason: body?.reason ?? null,
  })),
  commandRoute(
    operations.extendAssignment,
    ({ params, body }) => ({
      type: 'RequestExtension',
      assignmentId: params.assignmentId,
      justification: body?.justification ?? null,
    }),
    requestLocation,
  ),
  commandRoute(operations.reprocessRequest, ({ params }) => ({
    type: 'ReprocessRequest',
    requestId: params.requestId,
  })),
]
