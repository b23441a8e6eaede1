import { addMillis, type RecordedEvent } from '@portcullis/core'
import type { PortcullisEvent } from '@portcullis/domain'
import { exampleTerms } from '@portcullis/domain/testing'
import { describe, expect, it } from 'vitest'
import { ROUTED_TYPES, routeToJobs } from './jobRouter.ts'

const NOW = '2026-06-01T08:00:00.000Z'
const HOUR = 3_600_000
const soon = addMillis(NOW, HOUR)
const later = addMillis(NOW, HOUR + 1)

const recorded = (event: PortcullisEvent, position = 1n): RecordedEvent<PortcullisEvent> => ({
  ...event,
  id: `00000000-0000-5000-8000-${position.toString().padStart(12, '0')}`,
  stream: 'entitlement-p.alice',
  revision: position - 1n,
  position,
  metadata: {
    commandId: 'c',
    correlationId: 'c',
    actor: { kind: 'system', id: 'engine' },
    at: NOW,
  },
})
const route = (...events: readonly PortcullisEvent[]) =>
  routeToJobs(
    events.map((event, index) => recorded(event, BigInt(index + 1))),
    NOW,
    HOUR,
  )

const started = (subjectId: string, endAt: string | null): PortcullisEvent => ({
  type: 'AssignmentStarted.v1',
  data: {
    assignmentId: `p.${subjectId}.a1`,
    requestId: `p.${subjectId}.r1`,
    packageId: 'p',
    subjectId,
    policyId: 'standard',
    policyVersion: 1,
    startedAt: NOW,
    endAt,
    endVersion: 1,
    reminders: [],
  },
})
const ended = (subjectId: string): PortcullisEvent => ({
  type: 'AssignmentEnded.v1',
  data: {
    assignmentId: `p.${subjectId}.a1`,
    reason: 'expired',
    by: 'system',
    justification: null,
    endAt: NOW,
  },
})
const submitted = (decideBy: string): PortcullisEvent => ({
  type: 'RequestSubmitted.v1',
  data: {
    requestId: 'p.alice.r1',
    kind: 'new',
    packageId: 'p',
    subjectId: 'alice',
    requestorId: 'alice',
    policyId: 'standard',
    policyVersion: 1,
    terms: exampleTerms(),
    basis: { kind: 'group', id: 'eng' },
    justification: null,
    startAt: null,
    endAt: null,
    assignmentId: null,
    approval: { stage: 1, decideBy },
  },
})
const roleChanged = (type: 'ResourceRoleAdded.v1' | 'ResourceRoleRemoved.v1'): PortcullisEvent => ({
  type,
  data: { packageId: 'p', resourceId: 'wiki', roleId: 'member', rolesVersion: 1 },
})

describe('routeToJobs', () => {
  it('reconciles who started or ended, each once a batch', () => {
    expect(
      route(started('alice', null), started('anna', null), ended('alice')).map(({ data }) => data),
    ).toEqual([{ entitlementIds: ['p.alice', 'p.anna'] }])
  })

  it('fans out each change of a package’s roles, with its position', () => {
    const jobs = route(roleChanged('ResourceRoleAdded.v1'), roleChanged('ResourceRoleRemoved.v1'))
    expect(jobs.map(({ queue, data }) => ({ queue, data }))).toEqual([
      { queue: 'fan-out', data: { packageId: 'p', position: '1' } },
      { queue: 'fan-out', data: { packageId: 'p', position: '2' } },
    ])
  })

  it('sets an alarm for what is due within the horizon, one for each instant', () => {
    expect(route(started('alice', soon), started('anna', soon), submitted(later))).toMatchObject([
      { name: 'reconcile' },
      { queue: 'deadlines', name: 'fire', runAt: soon },
    ])
    expect(route(submitted(NOW)).map(({ runAt }) => runAt)).toEqual([NOW])
  })

  it('sets an alarm for a retry, and at once for one that was asked for', () => {
    const grant = { resourceId: 'wiki', roleId: 'member', subjectId: 'alice' }
    const failed: PortcullisEvent = {
      type: 'ProvisioningFailed.v1',
      data: {
        ...grant,
        operationId: '00000000-0000-4000-8000-000000000000',
        operation: 'grant',
        attempt: 1,
        code: 'main.down',
        message: 'does not answer',
        transient: true,
        retryAt: soon,
      },
    }
    expect(route(failed).map(({ runAt }) => runAt)).toEqual([soon])
    expect(route({ ...failed, data: { ...failed.data, retryAt: null } })).toEqual([])
    expect(route({ type: 'RetryRequested.v1', data: grant }).map(({ runAt }) => runAt)).toEqual([
      NOW,
    ])
  })

  it('asks for the same when it sees a batch again', () => {
    const batch = [started('alice', soon), roleChanged('ResourceRoleAdded.v1'), submitted(soon)]
    expect(route(...batch)).toEqual(route(...batch))
  })

  it('wants every event that it turns into a job, and no other', () => {
    const wanted: readonly string[] = ROUTED_TYPES
    const useful = [
      started('alice', soon),
      ended('alice'),
      submitted(soon),
      roleChanged('ResourceRoleAdded.v1'),
      roleChanged('ResourceRoleRemoved.v1'),
    ]
    for (const event of useful) {
      expect(route(event)).not.toEqual([])
      expect(wanted).toContain(event.type)
    }
    expect(
      route({
        type: 'RequestAutoApproved.v1',
        data: { requestId: 'p.alice.r1', reason: 'policy-without-approval' },
      }),
    ).toEqual([])
  })
})
