import { z } from 'zod'
import { oneQuery, pageSchema, paging, query } from './operation.ts'
import { exampleInstant } from './policyTerms.ts'
import { idSchema, instantInputSchema, instantSchema } from './primitives.ts'

const tag = 'Fulfilment'

export const PROBLEM_KINDS = [
  'access',
  'overdue',
  'leaver',
  'no-approver',
  'account',
  'standing-unknown',
  'held-back',
  'schedule-ahead',
  'broken-promise',
] as const
const PROBLEM_OPERATIONS = ['grant', 'revoke'] as const
export const PROBLEM_STATES = [
  'failing',
  'awaiting-operator',
  'awaiting-fulfilment',
  'under-way',
  'waiting',
  'drift',
  'found',
] as const

const kindSchema = z
  .enum(PROBLEM_KINDS)
  .describe(
    '`access`: somebody’s access to a resource role. The others are found by checks: `overdue`: something that should have ended, started or timed out by now. `leaver`: an assignment of somebody who is disabled or gone. `no-approver`: a request that nobody can decide. `account`: an account that can’t be told to be the right one. `standing-unknown`: a target that can’t say whether access is there. `held-back`: a change that takes away more than a brake lets through. `schedule-ahead`: a schedule that lies further ahead than its period. `broken-promise`: what the check of the log found.',
  )
const operationSchema = z.enum(PROBLEM_OPERATIONS).describe('What has to be done to make it right.')
const stateSchema = z
  .enum(PROBLEM_STATES)
  .describe(
    '`failing`: it is tried again at `nextTryAt`. `awaiting-operator`: the last try failed for good; correct the cause, then reprocess. `awaiting-fulfilment`: somebody does it by hand; given up at `nextTryAt`. `under-way`: an operation is in flight. `waiting`: nothing failed, but nobody has got to it, or its target is left alone for now. `drift`: the target was changed by hand, which is only reported. `found`: a check found it, and it goes when that finds it no more.',
  )
const connectorSchema = z
  .string()
  .nullable()
  .describe('Null without a resource, and where the directory does not know it any more.')

const openProblemSchema = z
  .object({
    id: z
      .string()
      .describe(
        'Of the grant: `<resourceId>.<roleId>.<subjectId>`; of what was found: `<kind>:<key>`.',
      ),
    kind: kindSchema,
    packageId: idSchema.nullable().describe('Null for access: `assignmentIds` say which.'),
    resourceId: idSchema.nullable(),
    roleId: idSchema.nullable(),
    subjectId: idSchema.nullable(),
    connector: connectorSchema,
    operation: operationSchema.nullable(),
    state: stateSchema,
    since: instantSchema.describe(
      'Its age counts from here: the end of the last assignment that conferred it, else the first failure, else when it should first have been otherwise.',
    ),
    assignmentIds: z
      .array(z.string())
      .describe(
        'Assignments that confer it, that let go of it, or that it is about; those that you may see.',
      ),
    requestIds: z.array(z.string()).describe('Requests that it is about; those that you may see.'),
    attempts: z.int().describe('Tries that failed since the last success.'),
    error: z
      .object({ code: z.string(), message: z.string() })
      .nullable()
      .describe('What the target said.'),
    detail: z
      .object({ code: z.string(), message: z.string() })
      .nullable()
      .describe('What a check found, and the way out; null for access.'),
    nextTryAt: instantSchema.nullable(),
  })
  .meta({ id: 'OpenProblem' })

const countsSchema = z
  .object({
    total: z.int(),
    oldest: instantSchema.nullable().describe('`since` of the oldest one.'),
    items: z.array(
      z.object({
        kind: kindSchema,
        resourceId: idSchema.nullable(),
        connector: connectorSchema,
        operation: operationSchema.nullable(),
        state: stateSchema,
        count: z.int(),
        oldest: instantSchema,
      }),
    ),
  })
  .meta({ id: 'OpenProblemCounts' })

const removalLagSchema = z
  .object({
    resourceId: idSchema,
    connector: connectorSchema,
    removed: z.int().describe('How often access was taken away after an end.'),
    millis: z
      .object({ p50: z.number(), p95: z.number(), p99: z.number(), max: z.number() })
      .nullable()
      .describe('From the end to the receipt, milliseconds; null when nothing was removed.'),
    open: z.int().describe('Still to be taken away, whatever the time asked for.'),
    oldestEndedAt: instantSchema.nullable().describe('The earliest end of those.'),
  })
  .meta({ id: 'RemovalLag' })

const connectorFilter = z.string().min(1).max(64).optional()
const where = {
  connector: connectorFilter.describe('Only resources of this connector.'),
  resourceId: idSchema.optional(),
}
const filters = {
  kind: kindSchema.optional(),
  ...where,
  packageId: idSchema
    .optional()
    .describe('Only what concerns this package, or assignments or requests of it.'),
  operation: operationSchema.optional(),
  state: stateSchema.optional(),
  sinceBefore: instantInputSchema
    .pipe(instantSchema)
    .optional()
    .describe('Only what has been so since before this instant.'),
}

export const openProblemOperations = {
  listOpenProblems: query({
    id: 'listOpenProblems',
    path: '/v1/open-problems',
    tag,
    summary: 'What isn’t as it should be, the longest first',
    description:
      'Access that can’t be granted or taken away, that waits for somebody, or that nobody has got to for a minute; access that an ended assignment still holds; drift that is only reported; and what checks have found, by its kind. User administrators see all of it, package managers and catalog owners what concerns their packages.',
    params: z.strictObject({}),
    query: z.strictObject({ ...paging, ...filters }),
    answer: pageSchema(openProblemSchema),
    example: {
      items: [
        {
          id: 'wiki.editor.carol',
          kind: 'access',
          packageId: null,
          resourceId: 'wiki',
          roleId: 'editor',
          subjectId: 'carol',
          connector: 'idm',
          operation: 'revoke',
          state: 'failing',
          since: exampleInstant,
          assignmentIds: ['web-team.carol.a1'],
          requestIds: [],
          attempts: 4,
          error: { code: 'scim.timeout', message: 'no answer within 30000 ms' },
          detail: null,
          nextTryAt: exampleInstant,
        },
      ],
      next: null,
    },
  }),
  countOpenProblems: query({
    id: 'countOpenProblems',
    path: '/v1/open-problems/counts',
    tag,
    summary: 'How many open problems there are, by kind, resource, operation and state',
    description: 'Of those that `listOpenProblems` shows with the same filters.',
    params: z.strictObject({}),
    query: z.strictObject({ ...oneQuery.shape, ...filters }),
    answer: countsSchema,
    example: {
      total: 1,
      oldest: exampleInstant,
      items: [
        {
          kind: 'access',
          resourceId: 'wiki',
          connector: 'idm',
          operation: 'revoke',
          state: 'failing',
          count: 1,
          oldest: exampleInstant,
        },
      ],
    },
  }),
  reportRemovals: query({
    id: 'reportRemovals',
    path: '/v1/removals',
    tag,
    summary: 'How long access outlived its end, by resource',
    description:
      'From the end of the last assignment that conferred it (when it was due, if it expired) to the receipt of its removal. User administrators see all resources, package managers and catalog owners those of their catalogs.',
    params: z.strictObject({}),
    query: z.strictObject({
      ...oneQuery.shape,
      ...where,
      from: instantInputSchema
        .pipe(instantSchema)
        .optional()
        .describe('Removed at this instant or later.'),
      to: instantInputSchema.pipe(instantSchema).optional().describe('Removed before it.'),
    }),
    answer: z.object({ items: z.array(removalLagSchema) }),
    example: {
      items: [
        {
          resourceId: 'wiki',
          connector: 'idm',
          removed: 1200,
          millis: { p50: 2100, p95: 8000, p99: 64000, max: 310000 },
          open: 1,
          oldestEndedAt: exampleInstant,
        },
      ],
    },
  }),
}
