import { z } from 'zod'
import { freshness, query } from './operation.ts'
import { exampleTerms, policyTermsSchema } from './policyTerms.ts'
import { idSchema } from './primitives.ts'

const policyVerdictSchema = z
  .object({
    policyId: idSchema,
    displayName: z.string(),
    version: z.int().min(1),
    enabled: z.boolean(),
    applies: z.boolean().describe('Whether the subject may request by it now.'),
    basis: z
      .object({
        kind: z.enum(['user', 'group', 'externalDirectory', 'administrator']),
        id: z.string(),
        displayName: z.string(),
      })
      .nullable()
      .describe("By what the subject is in the policy's scope; null when they are not."),
    sentence: z.string().describe('The same for people; tells of the subject only.'),
    scope: z
      .string()
      .optional()
      .describe('Whom the policy is for, by name. Only for those who manage the access package.'),
    terms: policyTermsSchema.optional().describe('Only for those who manage the access package.'),
  })
  .meta({ id: 'PolicyVerdict', description: 'What a policy says of a subject now.' })

export const whyAnswerSchema = z
  .object({
    packageId: idSchema,
    packageName: z.string(),
    subjectId: idSchema,
    subjectName: z.string().nullable().describe('Null when the directory does not know them.'),
    mayRequest: z
      .boolean()
      .describe('Also when several policies apply: then the request names one.'),
    refusal: z
      .object({ code: z.string(), message: z.string() })
      .nullable()
      .describe('What a request that names no policy would be refused with now.'),
    policies: z.array(policyVerdictSchema),
  })
  .meta({ id: 'Why', description: 'Why somebody may or may not request an access package now.' })

export const whyOperations = {
  whyAccessPackage: query({
    id: 'whyAccessPackage',
    path: '/v1/access-packages/{packageId}/why',
    tag: 'Access packages',
    summary: 'Why a subject may or may not request it now: what each policy says of them',
    description:
      'For the subject themselves, and for those who manage the access package, who also learn whom each policy is for (S7 to S9). To a subject whom no policy of it is for, and who has had no request or assignment of it, it is as if there were no such package: 404.',
    params: z.strictObject({ packageId: idSchema }),
    query: z.strictObject({
      ...freshness,
      subjectId: idSchema.optional().describe('The caller when absent; a service must name one.'),
    }),
    answer: whyAnswerSchema,
    example: {
      packageId: 'web-team',
      packageName: 'Web team',
      subjectId: 'alice',
      subjectName: 'Alice Okafor',
      mayRequest: true,
      refusal: null,
      policies: [
        {
          policyId: 'staff',
          displayName: exampleTerms.displayName,
          version: 1,
          enabled: true,
          applies: true,
          basis: { kind: 'group', id: 'all-staff', displayName: 'All staff' },
          sentence: `Policy ${exampleTerms.displayName}: this person is in group 'All staff'.`,
          scope: "group 'All staff'",
          terms: exampleTerms,
        },
      ],
    },
  }),
}
