import { z } from 'zod'
import { command, noParams } from './operation.ts'
import { idSchema } from './primitives.ts'

const pageSchema = z
  .strictObject({
    after: z.string().max(1000).optional().describe('`next` of the answer before.'),
    limit: z.int().min(1).max(1000).default(200).describe('Most roles in this call.'),
  })
  .nullish()
const description =
  'Roles that can’t be given, and roles that can’t be taken back, also after the end, whatever they wait for and however old (S21). So many in one call: while `next` isn’t null there are more, and `left` says how many.'

export const reprocessOperations = {
  reprocessPackage: command({
    id: 'reprocessPackage',
    method: 'POST',
    path: '/v1/access-packages/{packageId}/reprocess',
    tag: 'Access packages',
    summary: 'Try again what failed of one access package',
    description,
    params: z.strictObject({ packageId: idSchema }),
    body: pageSchema,
    example: {
      body: { limit: 500 },
      answer: { packageId: 'web-team', retriedRoles: 0, left: 0, next: null },
    },
  }),
  reprocessEverything: command({
    id: 'reprocessEverything',
    method: 'POST',
    path: '/v1/reprocess',
    tag: 'Assignments',
    summary: 'Try again everything that failed',
    description,
    params: noParams,
    body: pageSchema,
    example: { body: {}, answer: { retriedRoles: 0, left: 0, next: null } },
  }),
}
