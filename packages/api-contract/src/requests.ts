import { z } from 'zod'
import {
  command,
  download,
  freshness,
  noBody,
  noParams,
  oneQuery,
  pageSchema,
  paging,
  query,
} from './operation.ts'
import {
  idSchema,
  instantInputSchema,
  instantSchema,
  justificationSchema,
  requestIdSchema,
} from './primitives.ts'
import {
  exampleListedNames,
  exampleRequest,
  exampleRequestDetail,
  REQUEST_KINDS,
  REQUEST_STATUSES,
  REQUEST_SUB_STATUSES,
  requestDetailSchema,
  requestListItemSchema,
  severalOf,
} from './requestViews.ts'

const tag = 'Requests'
const accessPackage = z.strictObject({ packageId: idSchema })
const request = z.strictObject({ requestId: requestIdSchema })
const filters = {
  catalogId: idSchema.optional(),
  packageId: idSchema.optional(),
  policyId: idSchema.optional(),
  subjectId: idSchema.optional(),
  requestorId: z
    .string()
    .regex(/^[A-Za-z0-9:_-]{1,80}$/, 'is the id of a person, or `service:` and that of a service')
    .optional(),
  kind: severalOf(REQUEST_KINDS),
  status: severalOf(REQUEST_STATUSES),
  subStatus: severalOf(REQUEST_SUB_STATUSES),
  submittedFrom: instantInputSchema
    .pipe(instantSchema)
    .optional()
    .describe('Submitted at this instant or later.'),
  submittedTo: instantInputSchema
    .pipe(instantSchema)
    .optional()
    .describe('Submitted before this instant.'),
  waitingForMe: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .pipe(z.boolean())
    .default(false)
    .describe("Only those that wait for the caller's decision (S20)."),
}
const justified = z.strictObject({ justification: justificationSchema }).optional()

export const requestOperations = {
  submitRequest: command({
    id: 'submitRequest',
    method: 'POST',
    path: '/v1/access-packages/{packageId}/requests',
    tag,
    summary: 'Request an access package',
    description:
      'The policy must be named where more than one applies; the refusal lists them (S9). Only a service names the subject; a user requests for themselves. A package that the subject doesn’t see, since no policy of it is for them, is refused as one that there isn’t (`package.not-found`).',
    params: accessPackage,
    body: z
      .strictObject({
        policyId: idSchema.nullish(),
        justification: justificationSchema,
        subjectId: idSchema.optional(),
      })
      .optional(),
    status: 201,
    example: {
      body: { policyId: 'staff', justification: 'I join the web team on Monday.' },
      answer: {
        policyId: 'staff',
        policyVersion: 1,
        requestId: 'web-team.alice.r1',
        assignmentId: null,
        status: 'PendingApproval',
      },
    },
  }),
  listRequests: query({
    id: 'listRequests',
    path: '/v1/requests',
    tag,
    summary: 'Requests that the caller may see',
    params: noParams,
    query: z.strictObject({
      ...paging,
      ...filters,
    }),
    answer: pageSchema(requestListItemSchema),
    example: { items: [{ ...exampleRequest, ...exampleListedNames }], next: null },
  }),
  downloadRequests: download({
    id: 'downloadRequests',
    path: '/v1/requests.csv',
    tag,
    summary: 'The same list as a CSV file',
    description:
      'The whole filtered list, newest first, with names beside the ids. Opens in a spreadsheet; cells that one would take for a formula begin with an apostrophe.',
    params: noParams,
    query: z.strictObject({ ...freshness, ...filters }),
    example: 'requestId,kind,status\r\nweb-team.alice.r1,new,PendingApproval\r\n',
    asked: { query: { packageId: 'web-team' } },
  }),
  getRequest: query({
    id: 'getRequest',
    path: '/v1/requests/{requestId}',
    tag,
    summary: 'One request in full: its policy, every fulfilment error, and history',
    params: request,
    query: oneQuery,
    answer: requestDetailSchema,
    example: exampleRequestDetail,
  }),
  approveRequest: command({
    id: 'approveRequest',
    method: 'POST',
    path: '/v1/requests/{requestId}/approve',
    tag,
    summary: 'Approve a request',
    description:
      'The first decision wins; a later one gets 409 that says who decided and when (S11).',
    params: request,
    body: justified,
    example: {
      body: { justification: 'Agreed with the team.' },
      answer: { requestId: 'web-team.alice.r1', assignmentId: 'web-team.alice.a1' },
    },
  }),
  denyRequest: command({
    id: 'denyRequest',
    method: 'POST',
    path: '/v1/requests/{requestId}/deny',
    tag,
    summary: 'Deny a request',
    params: request,
    body: justified,
    example: {
      params: { requestId: 'web-team.carol.r1' },
      body: { justification: 'Please ask for the contractor package.' },
      answer: { requestId: 'web-team.carol.r1', status: 'Denied' },
    },
  }),
  cancelRequest: command({
    id: 'cancelRequest',
    method: 'POST',
    path: '/v1/requests/{requestId}/cancel',
    tag,
    summary: 'Cancel a pending or scheduled request',
    params: request,
    body: z.strictObject({ reason: justificationSchema }).optional(),
    example: {
      params: { requestId: 'web-team.dave.r1' },
      body: { reason: 'Not needed any more.' },
      answer: { requestId: 'web-team.dave.r1', status: 'Cancelled' },
    },
  }),
  reprocessRequest: command({
    id: 'reprocessRequest',
    method: 'POST',
    path: '/v1/requests/{requestId}/reprocess',
    tag,
    summary: 'Deliver again what a request has led to',
    description: 'As `reprocessAssignment`, of the assignment that came of the request (S21).',
    params: request,
    body: noBody,
    example: {
      answer: {
        requestId: 'web-team.alice.r1',
        assignmentId: 'web-team.alice.a1',
        retriedRoles: 1,
      },
    },
  }),
}
