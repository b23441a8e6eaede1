// These names and shapes are the storage format. A change is a new version with an upcaster, never an edit.
import { idSchema } from '@portcullis/core'
import { z } from 'zod'
import { assignmentIdSchema } from '../streams.ts'
import { textSchema } from '../text.ts'

const instant = z.iso.datetime({ precision: 3 })
const grant = { resourceId: idSchema, roleId: idSchema, subjectId: idSchema }
const operation = z.enum(['grant', 'revoke'])
/**
 * The target's own names of the account, by which it is found again when it moves or is renamed. `id`: given to nobody
 * else, such as a SCIM id or an entryUUID; null: the target has none. `member`: what stands for it in a group, such as
 * a DN. `group`: of the group, an id as `id` is one, where it can be renamed. Null as a whole: the target told none, or
 * an older version wrote the event.
 */
export const accountSchema = z.object({
  id: textSchema(1, 1000).nullable(),
  member: textSchema(1, 2000),
  group: textSchema(1, 1000).optional(),
})
const account = accountSchema.nullable()

export const grantEvents = {
  'HoldAdded.v1': z.object({ ...grant, assignmentId: assignmentIdSchema }),
  'HoldReleased.v1': z.object({
    ...grant,
    assignmentId: assignmentIdSchema,
    reason: z.enum(['assignment-ended', 'role-removed']),
  }),
  /**
   * One operation in flight, nobody else's until `leaseUntil`. `observed`: what the target said just before; unknown:
   * it can't be asked.
   */
  'ProvisioningStarted.v2': z.object({
    ...grant,
    operationId: z.uuid(),
    operation,
    attempt: z.int().min(1),
    observed: z.enum(['present', 'absent', 'unknown']),
    leaseUntil: instant,
  }),
  /**
   * The target took the order and has somebody carry it out: nobody else works on the access until they say how it
   * went, at the latest until `until`.
   */
  'FulfilmentAwaited.v1': z.object({
    ...grant,
    operationId: z.uuid(),
    operation,
    attempt: z.int().min(1),
    until: instant,
  }),
  /**
   * The target or the person who carries it out has reported the outcome. What follows comes right after it; nothing,
   * when the operation had ended before: then the target is doubted.
   */
  'FulfilmentReported.v1': z.object({
    ...grant,
    operationId: z.uuid(),
    operation,
    outcome: z.enum(['done', 'refused']),
    message: textSchema(1, 2000).nullable(),
  }),
  /** With a receipt, as a removal; null: from a version that kept none. */
  'AccessProvisioned.v2': z.object({
    ...grant,
    operationId: z.uuid(),
    attempt: z.int().min(1),
    account,
    receipt: z.object({ kind: z.enum(['read-back', 'acknowledged']), at: instant }).nullable(),
  }),
  /**
   * With a receipt of what is known (promise 9). `read-back`: the target was asked afterwards, and it is positively
   * gone. `acknowledged`: the target took the removal, and can't be asked. `looked-up`: from a version that took "not
   * found" and "not listed" under the names of then for gone, which they may not have been.
   */
  'AccessRevoked.v3': z.object({
    ...grant,
    operationId: z.uuid(),
    attempt: z.int().min(1),
    receipt: z.object({
      kind: z.enum(['read-back', 'acknowledged', 'looked-up']),
      at: instant,
    }),
  }),
  /** `retryAt` null: it is not tried again automatically; only a permanent error of a grant ends so, a revoke never. */
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
  /**
   * Somebody asked to try again now: the wait after a failure is over, also the one for an operator; what was in place
   * is to be looked at and granted again (S21).
   */
  'RetryRequested.v1': z.object({ ...grant }),
  /**
   * The subject had the access before we first granted it. `kept`: it isn't taken away (promise 4); otherwise it is
   * ours from now on, as the connector's configuration says.
   */
  'PreexistingAccessFound.v3': z.object({
    ...grant,
    operationId: z.uuid(),
    kept: z.boolean(),
    account,
  }),
  /**
   * The target isn't as it was left: somebody changed it by hand. `repair`: what is done about it now; none: it is only
   * recorded, once for as long as it stays.
   */
  'DriftFound.v3': z.object({
    ...grant,
    expected: z.enum(['present', 'absent']),
    found: z.enum(['present', 'absent']),
    repair: z.enum(['grant', 'revoke', 'none']),
    account,
  }),
  /** What had been found and left alone is as it should be again, and not by our doing. */
  'DriftGone.v1': z.object({ ...grant }),
} as const
