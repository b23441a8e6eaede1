import { idSchema } from '@portcullis/core'
import { z } from 'zod'
import { textSchema } from './text.ts'

/**
 * What a policy says; pinned whole in every request, so that later changes touch only new accesses (S7).
 * Part of the storage contract: it is inside `PolicyAdded.v1`, `PolicyChanged.v1` and `RequestSubmitted.v1`.
 */
const principalSchema = z.object({ kind: z.enum(['user', 'group']), id: idSchema })
export type Principal = Readonly<z.infer<typeof principalSchema>>

export const requestorsSchema = z.discriminatedUnion('kind', [
  /** Users and groups of the directory. */
  z.object({ kind: z.literal('directory'), principals: z.array(principalSchema).min(1).max(1000) }),
  /** All users of the chosen external directories. */
  z.object({ kind: z.literal('external'), directoryIds: z.array(idSchema).min(1).max(1000) }),
  /** No one: administrators assign directly. */
  z.object({ kind: z.literal('none') }),
])

export const approvalStageSchema = z.object({
  approvers: z.array(principalSchema).min(1).max(100),
  /** Days the approvers have; then the request is cancelled by the system (S13). */
  timeoutDays: z.int().min(1).max(365),
  approverJustification: z.boolean(),
})
export type ApprovalStage = Readonly<z.infer<typeof approvalStageSchema>>

export const expirationSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('never') }),
  /** The access ends when this calendar day is over, in the policy's zone. */
  z.object({ kind: z.literal('onDate'), date: z.iso.date() }),
  /** Calendar days after approval, same time of day in the policy's zone. */
  z.object({ kind: z.literal('afterDays'), days: z.int().min(1).max(3660) }),
  /** Exact hours after approval. */
  z.object({ kind: z.literal('afterHours'), hours: z.int().min(1).max(87_840) }),
])
export type Expiration = Readonly<z.infer<typeof expirationSchema>>

export const policyTermsSchema = z.object({
  displayName: textSchema(1, 256),
  description: textSchema(0, 2000),
  requestors: requestorsSchema,
  requestorJustification: z.boolean(),
  approval: z.discriminatedUnion('required', [
    z.object({ required: z.literal(false) }),
    z.object({ required: z.literal(true), stages: z.array(approvalStageSchema).min(1).max(3) }),
  ]),
  expiration: expirationSchema,
  extension: z.discriminatedUnion('allowed', [
    z.object({ allowed: z.literal(false) }),
    z.object({ allowed: z.literal(true), approvalRequired: z.boolean() }),
  ]),
  /** IANA zone in which this policy's days are counted; the organisation's at the time of writing. */
  zone: z.string().min(1).max(64),
})
export type PolicyTerms = Readonly<z.infer<typeof policyTermsSchema>>
