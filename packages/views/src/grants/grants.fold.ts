import { formatPosition, type Instant } from '@portcullis/core'
import type { GrantView } from '../rows.ts'
import { NOT_OPEN, openOf } from './grants.open.fold.ts'
import {
  type GrantRow,
  type GrantState,
  type GrantViewEvent,
  grantIdOf,
  type Operation,
} from './grants.row.ts'

const newGrant = (event: GrantViewEvent): GrantRow => ({
  seq: formatPosition(event.position),
  state: { known: true, failed: null, accountId: null, ...NOT_OPEN },
  view: {
    id: grantIdOf(event),
    resourceId: event.data.resourceId,
    roleId: event.data.roleId,
    subjectId: event.data.subjectId,
    holderIds: [],
    actual: 'absent',
    preexisting: false,
    operation: null,
    leaseUntil: null,
    awaitedOperationId: null,
    awaitedSince: null,
    failedAttempts: 0,
    lastError: null,
    retryAt: null,
    drift: null,
    receipt: null,
    settled: true,
    updatedAt: event.metadata.at,
  },
})

/**
 * The grant after one more event of its own; any of them may be the first.
 * @param end when the assignment ended that a released hold was for, where its end is the reason
 */
export const foldGrant = (
  before: GrantRow | undefined,
  event: GrantViewEvent,
  end?: Instant,
): GrantRow => {
  const row = before ?? newGrant(event)
  const state = { ...row.state, ...stateChanges(row, event) }
  const view = { ...row.view, ...viewChanges(row.view, event), updatedAt: event.metadata.at }
  const after = { ...row, state, view: { ...view, settled: isSettled(view, state) } }
  return { ...after, state: { ...state, ...openOf(before, after, event, end) } }
}

/** Held: it must be there. Held by nobody: it must be gone, unless the subject had it before us (promise 4). */
const isSettled = (view: GrantView, state: GrantState): boolean => {
  if (view.operation !== null) return false
  if (view.holderIds.length > 0) return state.known && view.actual === 'present'
  return view.preexisting || (state.known && view.actual === 'absent')
}

/**
 * What keeps the operation that is wanted now from starting: an instant, `operator`, or null for nothing. A failed
 * grant doesn't hold up a revoke.
 */
export const waitOf = ({ view, state }: GrantRow): Instant | 'operator' | null => {
  const wanted: Operation = view.holderIds.length > 0 ? 'grant' : 'revoke'
  return state.failed?.operation === wanted ? state.failed.wait : null
}

/** Since when the operation that is wanted now fails; null when it doesn't. */
export const failingSinceOf = ({ view, state }: GrantRow): Instant | null => {
  const wanted: Operation = view.holderIds.length > 0 ? 'grant' : 'revoke'
  return !view.settled && state.failed?.operation === wanted ? state.failed.since : null
}

const stateChanges = (
  { view, state: { failed, accountId } }: GrantRow,
  event: GrantViewEvent,
): Partial<GrantState> => {
  const noWait = failed && { ...failed, wait: null }
  switch (event.type) {
    case 'HoldAdded.v1':
      return failed?.wait === 'operator' ? { failed: noWait } : {}
    case 'HoldReleased.v1':
      return {}
    case 'ProvisioningStarted.v2':
      return { known: false, failed: noWait }
    case 'FulfilmentAwaited.v1':
      return {}
    case 'FulfilmentReported.v1':
      // With nothing under way it is a late word, of a target that was changed meanwhile.
      return view.operation === null ? { known: false } : {}
    case 'ProvisioningFailed.v1': {
      const { operation, retryAt } = event.data
      const since = failed?.operation === operation ? failed.since : event.metadata.at
      return { failed: { operation, wait: retryAt ?? 'operator', since } }
    }
    case 'RetryRequested.v1':
      // What was in place is looked at again.
      return view.settled ? { failed: noWait, known: false } : { failed: noWait }
    case 'AccessProvisioned.v2':
    case 'PreexistingAccessFound.v3':
      return { known: true, failed: null, accountId: event.data.account?.id ?? accountId }
    case 'AccessRevoked.v3':
      return { known: true, failed: null, accountId: null }
    case 'DriftFound.v3':
      return event.data.repair === 'none'
        ? {}
        : { known: true, accountId: event.data.account?.id ?? accountId }
    case 'DriftGone.v1':
      return {}
  }
}

const NOT_AWAITED = { awaitedOperationId: null, awaitedSince: null } as const
const NO_OPERATION = { operation: null, leaseUntil: null, ...NOT_AWAITED } as const
const SUCCEEDED = { failedAttempts: 0, lastError: null, retryAt: null, drift: null } as const

const viewChanges = (view: GrantView, event: GrantViewEvent): Partial<GrantView> => {
  switch (event.type) {
    case 'HoldAdded.v1': {
      const { assignmentId } = event.data
      const holders = view.holderIds.filter((id) => id !== assignmentId)
      return { holderIds: [...holders, assignmentId] }
    }
    case 'HoldReleased.v1':
      return { holderIds: view.holderIds.filter((id) => id !== event.data.assignmentId) }
    case 'ProvisioningStarted.v2':
      return {
        operation: event.data.operation,
        leaseUntil: event.data.leaseUntil,
        actual: event.data.observed === 'unknown' ? view.actual : event.data.observed,
        preexisting: view.preexisting && event.data.observed !== 'absent',
        retryAt: null,
        drift: null,
        ...NOT_AWAITED,
      }
    case 'FulfilmentAwaited.v1':
      return {
        leaseUntil: event.data.until,
        awaitedOperationId: event.data.operationId,
        awaitedSince: event.metadata.at,
      }
    case 'FulfilmentReported.v1':
      return view.operation === null ? { drift: null } : {}
    case 'AccessProvisioned.v2':
      return {
        ...NO_OPERATION,
        ...SUCCEEDED,
        actual: 'present',
        receipt: event.data.receipt?.kind ?? null,
      }
    case 'AccessRevoked.v3':
      return { ...NO_OPERATION, ...SUCCEEDED, actual: 'absent', preexisting: false, receipt: null }
    case 'ProvisioningFailed.v1': {
      const { attempt, code, message, retryAt } = event.data
      return { ...NO_OPERATION, failedAttempts: attempt, lastError: { code, message }, retryAt }
    }
    case 'RetryRequested.v1':
      return { retryAt: null }
    case 'PreexistingAccessFound.v3':
      return { ...NO_OPERATION, ...SUCCEEDED, actual: 'present', preexisting: event.data.kept }
    case 'DriftFound.v3': {
      const { found, repair } = event.data
      if (repair === 'none') return { drift: found === 'absent' ? 'missing' : 'unexpected' }
      return { drift: null, actual: found, preexisting: view.preexisting && found === 'present' }
    }
    case 'DriftGone.v1':
      return { drift: null }
  }
}
