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

const packageDeleted: PortcullisEvent = {
  type: 'AccessPackageDeleted.v1',
  data: { packageId: 'p' },
}
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
  type: 'AssignmentEnded.v2',
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
const rollOut = (what: 'Queued' | 'Held' | 'Resumed' | 'Paused' | 'Started'): PortcullisEvent => ({
  type: `RollOut${what}.v1`,
  data: { packageId: 'p', rolesVersion: 1 },
})
const cancelled: PortcullisEvent = {
  type: 'RollOutCancelled.v1',
  data: { packageId: 'p', rolesVersion: 3, sameAs: 1 },
}

describe('routeToJobs', () => {
  it('reconciles who started or ended, each once a batch', () => {
    expect(
      route(started('alice', null), started('anna', null), ended('alice')).map(({ data }) => data),
    ).toEqual([{ entitlementIds: ['p.alice', 'p.anna'] }])
  })

  it('says which events ask for each job, where they were traced', () => {
    const traced = (event: PortcullisEvent, trace: number) => {
      const position = BigInt(trace)
      const { metadata, ...rest } = recorded(event, position)
      const traceparent = `00-${String(trace).repeat(32)}-${'b'.repeat(16)}-01`
      return { ...rest, metadata: { ...metadata, traceparent } }
    }
    const events = [
      traced(started('alice', null), 1),
      traced(ended('alice'), 2),
      recorded(started('anna', null), 3n),
      traced(rollOut('Queued'), 4),
      traced(started('anton', soon), 5),
    ]
    const origin = (trace: number) => ({
      traceparent: events[trace - 1]?.metadata.traceparent,
      correlationId: 'c',
    })
    expect(routeToJobs(events, NOW, HOUR).map(({ name, origins }) => [name, origins])).toEqual([
      ['reconcile', [origin(1), origin(2), origin(5)]],
      ['roll-out', [origin(4)]],
      ['fire', undefined],
    ])
    expect(routeToJobs(events.slice(2, 3), NOW, HOUR)[0]).not.toHaveProperty('origins')
  })

  it('rolls out each change of a package’s roles that isn’t held back, and goes on after a pause', () => {
    const jobs = route(
      rollOut('Queued'),
      rollOut('Held'),
      rollOut('Started'),
      rollOut('Paused'),
      rollOut('Resumed'),
      cancelled,
    )
    expect(jobs.map(({ queue, name, data }) => [queue, name, data])).toEqual([
      ['fan-out', 'roll-out', { packageId: 'p', position: '1' }],
      ['fan-out', 'fan-out', { packageId: 'p', position: '5' }],
      ['fan-out', 'fan-out', { packageId: 'p', position: '6' }],
    ])
  })

  it('ends what a deleted package leaves behind (S24)', () => {
    expect(route(packageDeleted)).toMatchObject([
      { queue: 'fan-out', name: 'end-with-package', data: { packageId: 'p', position: '1' } },
    ])
  })

  it('sets an alarm for what is due within the horizon, one for each second', () => {
    expect(route(started('alice', soon), started('anna', soon), submitted(later))).toMatchObject([
      { name: 'reconcile' },
      { queue: 'deadlines', name: 'fire', runAt: soon },
    ])
    const many = Array.from({ length: 1001 }, (_, index) => submitted(addMillis(NOW, 1001 + index)))
    expect(route(...many).map(({ runAt }) => runAt)).toEqual([
      addMillis(NOW, 2000),
      addMillis(NOW, 3000),
    ])
  })

  it('fires at once what is due, once a batch and whatever else runs', () => {
    const [job, ...more] = route(submitted(NOW), submitted(addMillis(NOW, -HOUR)))
    expect([job, more]).toEqual([{ queue: 'deadlines', name: 'fire', data: {} }, []])
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
    expect(route({ type: 'RetryRequested.v1', data: grant })).toMatchObject([{ name: 'fire' }])
  })

  it('asks for the same when it sees a batch again', () => {
    const batch = [started('alice', soon), rollOut('Queued'), submitted(soon)]
    expect(route(...batch)).toEqual(route(...batch))
  })

  it('wants every event that it turns into a job, and no other', () => {
    const wanted: readonly string[] = ROUTED_TYPES
    const useful = [
      started('alice', soon),
      ended('alice'),
      submitted(soon),
      rollOut('Queued'),
      rollOut('Resumed'),
      packageDeleted,
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
