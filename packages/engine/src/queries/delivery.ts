import { type EventStore, fold, type Instant, type RecordedEvent } from '@portcullis/core'
import {
  type GrantEvent,
  type GrantState,
  grantDecider,
  grantDesired,
  grantSettled,
  grantStream,
  type TargetAccount,
} from '@portcullis/domain'
import type { RoleStanding } from '@portcullis/views'

/**
 * Where one resource role stands for one assignment. `Kept`: not conferred any more, but somebody else's assignment
 * confers it, or it was there before us.
 */
export type DeliveryState = 'Waiting' | 'Delivered' | 'Failed' | 'Revoking' | 'Revoked' | 'Kept'

export interface DeliveryFailure {
  readonly code: string
  readonly message: string
  readonly transient: boolean
  /** Tries since it last worked. */
  readonly attempts: number
  readonly firstFailedAt: Instant
  readonly lastFailedAt: Instant
  /** When it is tried again automatically; null: not before an administrator reprocesses it. */
  readonly nextTryAt: Instant | null
}

/** How it is known of the last grant or removal that was done, or of what was found, that it is there, or gone. */
export interface DeliveryReceipt {
  /** `looked-up`: of an older version, which took "not found" for gone. */
  readonly kind: 'read-back' | 'acknowledged' | 'looked-up'
  readonly at: Instant
  /** Whose it is or was, by the target's own names. */
  readonly account: TargetAccount | null
}

export interface Delivery {
  readonly state: DeliveryState
  readonly deliveredAt: Instant | null
  readonly revokedAt: Instant | null
  /** Null: nothing is known for now, or by an older version that kept no receipts of grants. */
  readonly receipt: DeliveryReceipt | null
  readonly failure: DeliveryFailure | null
}

/** What the log says of one grant, seen from one of the assignments that hold it or held it. */
export const readDelivery = async (
  store: EventStore,
  grantId: string,
  assignmentId: string,
): Promise<Delivery> =>
  traceDelivery(
    (await store.readStream(grantStream(grantId))) as readonly RecordedEvent<GrantEvent>[],
    assignmentId,
  )

export const traceDelivery = (
  history: readonly RecordedEvent<GrantEvent>[],
  assignmentId: string,
): Delivery => {
  let state: GrantState = fold(grantDecider, [])
  let deliveredAt: Instant | null = null
  let revokedAt: Instant | null = null
  let letGo = false
  let receipt: DeliveryReceipt | null = null
  let failure: DeliveryFailure | null = null
  for (const event of history) {
    const held = state.holders.includes(assignmentId)
    receipt = receiptAfter(receipt, event, state.account)
    state = grantDecider.evolve(state, event)
    const holds = state.holders.includes(assignmentId)
    const { at } = event.metadata
    failure = failureAfter(failure, event, at)
    if (holds && !held) {
      letGo = false
      deliveredAt = null
      revokedAt = null
      // That it was gone before says nothing of now.
      if (state.actual === 'absent') receipt = null
    }
    if (held && !holds) letGo = true
    if (holds && state.actual === 'present') deliveredAt ??= at
    if (letGo && isGone(state)) revokedAt ??= at
  }
  const standing = {
    held: state.holders.includes(assignmentId),
    wanted: state.holders.length > 0,
    actual: state.actual,
    settled: grantSettled(state),
    preexisting: state.preexisting,
    failing: failure !== null,
  }
  return { state: deliveryState(standing), deliveredAt, revokedAt, receipt, failure }
}

/** Nothing of ours is left to take back. */
const isGone = (state: GrantState): boolean =>
  grantDesired(state) === 'present' || grantSettled(state)

/**
 * The one rule by which details, lists and files tell where a role stands, whether they look at the log or at the
 * views.
 */
export const deliveryState = ({
  held,
  wanted,
  actual,
  settled,
  preexisting,
  failing,
}: Omit<RoleStanding, 'assignmentId' | 'resourceId' | 'roleId' | 'conferred'>): DeliveryState => {
  if (held) {
    if (actual === 'present') return 'Delivered'
    return failing ? 'Failed' : 'Waiting'
  }
  if (wanted) return 'Kept'
  if (settled) return preexisting ? 'Kept' : 'Revoked'
  return failing ? 'Failed' : 'Revoking'
}

/** @param account that was known before the event */
const receiptAfter = (
  before: DeliveryReceipt | null,
  { type, data, metadata: { at } }: RecordedEvent<GrantEvent>,
  account: TargetAccount | null,
): DeliveryReceipt | null => {
  switch (type) {
    case 'AccessProvisioned.v2':
      return data.receipt && { ...data.receipt, account: data.account ?? account }
    case 'PreexistingAccessFound.v3':
      return { kind: 'read-back', at, account: data.account ?? account }
    case 'AccessRevoked.v3':
      return { ...data.receipt, account }
    case 'DriftFound.v3':
      return data.repair === 'none' ? before : null
    default:
      return before
  }
}

const failureAfter = (
  before: DeliveryFailure | null,
  event: GrantEvent,
  at: Instant,
): DeliveryFailure | null => {
  switch (event.type) {
    case 'ProvisioningFailed.v1': {
      const { code, message, transient, attempt, retryAt } = event.data
      // The first try of an operation begins a new count.
      const firstFailedAt = attempt === 1 ? at : (before?.firstFailedAt ?? at)
      const times = { firstFailedAt, lastFailedAt: at, nextTryAt: retryAt }
      return { code, message, transient, attempts: attempt, ...times }
    }
    case 'RetryRequested.v1':
      return before && { ...before, nextTryAt: at }
    case 'AccessProvisioned.v2':
    case 'AccessRevoked.v3':
    case 'PreexistingAccessFound.v3':
      return null
    default:
      return before
  }
}
