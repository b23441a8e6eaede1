import { deriveId } from '@portcullis/core'
import { grantId, type PortcullisEvent } from '@portcullis/domain'
import type { EventLog } from './eventLog.ts'
import { autoApproved, started, submitted, wiki } from './sampleEvents.ts'

/** One person's access to the wiki by package `p`, event by event: for specs of what is asked about grants. */
export interface GrantStory {
  readonly id: string
  /** The assignment begins; `until` is its end. */
  assigned(at: string, until: string | null): void
  ended(at: string, endAt: string | null): void
  held(at: string): void
  released(at: string): void
  start(at: string, operation: 'grant' | 'revoke', leaseUntil: string): void
  awaited(at: string, until: string): void
  fail(at: string, operation: 'grant' | 'revoke', retryAt: string | null): void
  provisioned(at: string): void
  revoked(at: string): void
  add(at: string, event: PortcullisEvent): void
}

export const grantStory = (
  log: EventLog,
  subjectId: string,
  packageId = 'p',
  role = wiki,
): GrantStory => {
  const facts = { ...role, subjectId }
  const id = grantId(role.resourceId, role.roleId, subjectId)
  const assignmentId = `${packageId}.${subjectId}.a1`
  const entitlement = `entitlement-${packageId}.${subjectId}`
  let operations = 0
  let attempt = 0
  const operationId = (): string => deriveId('operation', id, operations)
  const add = (at: string, event: PortcullisEvent): void => log.add(`grant-${id}`, at, event)
  return {
    id,
    assigned: (at, until) =>
      log.add(
        entitlement,
        at,
        submitted({ packageId, subjectId }),
        autoApproved(`${packageId}.${subjectId}.r1`),
        started(packageId, subjectId, at, until),
      ),
    ended: (at, endAt) =>
      log.add(entitlement, at, {
        type: 'AssignmentEnded.v2',
        data: {
          assignmentId,
          reason: endAt !== null && endAt <= at ? 'expired' : 'removed',
          by: 'system:timer',
          justification: null,
          endAt,
        },
      }),
    held: (at) => add(at, { type: 'HoldAdded.v1', data: { ...facts, assignmentId } }),
    released: (at) =>
      add(at, {
        type: 'HoldReleased.v1',
        data: { ...facts, assignmentId, reason: 'assignment-ended' },
      }),
    start: (at, operation, leaseUntil) => {
      operations += 1
      attempt += 1
      const observed = operation === 'grant' ? 'absent' : 'present'
      add(at, {
        type: 'ProvisioningStarted.v2',
        data: {
          ...facts,
          operationId: operationId(),
          operation,
          attempt,
          observed,
          leaseUntil,
        },
      })
    },
    awaited: (at, until) =>
      add(at, {
        type: 'FulfilmentAwaited.v1',
        data: { ...facts, operationId: operationId(), operation: 'grant', attempt: 1, until },
      }),
    fail: (at, operation, retryAt) =>
      add(at, {
        type: 'ProvisioningFailed.v1',
        data: {
          ...facts,
          operationId: operationId(),
          operation,
          attempt: Math.max(1, attempt),
          code: 'scim.down',
          message: 'does not answer',
          transient: retryAt !== null,
          retryAt,
        },
      }),
    provisioned: (at) => {
      attempt = 0
      add(at, {
        type: 'AccessProvisioned.v2',
        data: {
          ...facts,
          operationId: operationId(),
          attempt: 1,
          account: null,
          receipt: { kind: 'read-back', at },
        },
      })
    },
    revoked: (at) => {
      attempt = 0
      add(at, {
        type: 'AccessRevoked.v3',
        data: {
          ...facts,
          operationId: operationId(),
          attempt: 1,
          receipt: { kind: 'read-back', at },
        },
      })
    },
    add,
  }
}
