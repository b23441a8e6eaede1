import { z } from 'zod'
import { command, pageSchema, paging, query } from './operation.ts'
import { exampleInstant } from './policyTerms.ts'
import { fulfilmentIdSchema, idSchema, instantSchema, textSchema } from './primitives.ts'

const tag = 'Fulfilments'

const fulfilmentSchema = z
  .object({
    id: fulfilmentIdSchema,
    operationId: z.uuid(),
    operation: z.enum(['grant', 'revoke']),
    resourceId: idSchema,
    resourceName: z.string().nullable(),
    roleId: idSchema,
    roleName: z.string().nullable(),
    subjectId: idSchema,
    subjectName: z.string().nullable(),
    since: instantSchema.describe('When the target took the order.'),
    until: instantSchema.describe('When it is given up, and asked for again.'),
  })
  .meta({
    id: 'Fulfilment',
    description: 'An operation on a target system that somebody carries out by hand or by ticket.',
  })

export const fulfilmentReportSchema = z.strictObject({
  outcome: z
    .enum(['done', 'refused'])
    .describe('`refused`: a grant then waits for an administrator, a revoke is asked for again.'),
  message: textSchema(1, 2000)
    .nullish()
    .describe('Why it was refused, or a word on what was done. Kept in the log.'),
})

const exampleId = 'wiki.editor.carol.3f0a1c52-7b60-4a39-9f07-54a1f6a0c001'

export const fulfilmentOperations = {
  listFulfilments: query({
    id: 'listFulfilments',
    path: '/v1/fulfilments',
    tag,
    summary: 'What is carried out by hand on target systems now',
    description: 'Oldest access first. User administrators may.',
    params: z.strictObject({}),
    query: z.strictObject(paging),
    answer: pageSchema(fulfilmentSchema),
    example: {
      items: [
        {
          id: exampleId,
          operationId: '3f0a1c52-7b60-4a39-9f07-54a1f6a0c001',
          operation: 'grant',
          resourceId: 'wiki',
          resourceName: 'Wiki',
          roleId: 'editor',
          roleName: 'Editor',
          subjectId: 'carol',
          subjectName: 'Carol Diaz',
          since: exampleInstant,
          until: exampleInstant,
        },
      ],
      next: null,
    },
  }),
  reportFulfilment: command({
    id: 'reportFulfilment',
    method: 'POST',
    path: '/v1/fulfilments/{fulfilmentId}',
    tag,
    summary: 'Say that an operation on a target system was done or refused',
    description:
      'For work by hand, by a user administrator. Targets say it themselves, by a signed callback to `/v1/callbacks/{fulfilmentId}`. What has ended before is 409, with what counts now in `data`.',
    params: z.strictObject({ fulfilmentId: fulfilmentIdSchema }),
    body: fulfilmentReportSchema,
    example: {
      params: { fulfilmentId: exampleId },
      body: { outcome: 'done', message: 'Ticket 4711' },
      answer: { status: 'Provisioned' },
    },
  }),
}
