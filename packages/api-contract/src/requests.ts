import { z } from 'zod'
import { command, noParams, oneQuery, pageSchema, paging, query } from './operation.ts'
import { exampleInstant } from './policyTerms.ts'
import {
  assignmentIdSchema,
  idSchema,
  instantInputSchema,
  instantSchema,
  justificationSchema,
  requestIdSchema,
} from './primitives.ts'

const tag = 'Requests'
const accessPackage = z.strictObject({ packageId: idSchema })
const request = z.strictObject({ requestId: requestIdSchema })
const justified = z.strictObject({ justification: justificationSchema }).optional()

const REQUEST_STATUSES = [
  'PendingApproval',
  'Scheduled',
  'Delivering',
  'Fulfilled',
  'Unfulfilled',
  'Denied',
  'Cancelled',
] as const

/** One or several of the given texts: `status=A&status=B`. */
export const severalOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z
    .preprocess(
      (value) => (typeof value === 'string' ? [value] : value),
      z.array(z.enum(values)).min(1).max(20),
    )
    .optional()

/** One line of a history, straight from the log. */
export const historyEntrySchema = z
  .object({
    position: z.string(),
    at: instantSchema,
    type: z.string().describe('Stored name of the event, with its version.'),
    actor: z.object({ kind: z.string(), id: z.string() }),
    data: z.unknown().meta({ type: 'object' }),
  })
  .meta({ id: 'HistoryEntry' })

export const fulfilmentErrorSchema = z
  .object({
    resourceId: z.string(),
    roleId: z.string(),
    code: z.string(),
    message: z.string(),
    transient: z.boolean().describe('True when a later try may succeed by itself.'),
    attempts: z.int(),
    firstFailedAt: instantSchema,
    lastFailedAt: instantSchema,
  })
  .meta({ id: 'FulfilmentError' })

export const requestViewSchema = z
  .object({
    id: requestIdSchema,
    kind: z.enum(['new', 'extension', 'direct']),
    packageId: idSchema,
    subjectId: idSchema,
    requestorId: z.string(),
    policyId: idSchema,
    policyVersion: z.int().min(1),
    status: z.enum(REQUEST_STATUSES),
    subStatus: z.enum(['TimedOut', 'PartiallyFulfilled', 'Extended']).nullable(),
    justification: z.string().nullable(),
    stage: z.int().nullable().describe('The open approval stage, or the last one.'),
    decideBy: instantSchema.nullable(),
    approverIds: z.array(z.string()),
    approverGroupIds: z.array(z.string()),
    decidedBy: z.string().nullable(),
    decidedAt: instantSchema.nullable(),
    decisionJustification: z.string().nullable(),
    assignmentId: z.string().nullable(),
    fulfilmentErrors: z.array(fulfilmentErrorSchema),
    submittedAt: instantSchema,
    updatedAt: instantSchema,
  })
  .meta({ id: 'Request' })

const requestDetailSchema = requestViewSchema
  .extend({ history: z.array(historyEntrySchema) })
  .meta({ id: 'RequestDetail' })

const exampleRequest = {
  id: 'web-team.alice.r1',
  kind: 'new' as const,
  packageId: 'web-team',
  subjectId: 'alice',
  requestorId: 'alice',
  policyId: 'staff',
  policyVersion: 1,
  status: 'PendingApproval' as const,
  subStatus: null,
  justification: 'I join the web team on Monday.',
  stage: 1,
  decideBy: '2026-12-07T21:18:00.000Z',
  approverIds: ['bob'],
  approverGroupIds: [],
  decidedBy: null,
  decidedAt: null,
  decisionJustification: null,
  assignmentId: null,
  fulfilmentErrors: [],
  submittedAt: exampleInstant,
  updatedAt: exampleInstant,
}

export const exampleHistory = {
  position: '1042',
  at: exampleInstant,
  type: 'RequestSubmitted.v1',
  actor: { kind: 'user', id: 'alice' },
  data: { requestId: 'web-team.alice.r1' },
}

export const requestOperations = {
  submitRequest: command({
    id: 'submitRequest',
    method: 'POST',
    path: '/v1/access-packages/{packageId}/requests',
    tag,
    summary: 'Request an access package',
    description:
      'The policy must be named where more than one applies; the refusal lists them (S9). Only a service names the subject; a user requests for themselves.',
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
        packageId: 'web-team',
        policyId: 'staff',
        requestId: 'web-team.alice.r1',
        assignmentId: null,
        status: 'PendingApproval',
      },
    },
  }),
  assignDirectly: command({
    id: 'assignDirectly',
    method: 'POST',
    path: '/v1/access-packages/{packageId}/assignments',
    tag: 'Assignments',
    summary: 'Assign an access package to somebody, without a request of theirs',
    description:
      "A start in the future schedules it. Without an end the policy's expiration counts from the start (S18).",
    params: accessPackage,
    body: z.strictObject({
      subjectId: idSchema,
      policyId: idSchema,
      startAt: instantInputSchema.nullish(),
      endAt: instantInputSchema.nullish(),
      justification: justificationSchema,
    }),
    status: 201,
    example: {
      body: { subjectId: 'alice', policyId: 'staff', endAt: '2027-03-31T18:00:00+02:00' },
      answer: {
        packageId: 'web-team',
        policyId: 'staff',
        requestId: 'web-team.alice.r1',
        assignmentId: 'web-team.alice.a1',
        status: 'Delivering',
        endAt: '2027-03-31T16:00:00.000Z',
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
      packageId: idSchema.optional(),
      subjectId: idSchema.optional(),
      status: severalOf(REQUEST_STATUSES),
      waitingForMe: z
        .enum(['true', 'false'])
        .transform((text) => text === 'true')
        .pipe(z.boolean())
        .default(false)
        .describe("Only those that wait for the caller's decision (S20)."),
    }),
    answer: pageSchema(requestViewSchema),
    example: { items: [exampleRequest], next: null },
  }),
  getRequest: query({
    id: 'getRequest',
    path: '/v1/requests/{requestId}',
    tag,
    summary: 'One request in full, with its history',
    params: request,
    query: oneQuery,
    answer: requestDetailSchema,
    example: { ...exampleRequest, history: [exampleHistory] },
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
      body: { justification: 'Please ask for the contractor package.' },
      answer: { requestId: 'web-team.alice.r1', status: 'Denied' },
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
      body: { reason: 'Not needed any more.' },
      answer: { requestId: 'web-team.alice.r1', status: 'Cancelled' },
    },
  }),
  extendAssignment: command({
    id: 'extendAssignment',
    method: 'POST',
    path: '/v1/assignments/{assignmentId}/extend',
    tag: 'Assignments',
    summary: 'Ask to extend an assignment',
    description: 'Makes a request of kind `extension`, approved as its policy says (S15).',
    params: z.strictObject({ assignmentId: assignmentIdSchema }),
    body: justified,
    status: 201,
    example: {
      body: { justification: 'The project goes on.' },
      answer: { requestId: 'web-team.alice.r2', assignmentId: 'web-team.alice.a1' },
    },
  }),
}
