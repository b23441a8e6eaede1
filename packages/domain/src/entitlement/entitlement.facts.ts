import type { Origin, PolicyApplication } from '../eligibility/eligibility.ts'
import type { ActorFacts } from '../permissions/standings.ts'
import type { Basis } from './entitlement.events.ts'

/** What a decision needs to know besides its stream, looked up right before. */
export interface EntitlementFacts {
  readonly actor: ActorFacts
  /**
   * Of the package. `exists` is false once it has been deleted (S24); no policies for commands of the engine itself.
   */
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
