import { z } from 'zod'
import { command, oneQuery, pageSchema, paging, query } from './operation.ts'
import { exampleInstant } from './policyTerms.ts'
import { idSchema, instantSchema } from './primitives.ts'

const tag = 'Drift'
const scanIdSchema = z.uuid('a scan id is a UUID')
const exampleScanId = '5a56e2b5-c2e6-5aaf-b927-136c59c4f36b'

const countsSchema = z
  .object({
    holders: z.int().describe('Who the target names, over all roles.'),
    expected: z.int().describe('Who should have it.'),
    missing: z.int(),
    unexpected: z.int(),
    unmatched: z
      .int()
      .describe('Named by the target, and nobody, or several, whom the directory knows.'),
    skipped: z
      .int()
      .describe(
        'Not judged: work was under way, or the target said something else when it was asked again.',
      ),
    granted: z.int().describe('Missing, and granted again; after a dry run: would be.'),
    revoked: z.int().describe('Unexpected, and taken away; after a dry run: would be.'),
    gone: z.int().describe('Found by an earlier scan and left alone, and now as it should be.'),
  })
  .meta({ id: 'DriftCounts' })

const driftScanSchema = z
  .object({
    id: scanIdSchema,
    resourceId: idSchema,
    dryRun: z.boolean(),
    requestedBy: z.string().nullable().describe('Null: it was due.'),
    requestedAt: instantSchema,
    status: z.enum(['waiting', 'running', 'completed', 'failed']),
    startedAt: instantSchema.nullable(),
    endedAt: instantSchema.nullable(),
    counts: countsSchema.nullable().describe('Null until it is completed.'),
    heldBack: z
      .boolean()
      .describe(
        'There was more to take away than `removeAtMost` lets one scan take, so it took nothing.',
      ),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
  })
  .meta({ id: 'DriftScan' })

const driftFindingSchema = z
  .object({
    roleId: idSchema,
    kind: z
      .enum(['missing', 'unexpected', 'unmatched'])
      .describe(
        '`missing`: a grant gives it, the target does not have it. `unexpected`: the other way round. `unmatched`: the target names somebody whom the directory does not know for certain.',
      ),
    subjectId: idSchema.nullable().describe('Null: unmatched.'),
    label: z.string().describe('As the target names them.'),
    candidates: z.array(z.string()).describe('Unmatched: the people whom it may be.'),
    action: z
      .enum(['grant', 'revoke', 'none'])
      .describe('What is done about it; after a dry run: what would be.'),
  })
  .meta({ id: 'DriftFinding' })

const exampleScan = {
  id: exampleScanId,
  resourceId: 'wiki',
  dryRun: false,
  requestedBy: null,
  requestedAt: exampleInstant,
  status: 'completed',
  startedAt: exampleInstant,
  endedAt: exampleInstant,
  counts: {
    holders: 300,
    expected: 300,
    missing: 1,
    unexpected: 1,
    unmatched: 0,
    skipped: 0,
    granted: 1,
    revoked: 0,
    gone: 0,
  },
  heldBack: false,
  error: null,
} as const
const whoMay = 'User administrators may.'

export const driftOperations = {
  startDriftScan: command({
    id: 'startDriftScan',
    method: 'POST',
    path: '/v1/resources/{resourceId}/drift-scans',
    tag,
    summary: 'Compare who has access in the target with the grants',
    description: `${whoMay} A worker begins within seconds, unless other scans are before it; a dry run tells what it would do and changes nothing. Otherwise every resource is scanned automatically, as the connectors file says.`,
    params: z.strictObject({ resourceId: idSchema }),
    body: z.strictObject({ dryRun: z.boolean().optional().describe('Default false.') }).nullish(),
    status: 201,
    example: { body: { dryRun: true }, answer: { scanId: exampleScanId } },
  }),
  listDriftScans: query({
    id: 'listDriftScans',
    path: '/v1/drift-scans',
    tag,
    summary: 'Scans for drift, newest first',
    description: `${whoMay} Of each resource the last fifty are kept.`,
    params: z.strictObject({}),
    query: z.strictObject({
      ...paging,
      resourceId: idSchema.optional().describe('Only those of this resource.'),
    }),
    answer: pageSchema(driftScanSchema),
    asked: { query: { resourceId: 'wiki' } },
    example: { items: [exampleScan], next: null },
  }),
  getDriftScan: query({
    id: 'getDriftScan',
    path: '/v1/drift-scans/{scanId}',
    tag,
    summary: 'One scan for drift',
    description: whoMay,
    params: z.strictObject({ scanId: scanIdSchema }),
    query: oneQuery,
    answer: driftScanSchema,
    asked: { params: { scanId: exampleScanId } },
    example: exampleScan,
  }),
  listDriftFindings: query({
    id: 'listDriftFindings',
    path: '/v1/drift-scans/{scanId}/findings',
    tag,
    summary: 'What a scan for drift found',
    description: `${whoMay} Of each resource those of the last five scans are kept.`,
    params: z.strictObject({ scanId: scanIdSchema }),
    query: z.strictObject(paging),
    answer: pageSchema(driftFindingSchema),
    asked: { params: { scanId: exampleScanId } },
    example: {
      items: [
        {
          roleId: 'editor',
          kind: 'unexpected',
          subjectId: 'carol',
          label: 'carol@example.org',
          candidates: [],
          action: 'none',
        },
      ],
      next: null,
    },
  }),
}
