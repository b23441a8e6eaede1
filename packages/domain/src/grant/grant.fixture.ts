import { fold } from '@portcullis/core'
import { specify } from '@portcullis/core/testing'
import type { GrantEvent } from '../events.ts'
import { at, checkStorable } from '../testing/index.ts'
import type { GrantCommand } from './grant.commands.ts'
import { grantDecider } from './grant.decide.ts'

// One grant's events and commands, for its specs.

export const NOW = '2026-05-01T08:00:00.000Z'
export const LEASE = '2026-05-01T08:01:00.000Z'
export const facts = { resourceId: 'repo', roleId: 'member', subjectId: 'mira' }
export const A1 = 'tools.mira.a1'
export const B1 = 'extra.mira.a1'
export const OP1 = '11111111-1111-4111-8111-111111111111'
export const OP2 = '22222222-2222-4222-8222-222222222222'

export const held = (assignmentId = A1): GrantEvent => ({
  type: 'HoldAdded.v1',
  data: { ...facts, assignmentId },
})
export const released = (
  assignmentId = A1,
  reason: 'assignment-ended' | 'role-removed' = 'assignment-ended',
): GrantEvent => ({ type: 'HoldReleased.v1', data: { ...facts, assignmentId, reason } })
export const started = (
  operation: 'grant' | 'revoke',
  changes: Partial<Extract<GrantEvent, { type: 'ProvisioningStarted.v2' }>['data']> = {},
): GrantEvent => ({
  type: 'ProvisioningStarted.v2',
  data: {
    ...facts,
    operationId: OP1,
    operation,
    attempt: 1,
    observed: operation === 'grant' ? 'absent' : 'present',
    leaseUntil: LEASE,
    ...changes,
  },
})
export const provisioned: GrantEvent = {
  type: 'AccessProvisioned.v2',
  data: {
    ...facts,
    operationId: OP1,
    attempt: 1,
    account: null,
    receipt: { kind: 'read-back', at: NOW },
  },
}
export const revoked: GrantEvent = {
  type: 'AccessRevoked.v3',
  data: { ...facts, operationId: OP1, attempt: 1, receipt: { kind: 'read-back', at: NOW } },
}
export const failed = (
  operation: 'grant' | 'revoke',
  retryAt: string | null,
  transient = retryAt !== null,
): GrantEvent => ({
  type: 'ProvisioningFailed.v1',
  data: {
    ...facts,
    operationId: OP1,
    operation,
    attempt: 1,
    code: 'scim.down',
    message: 'down',
    transient,
    retryAt,
  },
})
export const preexisting: GrantEvent = {
  type: 'PreexistingAccessFound.v3',
  data: { ...facts, operationId: OP1, kept: true, account: null },
}

export const drift = (
  found: 'present' | 'absent',
  repair: 'grant' | 'revoke' | 'none',
): GrantEvent => ({
  type: 'DriftFound.v3',
  data: {
    ...facts,
    expected: found === 'present' ? 'absent' : 'present',
    found,
    repair,
    account: null,
  },
})

export const given = (...events: GrantEvent[]) => ({
  when: (told: GrantCommand, now = NOW, actor = at(NOW).actor) => {
    const fresh = told.type === 'StartOperation' && told.lookedAt === JUST_NOW
    const command = fresh ? { ...told, lookedAt: fold(grantDecider, events).news } : told
    const outcome = specify(grantDecider).given(events).when(command, at(now, actor), facts)
    checkStorable(outcome.decision)
    return outcome
  },
})
/** A look at the target at which nothing has happened since. */
const JUST_NOW = -1
export const start = (
  observed: 'present' | 'absent' | 'unknown',
  operationId = OP2,
  lookedAt = JUST_NOW,
): GrantCommand => ({
  type: 'StartOperation',
  operationId,
  observed,
  lookedAt,
  leaseMillis: 60_000,
})
export const complete = (
  readBack: 'present' | 'absent' | 'unknown',
  operationId = OP1,
): GrantCommand => ({
  type: 'CompleteOperation',
  operationId,
  readBack,
  readAt: NOW,
})
export const fail = (changes: Partial<Extract<GrantCommand, { type: 'FailOperation' }>> = {}) =>
  ({
    type: 'FailOperation',
    operationId: OP1,
    code: 'scim.down',
    message: 'down',
    transient: true,
    retryAfterMillis: null,
    ...changes,
  }) satisfies GrantCommand
