import { z } from 'zod'
import {
  exampleInstant,
  examplePolicy,
  exampleTerms,
  policyTermsSchema,
  policyViewSchema,
} from './policyTerms.ts'
import { idSchema, instantSchema } from './primitives.ts'
import { fieldErrorSchema } from './problem.ts'
import { conferredRoleSchema, exampleConferredRole } from './requestViews.ts'

export const resourceRoleSchema = z
  .strictObject({ resourceId: idSchema, roleId: idSchema })
  .meta({ id: 'ResourceRole', description: 'A role on a resource.' })

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
    deletedAt: instantSchema.nullable().describe('Null while it is there (S24).'),
  })
  .meta({ id: 'AccessPackage' })

export const examplePackage = {
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
  deletedAt: null,
}

const requestablePolicySchema = policyTermsSchema
  .pick({
    displayName: true,
    description: true,
    requestorJustification: true,
    expiration: true,
    extension: true,
    zone: true,
  })
  .extend({
    id: idSchema,
    approval: z
      .discriminatedUnion('required', [
        z.object({ required: z.literal(false) }).meta({ id: 'RequestableNoApproval' }),
        z
          .object({
            required: z.literal(true),
            stages: z.array(z.object({ timeoutDays: z.int() })),
          })
          .meta({ id: 'RequestableStagedApproval' }),
      ])
      .meta({ id: 'RequestableApproval', description: 'Without the approvers.' }),
  })
  .meta({ id: 'RequestablePolicy', description: 'What a policy asks of a requestor, and gives.' })

export const requestablePackageSchema = z
  .object({
    id: idSchema,
    displayName: z.string(),
    description: z.string(),
    roles: z.array(conferredRoleSchema).describe('What it confers.'),
    policies: z
      .array(requestablePolicySchema)
      .describe('Those that let the caller in. Where there are several, a request names one (S9).'),
    state: z
      .enum(['assigned', 'pending'])
      .nullable()
      .describe('`assigned`: the caller has it, or will; `pending`: their request waits.'),
  })
  .meta({ id: 'RequestablePackage', description: 'An access package as requestors see it (S23).' })

export const exampleRequestable = {
  id: 'web-team',
  displayName: 'Web team',
  description: 'Everything for a new member of the web team.',
  roles: [exampleConferredRole],
  policies: [
    {
      id: 'staff',
      displayName: exampleTerms.displayName,
      description: exampleTerms.description,
      requestorJustification: exampleTerms.requestorJustification,
      approval: { required: true as const, stages: [{ timeoutDays: 14 }] },
      expiration: exampleTerms.expiration,
      extension: exampleTerms.extension,
      zone: exampleTerms.zone,
    },
  ],
  state: null,
}

export const validationSchema = z
  .object({
    valid: z.boolean().describe('Would creating be accepted now?'),
    problems: z.array(fieldErrorSchema).describe('Everything that creating would be refused for.'),
    warnings: z.array(fieldErrorSchema).describe('What is allowed, but probably not meant.'),
    resourcesToAdd: z
      .array(idSchema)
      .describe("The caller's resources that would be added to the catalog as well (S4)."),
  })
  .meta({ id: 'Validation', description: 'What creating would come to (S17).' })
