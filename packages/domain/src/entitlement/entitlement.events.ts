// These names and shapes are the storage format. A change is a new version with an upcaster, never an edit.
import { idSchema } from '@portcullis/core'
import { z } from 'zod'
import { policyTermsSchema } from '../policyTerms.ts'
import { assignmentIdSchema, requestIdSchema } from '../streams.ts'
import { justificationSchema, textSchema } from '../text.ts'

const requestId = requestIdSchema
const assignmentId = assignmentIdSchema
const instant = z.iso.datetime({ precision: 3 })
const version = z.int().min(1)
const roleRef = { resourceId: idSchema, roleId: idSchema }

/**
 * By what somebody is in a policy's scope, or an approver: themselves, a group, an external directory, an
 * administrator's role, or the engine.
 */
const basisSchema = z.object({
  kind: z.enum(['user', 'group', 'externalDirectory', 'administrator']),
  id: z.string().min(1).max(200),
})
export type Basis = Readonly<z.infer<typeof basisSchema>>

export const entitlementEvents = {
  /**
   * Pins the policy's version, its terms and the facts relied on. `direct` is an administrator's assignment without a
   * request by the subject (S18).
   */
  'RequestSubmitted.v1': z.object({
    requestId,
    kind: z.enum(['new', 'extension', 'direct']),
    packageId: idSchema,
    subjectId: idSchema,
    requestorId: z.string().min(1).max(128),
    policyId: idSchema,
    policyVersion: version,
    terms: policyTermsSchema,
    /** Why the requestor was allowed to ask. */
    basis: basisSchema,
    justification: justificationSchema.nullable(),
    /** Wanted start and end of a direct assignment; null is now, and what the policy says. */
    startAt: instant.nullable(),
    endAt: instant.nullable(),
    /** The assignment to extend; null for a new one. */
    assignmentId: assignmentId.nullable(),
    /** Null when approved automatically; else the first stage, open until `decideBy`. */
    approval: z.object({ stage: z.literal(1), decideBy: instant }).nullable(),
  }),
  'RequestAutoApproved.v1': z.object({
    requestId,
    reason: z.enum(['policy-without-approval', 'extension-without-approval', 'direct-assignment']),
  }),
  /** `next` is the stage that opens now; null when this was the last one and the request is approved. */
  'ApprovalGranted.v1': z.object({
    requestId,
    stage: version,
    approverId: idSchema,
    basis: basisSchema,
    justification: justificationSchema.nullable(),
    next: z.object({ stage: version, decideBy: instant }).nullable(),
  }),
  'ApprovalDenied.v1': z.object({
    requestId,
    stage: version,
    approverId: idSchema,
    basis: basisSchema,
    justification: justificationSchema.nullable(),
  }),
  'ApprovalTimedOut.v1': z.object({ requestId, stage: version, decideBy: instant }),
  'RequestCancelled.v1': z.object({
    requestId,
    by: z.string().min(1).max(128),
    reason: justificationSchema.nullable(),
    /**
     * The scheduled assignment that is cancelled with it, so that its start can be cancelled; absent when there is
     * none.
     */
    assignmentId: assignmentId.optional(),
  }),
  'AssignmentScheduled.v1': z.object({
    assignmentId,
    requestId,
    packageId: idSchema,
    subjectId: idSchema,
    policyId: idSchema,
    policyVersion: version,
    startAt: instant,
    endAt: instant.nullable(),
  }),
  /**
   * `endVersion` starts at 1 and grows with each extension; reminders and expiry name it, so that an extension voids
   * the old ones.
   */
  'AssignmentStarted.v1': z.object({
    assignmentId,
    requestId,
    packageId: idSchema,
    subjectId: idSchema,
    policyId: idSchema,
    policyVersion: version,
    startedAt: instant,
    endAt: instant.nullable(),
    endVersion: version,
    /**
     * When to remind of the end, where the policy allows extension: offset to instant. Only those that are in the
     * future.
     */
    reminders: z.array(z.object({ offset: z.enum(['P14D', 'P1D']), at: instant })).max(2),
  }),
  /** These roles are now in place. `complete`: every role of the package at `rolesVersion` is. */
  'RolesDelivered.v1': z.object({
    assignmentId,
    roles: z.array(z.object({ ...roleRef, preexisting: z.boolean() })).max(1000),
    complete: z.boolean(),
    rolesVersion: z.int().min(0),
  }),
  /** These roles could not be delivered so far; each is tried again automatically (S21). */
  'DeliveryFailed.v1': z.object({
    assignmentId,
    roles: z
      .array(
        z.object({
          ...roleRef,
          code: z.string().min(1).max(100),
          message: textSchema(1, 2000),
          transient: z.boolean(),
          attempts: version,
        }),
      )
      .min(1)
      .max(1000),
    rolesVersion: z.int().min(0),
  }),
  'AssignmentExtended.v1': z.object({
    assignmentId,
    requestId,
    previousEndAt: instant,
    endAt: instant,
    endVersion: version,
    reminders: z.array(z.object({ offset: z.enum(['P14D', 'P1D']), at: instant })).max(2),
  }),
  /** The subject is asked to extend. Once for each (assignment, end version, offset). */
  'ExtensionReminderDue.v1': z.object({
    assignmentId,
    endVersion: version,
    offset: z.enum(['P14D', 'P1D']),
    endAt: instant,
  }),
  /** Missed by more than its use; recorded instead of sent. */
  'ExtensionReminderSkipped.v1': z.object({
    assignmentId,
    endVersion: version,
    offset: z.enum(['P14D', 'P1D']),
    reason: z.enum(['assignment-ended', 'later-reminder-due', 'end-reached']),
  }),
  /**
   * Nobody of those who could decide on the open stage is there: none is enabled, or only those who may not decide.
   * Managers of the package are told.
   */
  'ApproverMissing.v1': z.object({ requestId, stage: version }),
  /** Somebody can decide again. */
  'ApproverFound.v1': z.object({ requestId, stage: version }),
  /**
   * The subject is disabled in the directory, or gone from it. Until `SubjectReturned.v1` nothing new is given by the
   * assignment; what it gave stays until it ends.
   */
  'SubjectLeft.v1': z.object({
    assignmentId,
    /** Since when they are, as far as is known. */
    since: instant,
    /** When it ends for it, as the organisation had set it by then; null: it doesn't. */
    endsAt: instant.nullable(),
  }),
  /** The subject is enabled again: what was withheld is given. */
  'SubjectReturned.v1': z.object({ assignmentId }),
  /** Its time has come, and it doesn't start, for the subject has left. Its end comes all the same. */
  'StartWithheld.v1': z.object({ assignmentId, startAt: instant, endAt: instant.nullable() }),
  /** These roles would be given now, and aren't, for the subject has left. */
  'RolesWithheld.v1': z.object({
    assignmentId,
    roles: z.array(z.object(roleRef)).min(1).max(1000),
    rolesVersion: z.int().min(0),
  }),
  /** Version 2 may say that it ended because the subject had left. */
  'AssignmentEnded.v2': z.object({
    assignmentId,
    reason: z.enum(['expired', 'removed', 'subject-left']),
    by: z.string().min(1).max(128),
    justification: justificationSchema.nullable(),
    /** The end that had been set; null when it had none. */
    endAt: instant.nullable(),
  }),
  /**
   * These roles are no longer conferred by this assignment. `complete`: nothing that should go is left. `kept`: why the
   * access itself stays, if it does.
   */
  'RolesRevoked.v1': z.object({
    assignmentId,
    roles: z
      .array(z.object({ ...roleRef, kept: z.enum(['other-assignment', 'preexisting']).nullable() }))
      .max(1000),
    complete: z.boolean(),
    rolesVersion: z.int().min(0),
  }),
} as const
