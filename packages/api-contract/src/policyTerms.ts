import { z } from 'zod'
import {
  dateSchema,
  descriptionSchema,
  displayNameSchema,
  idSchema,
  type instantSchema,
  zoneSchema,
} from './primitives.ts'

const principalSchema = z
  .strictObject({ kind: z.enum(['user', 'group']), id: idSchema })
  .meta({ id: 'Principal', description: 'A person or a group of the directory.' })

const requestorsSchema = z
  .discriminatedUnion('kind', [
    z
      .strictObject({
        kind: z.literal('directory'),
        principals: z.array(principalSchema).min(1).max(1000),
      })
      .meta({ id: 'DirectoryRequestors', description: 'Users and groups of the directory.' }),
    z
      .strictObject({
        kind: z.literal('external'),
        directoryIds: z.array(idSchema).min(1).max(1000),
      })
      .meta({
        id: 'ExternalRequestors',
        description: 'All users of the chosen external directories.',
      }),
    z
      .strictObject({ kind: z.literal('none') })
      .meta({ id: 'NoRequestors', description: 'No one: administrators assign directly.' }),
  ])
  .meta({ id: 'Requestors', description: 'Who may request.' })

const approvalStageSchema = z
  .strictObject({
    approvers: z.array(principalSchema).min(1).max(100),
    timeoutDays: z
      .int()
      .min(1)
      .max(365)
      .describe('Nobody decided in these days: the request is cancelled by the system.'),
    approverJustification: z.boolean().describe('Must the approver give a justification?'),
  })
  .meta({ id: 'ApprovalStage' })

const approvalSchema = z
  .discriminatedUnion('required', [
    z.strictObject({ required: z.literal(false) }).meta({ id: 'NoApproval' }),
    z
      .strictObject({
        required: z.literal(true),
        stages: z.array(approvalStageSchema).min(1).max(3),
      })
      .meta({ id: 'StagedApproval' }),
  ])
  .meta({ id: 'Approval' })

const expirationSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('never') }).meta({ id: 'NeverExpires' }),
    z.strictObject({ kind: z.literal('onDate'), date: dateSchema }).meta({
      id: 'ExpiresOnDate',
      description: "Ends when this day is over, in the policy's zone.",
    }),
    z.strictObject({ kind: z.literal('afterDays'), days: z.int().min(1).max(3660) }).meta({
      id: 'ExpiresAfterDays',
      description: "Calendar days after approval, same time of day in the policy's zone.",
    }),
    z.strictObject({ kind: z.literal('afterHours'), hours: z.int().min(1).max(87_840) }).meta({
      id: 'ExpiresAfterHours',
      description: 'Exact hours after approval.',
    }),
  ])
  .meta({ id: 'Expiration' })

const extensionSchema = z
  .discriminatedUnion('allowed', [
    z.strictObject({ allowed: z.literal(false) }).meta({ id: 'NoExtension' }),
    z
      .strictObject({ allowed: z.literal(true), approvalRequired: z.boolean() })
      .meta({ id: 'ExtensionAllowed' }),
  ])
  .meta({ id: 'Extension' })

const terms = {
  displayName: displayNameSchema,
  description: descriptionSchema,
  requestors: requestorsSchema,
  requestorJustification: z.boolean().describe('Must the requestor give a justification?'),
  approval: approvalSchema,
  expiration: expirationSchema,
  extension: extensionSchema,
}

/** What a policy says, as a client writes it. Without `zone` the organisation's holds. */
export const policyTermsInputSchema = z
  .strictObject({
    ...terms,
    zone: zoneSchema
      .optional()
      .describe("IANA zone in which days are counted; the organisation's when absent."),
  })
  .meta({ id: 'PolicyTermsInput' })
export type PolicyTermsInput = Readonly<z.infer<typeof policyTermsInputSchema>>

/** What a policy says, as answers carry it. */
export const policyTermsSchema = z
  .object({ ...terms, zone: z.string() })
  .meta({ id: 'PolicyTerms', description: 'Pinned whole in every request (S7).' })

const shownRequestorsSchema = z
  .object({
    kind: z.enum(['directory', 'external', 'none']),
    principals: z.array(principalSchema).optional(),
    directoryIds: z.array(idSchema).optional(),
  })
  .meta({ id: 'ShownRequestors', description: 'Who may request; the lists only for managers.' })

const shownApprovalSchema = z
  .discriminatedUnion('required', [
    z.object({ required: z.literal(false) }).meta({ id: 'ShownNoApproval' }),
    z
      .object({
        required: z.literal(true),
        stages: z.array(
          approvalStageSchema
            .extend({ approvers: approvalStageSchema.shape.approvers.optional() })
            .meta({ id: 'ShownApprovalStage' }),
        ),
      })
      .meta({ id: 'ShownStagedApproval' }),
  ])
  .meta({ id: 'ShownApproval' })

/** The terms that govern a request or an assignment. */
export const governingPolicySchema = z
  .object({
    id: idSchema,
    version: z.int().min(1),
    displayName: z.string(),
    terms: policyTermsSchema
      .extend({
        requestors: shownRequestorsSchema,
        approval: shownApprovalSchema,
      })
      .meta({
        id: 'ShownPolicyTerms',
        description:
          'Lists of people, groups and directories only for those who manage the package.',
      }),
  })
  .meta({ id: 'GoverningPolicy', description: 'As it was pinned when the request was made (S7).' })

export const policyViewSchema = z
  .object({
    id: idSchema,
    packageId: idSchema,
    version: z.int().min(1),
    enabled: z.boolean(),
    terms: policyTermsSchema,
  })
  .meta({ id: 'Policy' })

/** The terms of the examples in the OpenAPI document. */
export const exampleTerms = {
  displayName: 'Staff, one manager approves',
  description: '',
  requestors: { kind: 'directory', principals: [{ kind: 'group', id: 'all-staff' }] },
  requestorJustification: true,
  approval: {
    required: true,
    stages: [
      {
        approvers: [{ kind: 'user', id: 'bob' }],
        timeoutDays: 14,
        approverJustification: false,
      },
    ],
  },
  expiration: { kind: 'afterDays', days: 90 },
  extension: { allowed: true, approvalRequired: true },
  zone: 'Europe/Berlin',
} satisfies PolicyTermsInput

export const exampleGoverningPolicy = {
  id: 'staff',
  version: 1,
  displayName: exampleTerms.displayName,
  terms: exampleTerms,
}

export const examplePolicy = {
  id: 'staff',
  packageId: 'web-team',
  version: 1,
  enabled: true,
  terms: exampleTerms,
}

export const exampleInstant: z.infer<typeof instantSchema> = '2026-11-23T21:18:00.000Z'
