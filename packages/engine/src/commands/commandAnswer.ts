import type { Position, Refusal } from '@portcullis/core'
import type { RollOutStanding, Warning } from '@portcullis/domain'

/** What somebody outside learns of their command. */
export type CommandAnswer =
  | {
      readonly ok: true
      readonly commandId: string
      /** Queries asked `atLeast` this position show the effect. */
      readonly position: Position
      /** True when the command had been decided before; the answer is the one of then. */
      readonly repeated: boolean
      /** Ids of what the command made or changed, and its status right after. */
      readonly result: {
        readonly catalogId?: string
        readonly packageId?: string
        readonly policyId?: string
        /** The version that governs the request (S7). */
        readonly policyVersion?: number
        readonly requestId?: string
        readonly assignmentId?: string | null
        readonly status?: string
        readonly endAt?: string | null
        /** How many resource roles are tried, or looked at, again. */
        readonly retriedRoles?: number
        /** How many that failed are left behind those, and where to go on. */
        readonly left?: number
        readonly next?: string | null
        /** How a change of roles is rolled out to those who have the package already (S5, S6). */
        readonly rollOut?: RollOutStanding
        readonly scanId?: string
        /** How many people who left it is about. */
        readonly people?: number
        /** What is allowed but probably not meant (S17). */
        readonly warnings?: readonly Warning[]
      }
    }
  | { readonly ok: false; readonly refusal: Refusal }
