import { z } from 'zod'
import {
  check,
  command,
  noBody,
  noParams,
  oneQuery,
  pageSchema,
  paging,
  query,
} from './operation.ts'
import {
  examplePackage,
  exampleRequestable,
  packageViewSchema,
  requestablePackageSchema,
  resourceRoleSchema,
  validationSchema,
} from './packageViews.ts'
import { newPolicySchema } from './policies.ts'
import { exampleInstant, exampleTerms } from './policyTerms.ts'
import { descriptionSchema, displayNameSchema, idSchema } from './primitives.ts'
import { historyEntrySchema } from './requestViews.ts'
import { rollOutChoiceSchema } from './rollOut.ts'

const tag = 'Access packages'
const accessPackage = z.strictObject({ packageId: idSchema })

const newPackageSchema = z.strictObject({
  id: idSchema.optional().describe('Derived from the command id when absent.'),
  catalogId: idSchema.default('default'),
  displayName: displayNameSchema,
  description: descriptionSchema.default(''),
  hidden: z.boolean().default(false),
  resourceRoles: z.array(resourceRoleSchema).max(1000).default([]),
  policies: z.array(newPolicySchema).max(100).default([]),
})

const exampleNewPackage = {
  id: 'web-team',
  catalogId: 'engineering',
  displayName: 'Web team',
  resourceRoles: [{ resourceId: 'git', roleId: 'member' }],
  policies: [{ id: 'staff', terms: exampleTerms }],
}

const exampleCreation = {
  position: '1031',
  at: exampleInstant,
  type: 'AccessPackageCreated.v1',
  actor: { kind: 'user', id: 'alice' },
  data: { packageId: 'web-team', catalogId: 'engineering', displayName: 'Web team' },
}

export const accessPackageOperations = {
  createAccessPackage: command({
    id: 'createAccessPackage',
    method: 'POST',
    path: '/v1/access-packages',
    tag,
    summary: 'Create an access package, with its resource roles and policies',
    description:
      'All or nothing (S17): refused with every problem at once. Without a catalog it goes to the built-in `default` one (S1). Resources of the sender’s that aren’t in the catalog yet are added to it (S4).',
    params: noParams,
    body: newPackageSchema,
    status: 201,
    example: {
      body: exampleNewPackage,
      answer: { packageId: 'web-team' },
    },
  }),
  validateAccessPackage: check({
    id: 'validateAccessPackage',
    path: '/v1/access-packages/validate',
    tag,
    summary: 'Say what creating an access package would come to',
    description:
      'Takes what `createAccessPackage` takes and writes nothing: every problem at once, those of the input’s shape included, each with its path; warnings; and the resources that would be added to the catalog (S17).',
    params: noParams,
    body: newPackageSchema,
    answer: validationSchema,
    example: {
      body: { ...exampleNewPackage, id: 'mobile-team' },
      answer: { valid: true, problems: [], warnings: [], resourcesToAdd: [] },
    },
  }),
  listAccessPackages: query({
    id: 'listAccessPackages',
    path: '/v1/access-packages',
    tag,
    summary: 'Access packages that the caller manages',
    params: noParams,
    query: z.strictObject({
      ...paging,
      catalogId: idSchema.optional(),
      includeDeleted: z
        .enum(['true', 'false'])
        .transform((text) => text === 'true')
        .pipe(z.boolean())
        .default(false)
        .describe('Also those that have been deleted (S24).'),
    }),
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
    answer: pageSchema(requestablePackageSchema),
    example: { items: [exampleRequestable], next: null },
  }),
  getRequestablePackage: query({
    id: 'getRequestablePackage',
    path: '/v1/requestable-packages/{packageId}',
    tag,
    summary: 'One access package that the caller may request, hidden or not',
    description: 'What a direct link leads to (S23).',
    params: accessPackage,
    query: oneQuery,
    answer: requestablePackageSchema,
    example: exampleRequestable,
  }),
  getAccessPackage: query({
    id: 'getAccessPackage',
    path: '/v1/access-packages/{packageId}',
    tag,
    summary: 'One access package with its policies, for those who manage it',
    description: 'Also once it has been deleted (S24).',
    params: accessPackage,
    query: oneQuery,
    answer: packageViewSchema,
    example: examplePackage,
  }),
  getAccessPackageHistory: query({
    id: 'getAccessPackageHistory',
    path: '/v1/access-packages/{packageId}/history',
    tag,
    summary: 'What has happened to the access package itself, from the start',
    description: 'For who manages it; also once it has been deleted (S24).',
    params: accessPackage,
    query: z.strictObject(paging),
    answer: pageSchema(historyEntrySchema),
    example: { items: [exampleCreation], next: null },
  }),
  changeAccessPackage: command({
    id: 'changeAccessPackage',
    method: 'PATCH',
    path: '/v1/access-packages/{packageId}',
    tag,
    summary: 'Rename an access package, hide it or show it',
    description: 'What is left out stays as it is.',
    params: accessPackage,
    body: z
      .strictObject({
        displayName: displayNameSchema.optional(),
        description: descriptionSchema.optional(),
        hidden: z.boolean().optional(),
      })
      .refine(
        (changes) => Object.values(changes).some((change) => change !== undefined),
        'give at least one of `displayName`, `description` and `hidden`',
      ),
    example: { body: { hidden: true }, answer: { packageId: 'web-team' } },
  }),
  deleteAccessPackage: command({
    id: 'deleteAccessPackage',
    method: 'DELETE',
    path: '/v1/access-packages/{packageId}',
    tag,
    summary: 'Delete an access package',
    description:
      'Refused while it has active or scheduled assignments, or pending requests; `data` counts each kind (S24). Its history still answers; its id is not given again.',
    params: accessPackage,
    body: noBody,
    example: { params: { packageId: 'old-team' }, answer: { packageId: 'old-team' } },
  }),
  addResourceRole: command({
    id: 'addResourceRole',
    method: 'POST',
    path: '/v1/access-packages/{packageId}/resource-roles',
    tag,
    summary: 'Add a resource role',
    description:
      'Everybody with an assignment gets it automatically (S5), at once or when the change is released; somebody who is assigned meanwhile gets it with the rest.',
    params: accessPackage,
    body: resourceRoleSchema.extend({ rollOut: rollOutChoiceSchema }),
    example: {
      body: { resourceId: 'wiki', roleId: 'editor', rollOut: 'now' },
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
      'Everybody with an assignment loses it, at once or when the change is released, unless another assignment confers it too (S6).',
    params: z.strictObject({ packageId: idSchema, resourceId: idSchema, roleId: idSchema }),
    body: z.strictObject({ rollOut: rollOutChoiceSchema }).nullish(),
    example: { answer: { packageId: 'web-team' } },
  }),
}
