import { z } from 'zod'
import {
  command,
  freshness,
  noBody,
  noParams,
  oneQuery,
  pageSchema,
  paging,
  query,
} from './operation.ts'
import {
  exampleInstant,
  examplePolicy,
  exampleTerms,
  policyApplicationSchema,
  policyTermsInputSchema,
  policyViewSchema,
} from './policyTerms.ts'
import { descriptionSchema, displayNameSchema, idSchema, instantSchema } from './primitives.ts'

const tag = 'Access packages'
const accessPackage = z.strictObject({ packageId: idSchema })

const resourceRoleSchema = z
  .strictObject({ resourceId: idSchema, roleId: idSchema })
  .meta({ id: 'ResourceRole', description: 'A role on a resource.' })

const newPolicySchema = z
  .strictObject({
    id: idSchema.optional().describe('Derived from the command id when absent.'),
    enabled: z.boolean().default(true),
    terms: policyTermsInputSchema,
  })
  .meta({ id: 'NewPolicy' })

export const packageViewSchema = z
  .object({
    id: idSchema,
    catalogId: idSchema,
    displayName: z.string(),
    description: z.string(),
    hidden: z.boolean(),
    rolesVersion: z.int().min(0),
    resourceRoles: z.array(z.object({ resourceId: z.string(), roleId: z.string() })),
    policies: z.array(policyViewSchema),
    createdAt: instantSchema,
  })
  .meta({ id: 'AccessPackage' })

const examplePackage = {
  id: 'web-team',
  catalogId: 'engineering',
  displayName: 'Web team',
  description: 'Everything for a new member of the web team.',
  hidden: false,
  rolesVersion: 2,
  resourceRoles: [
    { resourceId: 'git', roleId: 'member' },
    { resourceId: 'wiki', roleId: 'editor' },
  ],
  policies: [examplePolicy],
  createdAt: exampleInstant,
}

export const accessPackageOperations = {
  createAccessPackage: command({
    id: 'createAccessPackage',
    method: 'POST',
    path: '/v1/access-packages',
    tag,
    summary: 'Create an access package, with its resource roles and policies',
    description:
      'All or nothing (S17). Without a catalog it goes to the built-in `default` one (S1).',
    params: noParams,
    body: z.strictObject({
      id: idSchema.optional().describe('Derived from the command id when absent.'),
      catalogId: idSchema.default('default'),
      displayName: displayNameSchema,
      description: descriptionSchema.default(''),
      hidden: z.boolean().default(false),
      resourceRoles: z.array(resourceRoleSchema).max(1000).default([]),
      policies: z.array(newPolicySchema).max(100).default([]),
    }),
    status: 201,
    example: {
      body: {
        id: 'web-team',
        catalogId: 'engineering',
        displayName: 'Web team',
        resourceRoles: [{ resourceId: 'git', roleId: 'member' }],
        policies: [{ id: 'staff', terms: exampleTerms }],
      },
      answer: { packageId: 'web-team', catalogId: 'engineering' },
    },
  }),
  listAccessPackages: query({
    id: 'listAccessPackages',
    path: '/v1/access-packages',
    tag,
    summary: 'Access packages that the caller manages',
    params: noParams,
    query: z.strictObject({ ...paging, catalogId: idSchema.optional() }),
    answer: pageSchema(packageViewSchema),
    example: { items: [examplePackage], next: null },
  }),
  listRequestablePackages: query({
    id: 'listRequestablePackages',
    path: '/v1/requestable-packages',
    tag,
    summary: 'Access packages that the caller may request now',
    description: 'Hidden ones are not listed, but can be requested by their id (S23).',
    params: noParams,
    query: z.strictObject(paging),
    answer: pageSchema(packageViewSchema),
    example: { items: [examplePackage], next: null },
  }),
  getAccessPackage: query({
    id: 'getAccessPackage',
    path: '/v1/access-packages/{packageId}',
    tag,
    summary: 'One access package with its policies',
    params: accessPackage,
    query: oneQuery,
    answer: packageViewSchema,
    example: examplePackage,
  }),
  whyAccessPackage: query({
    id: 'whyAccessPackage',
    path: '/v1/access-packages/{packageId}/why',
    tag,
    summary: 'Which policies apply to a subject, and why or why not',
    params: accessPackage,
    query: z.strictObject({
      ...freshness,
      subjectId: idSchema.optional().describe('The caller when absent; a service must name one.'),
    }),
    answer: z.object({ policies: z.array(policyApplicationSchema) }),
    example: {
      policies: [
        {
          policyId: 'staff',
          policyVersion: 1,
          enabled: true,
          terms: exampleTerms,
          basis: { kind: 'group', id: 'all-staff' },
          reason: null,
        },
      ],
    },
  }),
  changeAccessPackage: command({
    id: 'changeAccessPackage',
    method: 'PATCH',
    path: '/v1/access-packages/{packageId}',
    tag,
    summary: 'Rename an access package, or hide or show it',
    description: 'One change at a time: name and description together, or `hidden`.',
    params: accessPackage,
    body: z
      .strictObject({
        displayName: displayNameSchema.optional(),
        description: descriptionSchema.optional(),
        hidden: z.boolean().optional(),
      })
      .refine(
        ({ displayName, description, hidden }) =>
          hidden === undefined
            ? displayName !== undefined && description !== undefined
            : displayName === undefined && description === undefined,
        'give `displayName` and `description` together, or `hidden` alone',
      ),
    example: { body: { hidden: true }, answer: { packageId: 'web-team' } },
  }),
  addResourceRole: command({
    id: 'addResourceRole',
    method: 'POST',
    path: '/v1/access-packages/{packageId}/resource-roles',
    tag,
    summary: 'Add a resource role',
    description: 'Everybody with an assignment gets it by itself (S5).',
    params: accessPackage,
    body: resourceRoleSchema,
    example: {
      body: { resourceId: 'wiki', roleId: 'editor' },
      answer: { packageId: 'web-team' },
    },
  }),
  removeResourceRole: command({
    id: 'removeResourceRole',
    method: 'DELETE',
    path: '/v1/access-packages/{packageId}/resource-roles/{resourceId}/{roleId}',
    tag,
    summary: 'Remove a resource role',
    description:
      'Everybody with an assignment loses it, unless another assignment confers it too (S6).',
    params: z.strictObject({ packageId: idSchema, resourceId: idSchema, roleId: idSchema }),
    body: noBody,
    example: { answer: { packageId: 'web-team' } },
  }),
}

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
    example: { body: { id: 'staff', terms: exampleTerms }, answer: policyAnswer },
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
}
