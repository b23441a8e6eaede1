import type { Instant } from '@portcullis/core'
import { grantId } from '@portcullis/domain'
import type { Row } from '../projector/foldTable.ts'
import type { ViewEvent } from '../projector/projection.ts'
import type { GrantView } from '../rows.ts'

export type Operation = 'grant' | 'revoke'

/** Since when a grant isn't as it should be, and by whose end. */
export interface GrantOpen {
  /** Since when what should be and what is differ, as it should be now; null when they agree. */
  readonly openSince: Instant | null
  /** When the last assignment that conferred the access ended, where it is still to be taken away; null otherwise. */
  readonly endedAt: Instant | null
  /** The latest end among the holds released so far: jobs may release them in another order than they ended. */
  readonly lastEnd: Instant | null
  /** Assignments that have let go of it since it last was as it should be. */
  readonly releasedIds: readonly string[]
}

export interface GrantState extends GrantOpen {
  /**
   * `actual` is what the target said; false since an operation was started or asked for again, until it is read back.
   */
  readonly known: boolean
  /**
   * The last failure since the last success, and how long it keeps the same operation from starting; null: not at all
   * any more.
   */
  readonly failed: {
    readonly operation: Operation
    readonly wait: Instant | 'operator' | null
    /** The first of its failures in a row. */
    readonly since: Instant
  } | null
  /** Of the account that it was granted to: see the events. */
  readonly accountId: string | null
}
export type GrantRow = Row<GrantView, GrantState>

export const grantEventTypes = [
  'HoldAdded.v1',
  'HoldReleased.v1',
  'ProvisioningStarted.v2',
  'FulfilmentAwaited.v1',
  'FulfilmentReported.v1',
  'AccessProvisioned.v2',
  'AccessRevoked.v3',
  'ProvisioningFailed.v1',
  'RetryRequested.v1',
  'PreexistingAccessFound.v3',
  'DriftFound.v3',
  'DriftGone.v1',
] as const
export type GrantViewEvent = Extract<ViewEvent, { type: (typeof grantEventTypes)[number] }>

export const grantIdOf = ({ data }: GrantViewEvent): string =>
  grantId(data.resourceId, data.roleId, data.subjectId)
