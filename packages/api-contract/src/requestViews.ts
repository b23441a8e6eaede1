import { z } from 'zod'
import { exampleGoverningPolicy, exampleInstant, governingPolicySchema } from './policyTerms.ts'
import { idSchema, instantSchema, requestIdSchema } from './primitives.ts'

export const REQUEST_STATUSES = [
  'PendingApproval',
  'Scheduled',
  'Delivering',
  'Fulfilled',
  'Unfulfilled',
  'Denied',
  'Cancelled',
] as const

export const REQUEST_SUB_STATUSES = ['TimedOut', 'PartiallyFulfilled', 'Extended'] as const
export const REQUEST_KINDS = ['new', 'extension', 'direct'] as const

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
    authentication: z
      .object({
        kind: z.literal('session'),
        issuer: z.string(),
        authTime: instantSchema.nullable(),
        acr: z.string().nullable(),
      })
      .optional()
      .describe(
        'How a person who had signed in was authenticated; absent for whoever sent a token.',
      ),
    data: z.unknown().meta({ type: 'object' }),
  })
  .meta({ id: 'HistoryEntry' })

export const fulfilmentErrorSchema = z
  .object({
    resourceId: z.string(),
    roleId: z.string(),
    code: z.string(),
    message: z.string(),
    transient: z.boolean().describe('True when a later try may succeed as it is.'),
    attempts: z.int(),
    firstFailedAt: instantSchema,
    lastFailedAt: instantSchema,
  })
  .meta({ id: 'FulfilmentError' })

export const requestViewSchema = z
  .object({
    id: requestIdSchema,
    kind: z.enum(REQUEST_KINDS),
    packageId: idSchema,
    subjectId: idSchema,
    requestorId: z.string(),
    policyId: idSchema,
    policyVersion: z.int().min(1),
    status: z.enum(REQUEST_STATUSES),
    subStatus: z.enum(REQUEST_SUB_STATUSES).nullable(),
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

const name = z.string().nullable().describe('Null where nobody knows it any more.')

export const namedSchema = z.object({ id: z.string(), displayName: name })
export const namedPersonSchema = namedSchema.extend({ email: z.string().nullable() })
export const roleNames = { resourceName: name, roleName: name }

/** What a package confers, by name: what is asked for and decided on. */
export const conferredRoleSchema = z
  .object({ resourceId: idSchema, roleId: idSchema, ...roleNames })
  .meta({ id: 'ConferredRole' })

export const exampleConferredRole = {
  resourceId: 'git',
  roleId: 'member',
  resourceName: 'Source code',
  roleName: 'Member',
}

/** Names beside the ids, in lists. */
export const listedNames = { subjectName: name, packageName: name }
export const exampleListedNames = { subjectName: 'Alice Anders', packageName: 'Web team' }

export const requestListItemSchema = requestViewSchema
  .extend(listedNames)
  .meta({ id: 'RequestListItem' })

export const requestDetailSchema = requestViewSchema
  .extend({
    subject: namedPersonSchema,
    accessPackage: namedSchema,
    policy: governingPolicySchema.nullable(),
    fulfilmentErrors: z.array(
      fulfilmentErrorSchema.extend({
        ...roleNames,
        nextTryAt: instantSchema
          .nullable()
          .describe('When it is tried again automatically; null: not before it is reprocessed.'),
      }),
    ),
    fulfilmentErrorCount: z.int(),
    roles: z.array(conferredRoleSchema).describe('What the access package confers now.'),
    history: z.array(historyEntrySchema),
  })
  .meta({ id: 'RequestDetail' })

export const exampleRequest = {
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

export const exampleSubject = {
  id: 'alice',
  displayName: 'Alice Anders',
  email: 'alice@example.com',
}
export const examplePackageName = { id: 'web-team', displayName: 'Web team' }

export const exampleRequestDetail = {
  ...exampleRequest,
  subject: exampleSubject,
  accessPackage: examplePackageName,
  policy: exampleGoverningPolicy,
  fulfilmentErrors: [],
  fulfilmentErrorCount: 0,
  roles: [exampleConferredRole],
  history: [exampleHistory],
}
