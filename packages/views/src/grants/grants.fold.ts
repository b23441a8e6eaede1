import { formatPosition, type Instant } from '@portcullis/core'
import { grantId } from '@portcullis/domain'
import type { Row } from '../projector/foldTable.ts'
import type { ViewEvent } from '../projector/projection.ts'
import type { GrantView } from '../rows.ts'

type Operation = 'grant' | 'revoke'

export interface GrantState {
  /** `actual` is what the target said; false since an operation was started, until it is read back. */
  readonly known: boolean
  /** The last failure since the last success, and how long it keeps the same operation from starting; null: not at all any more. */
  readonly failed: {
    readonly operation: Operation
    readonly wait: Instant | 'operator' | null
  } | null
}
export type GrantRow = Row<GrantView, GrantState>

export const grantEventTypes = [
  'HoldAdded.v1',
  'HoldReleased.v1',
  'ProvisioningStarted.v1',
  'AccessProvisioned.v1',
  'AccessRevoked.v1',
  'ProvisioningFailed.v1',
  'RetryRequested.v1',
  'PreexistingAccessFound.v1',
  'DriftFound.v1',
] as const
export type GrantViewEvent = Extract<ViewEvent, { type: (typeof grantEventTypes)[number] }>

export const grantIdOf = ({ data }: GrantViewEvent): string =>
  grantId(data.resourceId, data.roleId, data.subjectId)

const newGrant = (event: GrantViewEvent): GrantRow => ({
  seq: formatPosition(event.position),
  state: { known: true, failed: null },
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
    failedAttempts: 0,
    lastError: null,
    retryAt: null,
    settled: true,
    updatedAt: event.metadata.at,
  },
})

/** The grant after one more event of its own; any of them may be the first. */
export const foldGrant = (before: GrantRow | undefined, event: GrantViewEvent): GrantRow => {
  const row = before ?? newGrant(event)
  const state = { ...row.state, ...stateChanges(row.state, event) }
  const view = { ...row.view, ...viewChanges(row.view, event), updatedAt: event.metadata.at }
  return { ...row, state, view: { ...view, settled: isSettled(view, state) } }
}

/** Held: it must be there. Held by nobody: it must be gone, unless the subject had it before us (promise 4). */
const isSettled = (view: GrantView, state: GrantState): boolean => {
  if (view.operation !== null) return false
  if (view.holderIds.length > 0) return state.known && view.actual === 'present'
  return view.preexisting || (state.known && view.actual === 'absent')
}

/** What keeps the operation that is wanted now from starting: an instant, `operator`, or null for nothing. A failed grant doesn't hold up a revoke. */
export const waitOf = ({ view, state }: GrantRow): Instant | 'operator' | null => {
  const wanted: Operation = view.holderIds.length > 0 ? 'grant' : 'revoke'
  return state.failed?.operation === wanted ? state.failed.wait : null
}

const stateChanges = ({ failed }: GrantState, event: GrantViewEvent): Partial<GrantState> => {
  const noWait = failed && { ...failed, wait: null }
  switch (event.type) {
    case 'HoldAdded.v1':
      return failed?.wait === 'operator' ? { failed: noWait } : {}
    case 'HoldReleased.v1':
      return {}
    case 'ProvisioningStarted.v1':
      return { known: false, failed: noWait }
    case 'ProvisioningFailed.v1': {
      const { operation, retryAt } = event.data
      return { failed: { operation, wait: retryAt ?? 'operator' } }
    }
    case 'RetryRequested.v1':
      return { failed: noWait }
    case 'AccessProvisioned.v1':
    case 'AccessRevoked.v1':
    case 'PreexistingAccessFound.v1':
      return { known: true, failed: null }
    case 'DriftFound.v1':
      return { known: true }
  }
}

const NO_OPERATION = { operation: null, leaseUntil: null } as const
const NO_FAILURE = { failedAttempts: 0, lastError: null, retryAt: null } as const

const viewChanges = (view: GrantView, event: GrantViewEvent): Partial<GrantView> => {
  switch (event.type) {
    case 'HoldAdded.v1': {
      const { assignmentId } = event.data
      const holders = view.holderIds.filter((id) => id !== assignmentId)
      return { holderIds: [...holders, assignmentId] }
    }
    case 'HoldReleased.v1':
      return { holderIds: view.holderIds.filter((id) => id !== event.data.assignmentId) }
    case 'ProvisioningStarted.v1':
      return {
        operation: event.data.operation,
        leaseUntil: event.data.leaseUntil,
        actual: event.data.observed,
        preexisting: view.preexisting && event.data.observed === 'present',
        retryAt: null,
      }
    case 'AccessProvisioned.v1':
      return { ...NO_OPERATION, ...NO_FAILURE, actual: 'present' }
    case 'AccessRevoked.v1':
      return { ...NO_OPERATION, ...NO_FAILURE, actual: 'absent', preexisting: false }
    case 'ProvisioningFailed.v1': {
      const { attempt, code, message, retryAt } = event.data
      return { ...NO_OPERATION, failedAttempts: attempt, lastError: { code, message }, retryAt }
    }
    case 'RetryRequested.v1':
      return { retryAt: null }
    case 'PreexistingAccessFound.v1':
      return { ...NO_OPERATION, ...NO_FAILURE, actual: 'present', preexisting: true }
    case 'DriftFound.v1':
      return {
        actual: event.data.found,
        preexisting: view.preexisting && event.data.found === 'present',
      }
  }
}
