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
      .describe('Users and groups of the directory.'),
    z
      .strictObject({
        kind: z.literal('external'),
        directoryIds: z.array(idSchema).min(1).max(1000),
      })
      .describe('All users of the chosen external directories.'),
    z.strictObject({ kind: z.literal('none') }).describe('No one: administrators assign directly.'),
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
    z.strictObject({ required: z.literal(false) }),
    z.strictObject({
      required: z.literal(true),
      stages: z.array(approvalStageSchema).min(1).max(3),
    }),
  ])
  .meta({ id: 'Approval' })

const expirationSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('never') }),
    z
      .strictObject({ kind: z.literal('onDate'), date: dateSchema })
      .describe("Ends when this day is over, in the policy's zone."),
    z
      .strictObject({ kind: z.literal('afterDays'), days: z.int().min(1).max(3660) })
      .describe("Calendar days after approval, same time of day in the policy's zone."),
    z
      .strictObject({ kind: z.literal('afterHours'), hours: z.int().min(1).max(87_840) })
      .describe('Exact hours after approval.'),
  ])
  .meta({ id: 'Expiration' })

const extensionSchema = z
  .discriminatedUnion('allowed', [
    z.strictObject({ allowed: z.literal(false) }),
    z.strictObject({ allowed: z.literal(true), approvalRequired: z.boolean() }),
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

export const policyViewSchema = z
  .object({
    id: idSchema,
    packageId: idSchema,
    version: z.int().min(1),
    enabled: z.boolean(),
    terms: policyTermsSchema,
  })
  .meta({ id: 'Policy' })

export const policyApplicationSchema = z
  .object({
    policyId: idSchema,
    policyVersion: z.int().min(1),
    enabled: z.boolean(),
    terms: policyTermsSchema,
    basis: z
      .object({
        kind: z.enum(['user', 'group', 'externalDirectory', 'administrator']),
        id: z.string(),
      })
      .nullable()
      .describe("By what the subject is in the policy's scope; null when it isn't."),
    reason: z.string().nullable().describe('Where `basis` is null: why the policy does not apply.'),
  })
  .meta({ id: 'PolicyApplication' })

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

export const examplePolicy = {
  id: 'staff',
  packageId: 'web-team',
  version: 1,
  enabled: true,
  terms: exampleTerms,
}

export const exampleInstant: z.infer<typeof instantSchema> = '2026-11-23T21:18:00.000Z'
