import { z } from 'zod'
import { command, noBody, oneQuery, query } from './operation.ts'
import {
  exampleInstant,
  exampleTerms,
  policyTermsInputSchema,
  policyTermsSchema,
} from './policyTerms.ts'
import { idSchema, instantSchema } from './primitives.ts'

const accessPackage = z.strictObject({ packageId: idSchema })

export const newPolicySchema = z
  .strictObject({
    id: idSchema.optional().describe('Derived from the command id when absent.'),
    enabled: z.boolean().default(true),
    terms: policyTermsInputSchema,
  })
  .meta({ id: 'NewPolicy' })

const policyVersionSchema = z
  .object({
    version: z.int().min(1),
    terms: policyTermsSchema,
    since: instantSchema,
    until: instantSchema
      .nullable()
      .describe('When the next version came, or the policy was removed; null while in force.'),
    by: z.object({ kind: z.string(), id: z.string() }).describe('Who made it say so.'),
  })
  .meta({ id: 'PolicyVersion' })

const policies = 'Policies'
const policy = z.strictObject({ packageId: idSchema, policyId: idSchema })
const policyAnswer = { packageId: 'web-team', policyId: 'staff' }

export const policyOperations = {
  addPolicy: command({
    id: 'addPolicy',
    method: 'POST',
    path: '/v1/access-packages/{packageId}/policies',
    tag: policies,
    summary: 'Add a policy',
    params: accessPackage,
    body: newPolicySchema,
    status: 201,
    example: {
      body: { id: 'contractors', enabled: false, terms: exampleTerms },
      answer: { packageId: 'web-team', policyId: 'contractors' },
    },
  }),
  changePolicy: command({
    id: 'changePolicy',
    method: 'PUT',
    path: '/v1/access-packages/{packageId}/policies/{policyId}',
    tag: policies,
    summary: "Change a policy's terms",
    description: 'Touches new accesses only, never requests or assignments that exist (S7).',
    params: policy,
    body: z.strictObject({ terms: policyTermsInputSchema }),
    example: { body: { terms: exampleTerms }, answer: policyAnswer },
  }),
  enablePolicy: command({
    id: 'enablePolicy',
    method: 'POST',
    path: '/v1/access-packages/{packageId}/policies/{policyId}/enable',
    tag: policies,
    summary: 'Enable a policy',
    params: policy,
    body: noBody,
    example: { answer: policyAnswer },
  }),
  disablePolicy: command({
    id: 'disablePolicy',
    method: 'POST',
    path: '/v1/access-packages/{packageId}/policies/{policyId}/disable',
    tag: policies,
    summary: 'Disable a policy',
    description: 'It is not requestable until enabled again (S16).',
    params: policy,
    body: noBody,
    example: { answer: policyAnswer },
  }),
  removePolicy: command({
    id: 'removePolicy',
    method: 'DELETE',
    path: '/v1/access-packages/{packageId}/policies/{policyId}',
    tag: policies,
    summary: 'Remove a policy',
    description:
      'Refused while it governs pending requests or assignments that aren’t over; `data` counts them. Its id is not given again.',
    params: policy,
    body: noBody,
    example: {
      params: { policyId: 'contractors' },
      answer: { packageId: 'web-team', policyId: 'contractors' },
    },
  }),
  listPolicyVersions: query({
    id: 'listPolicyVersions',
    path: '/v1/access-packages/{packageId}/policies/{policyId}/versions',
    tag: policies,
    summary: 'What a policy says and has said, since when and by whom',
    description:
      'From the log, the first version first; also of a policy that has been removed. Requests and assignments name the version that governs them (S7).',
    params: policy,
    query: oneQuery,
    answer: z.object({ items: z.array(policyVersionSchema) }),
    example: {
      items: [
        {
          version: 1,
          terms: exampleTerms,
          since: exampleInstant,
          until: null,
          by: { kind: 'user', id: 'alice' },
        },
      ],
    },
  }),
}
