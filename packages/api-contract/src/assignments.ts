import { z } from 'zod'
import {
  ASSIGNMENT_STATUSES,
  assignmentDetailSchema,
  assignmentListItemSchema,
  bulkAnswerSchema,
  exampleAssignment,
  exampleAssignmentDetail,
} from './assignmentViews.ts'
import {
  command,
  download,
  freshness,
  noBody,
  noParams,
  noQuery,
  type Operation,
  oneQuery,
  pageSchema,
  paging,
  query,
} from './operation.ts'
import {
  assignmentIdSchema,
  idSchema,
  instantInputSchema,
  justificationSchema,
} from './primitives.ts'
import { exampleListedNames, severalOf } from './requestViews.ts'

const tag = 'Assignments'
const accessPackage = z.strictObject({ packageId: idSchema })
const assignment = z.strictObject({ assignmentId: assignmentIdSchema })

const filters = {
  catalogId: idSchema.optional(),
  packageId: idSchema.optional(),
  policyId: idSchema.optional(),
  subjectId: idSchema.optional(),
  status: severalOf(['Active', 'PartiallyFulfilled', ...ASSIGNMENT_STATUSES]).describe(
    '`Active` is Delivering, Delivered and PartiallyDelivered; `PartiallyFulfilled` is PartiallyDelivered. Several: any of them.',
  ),
}

/** Most subjects of one {@link assignmentOperations.assignMany}. */
export const MAX_BULK = 10_000
/** Most names that a refusal of names given twice lists. */
const MAX_NAMED = 20

const subjectIdsSchema = z
  .array(idSchema)
  .min(1)
  .max(MAX_BULK)
  .superRefine((ids, context) => {
    const seen = new Set<string>()
    const twice = new Set<string>()
    for (const id of ids) (seen.has(id) ? twice : seen).add(id)
    if (twice.size === 0) return
    const more = twice.size > MAX_NAMED ? `, and ${twice.size - MAX_NAMED} more` : ''
    context.addIssue({
      code: 'custom',
      message: `names each subject once; given more than once: ${[...twice].slice(0, MAX_NAMED).join(', ')}${more}`,
    })
  })

const bulkBodySchema = z.strictObject({
  subjectIds: subjectIdsSchema,
  policyId: idSchema,
  startAt: instantInputSchema.nullish(),
  endAt: instantInputSchema.nullish(),
  justification: justificationSchema,
})

const assignMany: Operation<
  typeof accessPackage,
  typeof noQuery,
  typeof bulkBodySchema,
  typeof bulkAnswerSchema
> = {
  id: 'assignMany',
  kind: 'command',
  method: 'POST',
  path: '/v1/access-packages/{packageId}/assignments/bulk',
  tag,
  summary: 'Assign an access package to many at once, each accepted or refused separately',
  description:
    'Up to 10,000 subjects under one policy, with the same start, end and justification (S18). Sent again under the same Idempotency-Key, it goes on where it stopped: nobody is assigned twice, and who was accepted gets the same answer.\nWhat would be refused for everybody is refused as a whole.',
  params: accessPackage,
  query: noQuery,
  body: bulkBodySchema,
  status: 200,
  answer: bulkAnswerSchema,
  example: {
    body: {
      subjectIds: ['carol', 'nobody'],
      policyId: 'staff',
      justification: 'New in the web team.',
    },
    answer: {
      commandId: '2f1e7a52-5b0e-4b9e-8d0c-6a5f0f3d9c11',
      position: '1042',
      accepted: 1,
      refused: 1,
      repeated: 0,
      results: [
        {
          subjectId: 'carol',
          ok: true,
          requestId: 'web-team.carol.r1',
          assignmentId: 'web-team.carol.a1',
          status: 'Delivering',
          endAt: '2027-02-21T21:18:00.000Z',
          repeated: false,
        },
        {
          subjectId: 'nobody',
          ok: false,
          code: 'subject.not-found',
          message:
            'The directory knows nobody with the id nobody; check the id, or import the person first.',
          data: { subjectId: 'nobody' },
        },
      ],
    },
  },
}

export const assignmentOperations = {
  assignDirectly: command({
    id: 'assignDirectly',
    method: 'POST',
    path: '/v1/access-packages/{packageId}/assignments',
    tag,
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
      body: { subjectId: 'erin', policyId: 'staff', endAt: '2030-03-31T18:00:00+02:00' },
      answer: {
        requestId: 'web-team.erin.r1',
        assignmentId: 'web-team.erin.a1',
        status: 'Delivering',
        endAt: '2030-03-31T16:00:00.000Z',
      },
    },
  }),
  assignMany,
  listAssignments: query({
    id: 'listAssignments',
    path: '/v1/assignments',
    tag,
    summary: 'Assignments that the caller may see',
    params: noParams,
    query: z.strictObject({
      ...paging,
      ...filters,
    }),
    answer: pageSchema(assignmentListItemSchema),
    example: { items: [{ ...exampleAssignment, ...exampleListedNames }], next: null },
    asked: { query: { packageId: 'web-team', status: ['Active'] } },
  }),
  downloadAssignments: download({
    id: 'downloadAssignments',
    path: '/v1/assignments.csv',
    tag,
    summary: 'The same list as a CSV file',
    description:
      'The whole filtered list, newest first, with names beside the ids. Opens in a spreadsheet; cells that one would take for a formula begin with an apostrophe.',
    params: noParams,
    query: z.strictObject({ ...freshness, ...filters }),
    example: 'assignmentId,status,subjectId\r\nweb-team.alice.a1,Delivered,alice\r\n',
    asked: { query: { packageId: 'web-team' } },
  }),
  getAssignment: query({
    id: 'getAssignment',
    path: '/v1/assignments/{assignmentId}',
    tag,
    summary: "One assignment in full: its policy, request, each role's delivery, and history",
    params: assignment,
    query: oneQuery,
    answer: assignmentDetailSchema,
    example: exampleAssignmentDetail,
  }),
  removeAssignment: command({
    id: 'removeAssignment',
    method: 'POST',
    path: '/v1/assignments/{assignmentId}/remove',
    tag,
    summary: 'End an assignment now',
    description: 'Everything that only it conferred is revoked (S25).',
    params: assignment,
    body: z.strictObject({ justification: justificationSchema }).optional(),
    example: {
      body: { justification: 'Left the team.' },
      answer: { assignmentId: 'web-team.alice.a1', status: 'Removed' },
    },
  }),
  extendAssignment: command({
    id: 'extendAssignment',
    method: 'POST',
    path: '/v1/assignments/{assignmentId}/extend',
    tag,
    summary: 'Ask to extend an assignment',
    description: 'Makes a request of kind `extension`, approved as its policy says (S15).',
    params: assignment,
    body: z.strictObject({ justification: justificationSchema }).optional(),
    status: 201,
    example: {
      body: { justification: 'The project goes on.' },
      answer: { requestId: 'web-team.alice.r2', assignmentId: 'web-team.alice.a1' },
    },
  }),
  reprocessAssignment: command({
    id: 'reprocessAssignment',
    method: 'POST',
    path: '/v1/assignments/{assignmentId}/reprocess',
    tag,
    summary: 'Deliver an assignment again',
    description:
      'Roles that failed are tried again now, whatever they wait for, also those to be taken back after the end. Roles that are in place are looked at, and granted again where the target has lost them (S21).',
    params: assignment,
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
