import type { Origin } from '../eligibility/eligibility.ts'
import type { ActorFacts } from '../permissions/standings.ts'
import type { PolicyTerms } from '../policyTerms.ts'
import type { Basis } from './entitlement.events.ts'

export type ReminderOffset = 'P14D' | 'P1D'

export type EntitlementCommand =
  | {
      readonly type: 'SubmitRequest'
      readonly packageId: string
      readonly subjectId: string
      /** Needed when more than one policy applies (S9). */
      readonly policyId: string | null
      readonly justification: string | null
    }
  | {
      readonly type: 'AssignDirectly'
      readonly packageId: string
      readonly subjectId: string
      readonly policyId: string
      readonly startAt: string | null
      readonly endAt: string | null
      readonly justification: string | null
    }
  | {
      readonly type: 'RequestExtension'
      readonly assignmentId: string
      readonly justification: string | null
    }
  | {
      readonly type: 'DecideApproval'
      readonly requestId: string
      readonly decision: 'approve' | 'deny'
      readonly justification: string | null
    }
  | { readonly type: 'TimeOutApproval'; readonly requestId: string; readonly stage: number }
  | { readonly type: 'CancelRequest'; readonly requestId: string; readonly reason: string | null }
  | { readonly type: 'StartAssignment'; readonly assignmentId: string }
  | {
      readonly type: 'RemindOfEnd'
      readonly assignmentId: string
      readonly endVersion: number
      readonly offset: ReminderOffset
    }
  | {
      readonly type: 'ExpireAssignment'
      readonly assignmentId: string
      readonly endVersion: number
    }
  | {
      readonly type: 'RemoveAssignment'
      readonly assignmentId: string
      readonly justification: string | null
    }
  | {
      /** A look at the directory: is the subject there? Notes that they left or came back; with `end`, ends what the grace for leavers is over for. */
      readonly type: 'LookAtSubject'
      readonly assignmentId: string
      /** Since when they are disabled or gone, should they be. */
      readonly since: string
      /** When it ends for it; null: it doesn't. */
      readonly endsAt: string | null
      readonly end: boolean
    }
  /** A look at who could decide on the open stage of a request. */
  | { readonly type: 'LookAtApprovers'; readonly requestId: string; readonly stage: number }
  /** S24: the package has been deleted; what is still open here ends with it. */
  | { readonly type: 'EndWithPackage' }
  | {
      /** What reconcile found, for every role that the assignment should confer or did confer. Decides to events only for what is news. */
      readonly type: 'RecordFulfilment'
      readonly assignmentId: string
      readonly rolesVersion: number
      readonly roles: readonly ObservedRole[]
    }

export interface ObservedRole {
  readonly resourceId: string
  readonly roleId: string
  /** Should this assignment confer it now? (active and in the package) */
  readonly desired: boolean
  readonly status:
    | { readonly kind: 'pending' }
    | { readonly kind: 'delivered'; readonly preexisting: boolean }
    | {
        readonly kind: 'failed'
        readonly code: string
        readonly message: string
        readonly transient: boolean
        readonly attempts: number
      }
    /** Not given, for the subject has left. */
    | { readonly kind: 'withheld' }
    /** Not held by this assignment any more, and gone from the target, or kept for a reason. */
    | { readonly kind: 'revoked'; readonly kept: 'other-assignment' | 'preexisting' | null }
}

/** What a policy says of the subject, worked out from the directory right before the decision. */
export interface PolicyApplication {
  readonly policyId: string
  readonly policyVersion: number
  readonly enabled: boolean
  readonly terms: PolicyTerms
  /** Why the subject is in the policy's scope; null when it isn't. */
  readonly basis: Basis | null
  /** By what it lets the subject in, or why it doesn't; completes "policy <name>: …". */
  readonly reason: string | null
}

export interface EntitlementFacts {
  readonly actor: ActorFacts
  /** Of the package. `exists` is false once it has been deleted (S24); no policies for commands of the engine itself. */
  readonly package: {
    readonly exists: boolean
    readonly policies: readonly PolicyApplication[]
    /** SubmitRequest: does the sender see the package by a role? */
    readonly shown?: boolean
  }
  readonly subject: {
    readonly exists: boolean
    readonly enabled: boolean
    /** For somebody of an external directory (S8). */
    readonly origin?: Origin
  }
  /** DecideApproval: by what the actor is an approver of the open stage, looked up live; null when not. */
  readonly approverBasis: Basis | null
  /** LookAtApprovers: whether anybody is there who may decide on the open stage. */
  readonly approverThere?: boolean
}
