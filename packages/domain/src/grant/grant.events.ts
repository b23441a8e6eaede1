// These names and shapes are the storage format. A change is a new version with an upcaster, never an edit.
import { idSchema } from '@portcullis/core'
import { z } from 'zod'
import { assignmentIdSchema } from '../streams.ts'
import { textSchema } from '../text.ts'

const instant = z.iso.datetime({ precision: 3 })
const grant = { resourceId: idSchema, roleId: idSchema, subjectId: idSchema }
const operation = z.enum(['grant', 'revoke'])

export const grantEvents = {
  'HoldAdded.v1': z.object({ ...grant, assignmentId: assignmentIdSchema }),
  'HoldReleased.v1': z.object({
    ...grant,
    assignmentId: assignmentIdSchema,
    reason: z.enum(['assignment-ended', 'role-removed']),
  }),
  /** One operation in flight, nobody else's until `leaseUntil`. `observed`: what the target said just before. */
  'ProvisioningStarted.v1': z.object({
    ...grant,
    operationId: z.uuid(),
    operation,
    attempt: z.int().min(1),
    observed: z.enum(['present', 'absent']),
    leaseUntil: instant,
  }),
  'AccessProvisioned.v1': z.object({ ...grant, operationId: z.uuid(), attempt: z.int().min(1) }),
  /** The receipt: what the target said when read back after the revoke. */
  'AccessRevoked.v1': z.object({
    ...grant,
    operationId: z.uuid(),
    attempt: z.int().min(1),
    readBack: z.object({ present: z.literal(false), at: instant }),
  }),
  /** `retryAt` null: no more tries by itself; only a permanent error of a grant ends so, a revoke never. */
  'ProvisioningFailed.v1': z.object({
    ...grant,
    operationId: z.uuid(),
    operation,
    attempt: z.int().min(1),
    code: z.string().min(1).max(100),
    message: textSchema(1, 2000),
    transient: z.boolean(),
    retryAt: instant.nullable(),
  }),
  /** Somebody asked to try again now: the wait after a failure is over, also the one for an operator (S21). */
  'RetryRequested.v1': z.object({ ...grant }),
  /** The subject had the access before we first granted it: recorded, and not taken away (promise 4). */
  'PreexistingAccessFound.v1': z.object({ ...grant, operationId: z.uuid() }),
  'DriftFound.v1': z.object({
    ...grant,
    expected: z.enum(['present', 'absent']),
    found: z.enum(['present', 'absent']),
  }),
} as const
