import { z } from 'zod'
import { exampleGoverningPolicy, exampleInstant, governingPolicySchema } from './policyTerms.ts'
import { assignmentIdSchema, idSchema, instantSchema, positionSchema } from './primitives.ts'
import {
  exampleHistory,
  examplePackageName,
  exampleRequest,
  exampleSubject,
  historyEntrySchema,
  listedNames,
  namedPersonSchema,
  namedSchema,
  requestViewSchema,
  roleNames,
} from './requestViews.ts'

export const ASSIGNMENT_STATUSES = [
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

export const assignmentListItemSchema = assignmentViewSchema
  .extend(listedNames)
  .meta({ id: 'AssignmentListItem' })

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

const deliverySchema = z
  .object({
    state: z
      .enum(['Waiting', 'Delivered', 'Failed', 'Revoking', 'Revoked', 'Kept'])
      .describe(
        '`Kept`: not conferred any more, but by another assignment, or the subject had it before.',
      ),
    deliveredAt: instantSchema.nullable(),
    revokedAt: instantSchema.nullable(),
    receipt: z
      .object({
        kind: z
          .enum(['read-back', 'acknowledged', 'looked-up'])
          .describe(
            '`read-back`: the target itself was asked afterwards, and says so. `acknowledged`: it took the change, and can’t be asked. `looked-up`: a removal by an older version, which took "not found" for gone.',
          ),
        at: instantSchema,
        account: z
          .object({
            id: z.string().nullable().describe('Given to no other account; null: it has none.'),
            member: z.string().describe('What stands for it in a group, such as a DN.'),
            group: z.string().optional(),
          })
          .nullable()
          .describe('Whose it is or was, by the target’s own names; null: it told none.'),
      })
      .nullable()
      .describe(
        'How it is known of the last grant or removal that was done, or of what was found there. Null before the first, after drift that is being repaired, where an older version kept none, and for who doesn’t manage the package.',
      ),
    failure: z
      .object({
        code: z.string(),
        message: z.string(),
        transient: z.boolean(),
        attempts: z.int(),
        firstFailedAt: instantSchema,
        lastFailedAt: instantSchema,
        nextTryAt: instantSchema.nullable(),
      })
      .nullable(),
  })
  .meta({ id: 'Delivery', description: 'Where one resource role stands for one assignment.' })

export const assignmentDetailSchema = assignmentViewSchema
  .extend({
    subject: namedPersonSchema,
    accessPackage: namedSchema,
    policy: governingPolicySchema.nullable(),
    request: requestViewSchema.nullable(),
    roles: z.array(
      grantViewSchema.extend({
        ...roleNames,
        conferred: z
          .boolean()
          .describe(
            'The assignment confers it, or did until it ended; false once the package has lost the role before. The CSV file lists these.',
          ),
        delivery: deliverySchema,
      }),
    ),
    history: z.array(historyEntrySchema),
  })
  .meta({ id: 'AssignmentDetail' })

export const exampleAssignment = {
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

export const exampleAssignmentDetail = {
  ...exampleAssignment,
  subject: exampleSubject,
  accessPackage: examplePackageName,
  policy: exampleGoverningPolicy,
  request: exampleRequest,
  roles: [
    {
      ...exampleGrant,
      resourceName: 'Git',
      roleName: 'Member',
      conferred: true,
      delivery: {
        state: 'Delivered' as const,
        deliveredAt: exampleInstant,
        revokedAt: null,
        receipt: {
          kind: 'read-back' as const,
          at: exampleInstant,
          account: { id: '2819c223', member: '2819c223' },
        },
        failure: null,
      },
    },
  ],
  history: [exampleHistory],
}

const bulkResultSchema = z
  .discriminatedUnion('ok', [
    z
      .object({
        subjectId: z.string(),
        ok: z.literal(true),
        requestId: z.string(),
        assignmentId: z.string(),
        status: z.enum(ASSIGNMENT_STATUSES).describe('`Scheduled` or `Delivering`.'),
        endAt: instantSchema.nullable(),
        repeated: z.boolean(),
      })
      .meta({ id: 'AcceptedSubject' }),
    z
      .object({
        subjectId: z.string(),
        ok: z.literal(false),
        code: z.string(),
        message: z.string(),
        data: z.record(z.string(), z.unknown()).optional(),
      })
      .meta({ id: 'RefusedSubject' }),
  ])
  .meta({ id: 'BulkResult', description: 'What became of one subject.' })

export const bulkAnswerSchema = z
  .object({
    commandId: z.uuid(),
    position: positionSchema.describe('A query asked to be at least as new as this shows all.'),
    accepted: z.int(),
    refused: z.int(),
    repeated: z.int().describe('Of the accepted: those that had been decided before.'),
    results: z.array(bulkResultSchema).describe('In the order of the subjects.'),
  })
  .meta({ id: 'BulkAnswer' })
