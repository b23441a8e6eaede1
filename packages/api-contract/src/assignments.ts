import { z } from 'zod'
import { command, noParams, oneQuery, pageSchema, paging, query } from './operation.ts'
import { exampleInstant } from './policyTerms.ts'
import { assignmentIdSchema, idSchema, instantSchema, justificationSchema } from './primitives.ts'
import { exampleHistory, historyEntrySchema, severalOf } from './requests.ts'

const tag = 'Assignments'
const assignment = z.strictObject({ assignmentId: assignmentIdSchema })

const ASSIGNMENT_STATUSES = [
  'Scheduled',
  'Delivering',
  'Delivered',
  'PartiallyDelivered',
  'Expired',
  'Removed',
  'Cancelled',
] as const

export const assignmentViewSchema = z
  .object({
    id: assignmentIdSchema,
    entitlementId: z.string(),
    packageId: idSchema,
    subjectId: idSchema,
    requestId: z.string(),
    policyId: idSchema,
    policyVersion: z.int().min(1),
    status: z.enum(ASSIGNMENT_STATUSES),
    startAt: instantSchema,
    endAt: instantSchema.nullable(),
    endVersion: z.int().describe('Grows with each extension.'),
    endedAt: instantSchema.nullable(),
    settled: z.boolean().describe('True when nothing is left to deliver or to revoke.'),
    rolesVersion: z.int(),
    updatedAt: instantSchema,
  })
  .meta({ id: 'Assignment' })

export const grantViewSchema = z
  .object({
    id: z.string(),
    resourceId: z.string(),
    roleId: z.string(),
    subjectId: z.string(),
    holderIds: z.array(z.string()).describe('Assignments that confer it now.'),
    actual: z.enum(['present', 'absent']).describe('What is known of the target.'),
    preexisting: z.boolean(),
    operation: z.enum(['grant', 'revoke']).nullable(),
    leaseUntil: instantSchema.nullable(),
    failedAttempts: z.int(),
    lastError: z.object({ code: z.string(), message: z.string() }).nullable(),
    retryAt: instantSchema.nullable(),
    settled: z.boolean(),
    updatedAt: instantSchema,
  })
  .meta({ id: 'Grant', description: "One subject's access to one resource role." })

const assignmentDetailSchema = assignmentViewSchema
  .extend({ roles: z.array(grantViewSchema), history: z.array(historyEntrySchema) })
  .meta({ id: 'AssignmentDetail' })

const exampleAssignment = {
  id: 'web-team.alice.a1',
  entitlementId: 'web-team.alice',
  packageId: 'web-team',
  subjectId: 'alice',
  requestId: 'web-team.alice.r1',
  policyId: 'staff',
  policyVersion: 1,
  status: 'Delivered' as const,
  startAt: exampleInstant,
  endAt: '2027-02-21T21:18:00.000Z',
  endVersion: 1,
  endedAt: null,
  settled: true,
  rolesVersion: 2,
  updatedAt: exampleInstant,
}

const exampleGrant = {
  id: 'git.member.alice',
  resourceId: 'git',
  roleId: 'member',
  subjectId: 'alice',
  holderIds: ['web-team.alice.a1'],
  actual: 'present' as const,
  preexisting: false,
  operation: null,
  leaseUntil: null,
  failedAttempts: 0,
  lastError: null,
  retryAt: null,
  settled: true,
  updatedAt: exampleInstant,
}

export const assignmentOperations = {
  listAssignments: query({
    id: 'listAssignments',
    path: '/v1/assignments',
    tag,
    summary: 'Assignments that the caller may see',
    params: noParams,
    query: z.strictObject({
      ...paging,
      packageId: idSchema.optional(),
      subjectId: idSchema.optional(),
      status: severalOf(ASSIGNMENT_STATUSES),
    }),
    answer: pageSchema(assignmentViewSchema),
    example: { items: [exampleAssignment], next: null },
  }),
  getAssignment: query({
    id: 'getAssignment',
    path: '/v1/assignments/{assignmentId}',
    tag,
    summary: "One assignment in full: each role's delivery, and its history",
    params: assignment,
    query: oneQuery,
    answer: assignmentDetailSchema,
    example: { ...exampleAssignment, roles: [exampleGrant], history: [exampleHistory] },
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
}
