import type { PortcullisEvent } from '@portcullis/domain'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EventLog } from '../testing/eventLog.ts'
import { autoApproved, chat, day, started, submitted, wiki } from '../testing/sampleEvents.ts'
import { type ViewsUnderTest, viewsUnderTest } from '../testing/viewsUnderTest.ts'
import type { Views } from './createViews.ts'

describe('what is due and what is open', () => {
  let under: ViewsUnderTest
  let views: Views
  beforeEach(async () => {
    under = await viewsUnderTest()
    views = under.views
  })
  afterEach(() => under.db.close())

  it('answers what is due in order, and when the alarm is to ring', async () => {
    await under.written((log) => {
      for (const [subjectId, due] of [
        ['b', 9],
        ['a', 9],
        ['c', 5],
        ['d', 20],
      ] as const) {
        const request = submitted({ packageId: 'p', subjectId, decideBy: day(due) })
        log.add(`entitlement-p.${subjectId}`, day(1), request)
      }
    })
    const due = await views.dueDeadlines(day(9), 10)
    expect(due).toEqual([
      { key: 'approval:p.c.r1:1', kind: 'approval', dueAt: day(5), stream: 'entitlement-p.c' },
      { key: 'approval:p.a.r1:1', kind: 'approval', dueAt: day(9), stream: 'entitlement-p.a' },
      { key: 'approval:p.b.r1:1', kind: 'approval', dueAt: day(9), stream: 'entitlement-p.b' },
    ])
    expect(await views.dueDeadlines(day(9), 1, due[0])).toEqual([due[1]])
    expect(await views.deadlineTimes(day(5), day(20))).toEqual([day(9), day(20)])
    expect(await views.deadlineTimes(day(4), day(19))).toEqual([day(5), day(9)])
  })

  const toStart = (subjectId: string): readonly PortcullisEvent[] => [
    submitted({ packageId: 'p', subjectId }),
    autoApproved(`p.${subjectId}.r1`),
    started('p', subjectId, day(2), null),
  ]
  const delivered = (subjectId: string, rolesVersion = 1): PortcullisEvent => ({
    type: 'RolesDelivered.v1',
    data: { assignmentId: `p.${subjectId}.a1`, roles: [], complete: true, rolesVersion },
  })
  const ended = (subjectId: string): PortcullisEvent => ({
    type: 'AssignmentEnded.v1',
    data: {
      assignmentId: `p.${subjectId}.a1`,
      reason: 'expired',
      by: 'timer',
      justification: null,
      endAt: null,
    },
  })
  const revoked = (subjectId: string): PortcullisEvent => ({
    type: 'RolesRevoked.v1',
    data: { assignmentId: `p.${subjectId}.a1`, roles: [], complete: true, rolesVersion: 1 },
  })
  const entitlement = (log: EventLog, subjectId: string, ...events: PortcullisEvent[]): void =>
    log.add(`entitlement-p.${subjectId}`, day(2), ...toStart(subjectId), ...events)

  it('finds the entitlements that need a reconcile, each for its reason', async () => {
    await under.written((log) => {
      const names = { displayName: 'P', description: '', hidden: false }
      log.add('accessPackage-p', day(1), {
        type: 'AccessPackageCreated.v1',
        data: { packageId: 'p', catalogId: 'c', ...names },
      })
      for (const rolesVersion of [1, 2]) {
        log.add('accessPackage-p', day(1), {
          type: 'ResourceRoleAdded.v1',
          data: { packageId: 'p', ...(rolesVersion === 1 ? wiki : chat), rolesVersion },
        })
      }
      entitlement(log, 'behind', delivered('behind', 1))
      entitlement(log, 'done', delivered('done', 2))
      entitlement(log, 'held', delivered('held', 2), ended('held'), revoked('held'))
      log.add('grant-wiki.editor.held', day(2), {
        type: 'HoldAdded.v1',
        data: { ...wiki, subjectId: 'held', assignmentId: 'p.held.a1' },
      })
      entitlement(log, 'over', delivered('over', 2), ended('over'), revoked('over'))
      entitlement(log, 'undelivered')
      entitlement(log, 'unrevoked', delivered('unrevoked', 2), ended('unrevoked'))
    })
    const updatedBefore = day(3)
    const found = await views.unsettledEntitlements({ updatedBefore, limit: 10 })
    expect(found).toEqual(['p.behind', 'p.held', 'p.undelivered', 'p.unrevoked'])
    expect(
      await views.unsettledEntitlements({ updatedBefore, after: 'p.behind', limit: 2 }),
    ).toEqual(['p.held', 'p.undelivered'])
    expect(await views.unsettledEntitlements({ updatedBefore: day(2), limit: 10 })).toEqual([])
  })

  it('finds the grants that may be worked on', async () => {
    const role = (subjectId: string) => ({ ...wiki, subjectId })
    const operationId = '00000000-0000-5000-8000-000000000001'
    const begun = { operation: 'grant', attempt: 1, observed: 'absent' } as const
    const failure = { code: 'scim.down', message: 'down', transient: true } as const
    await under.written((log) => {
      const grant = (subjectId: string, ...events: PortcullisEvent[]): void =>
        log.add(
          `grant-wiki.editor.${subjectId}`,
          day(1),
          {
            type: 'HoldAdded.v1',
            data: { ...role(subjectId), assignmentId: `p.${subjectId}.a1` },
          },
          ...events,
        )
      const start = (subjectId: string, leaseUntil: string): PortcullisEvent => ({
        type: 'ProvisioningStarted.v1',
        data: { ...role(subjectId), operationId, ...begun, leaseUntil },
      })
      const fail = (subjectId: string, retryAt: string | null): PortcullisEvent => ({
        type: 'ProvisioningFailed.v1',
        data: {
          ...role(subjectId),
          operationId,
          operation: 'grant',
          attempt: 1,
          ...failure,
          retryAt,
        },
      })
      grant('new')
      grant('leased', start('leased', day(5)))
      grant('lost', start('lost', day(2)))
      grant('later', start('later', day(2)), fail('later', day(5)))
      grant('soon', start('soon', day(2)), fail('soon', day(2)))
      grant('stuck', start('stuck', day(2)), fail('stuck', null))
      grant('done', start('done', day(2)), {
        type: 'AccessProvisioned.v1',
        data: { ...role('done'), operationId, attempt: 1 },
      })
    })
    const open = await views.unsettledGrants({ updatedBefore: day(2), now: day(3), limit: 10 })
    expect(open.map(({ subjectId }) => subjectId)).toEqual(['lost', 'new', 'soon'])
    const late = await views.unsettledGrants({ updatedBefore: day(2), now: day(5), limit: 10 })
    expect(late.map(({ subjectId }) => subjectId)).toEqual([
      'later',
      'leased',
      'lost',
      'new',
      'soon',
    ])
    expect(await views.openGrants()).toEqual({ count: 6, oldest: day(1) })
  })

  it('pages through the active assignments of a package, new ones last', async () => {
    await under.written((log) => {
      for (const subjectId of ['c', 'a', 'b']) entitlement(log, subjectId)
      entitlement(log, 'over', ended('over'))
      const other = [submitted({ packageId: 'q', subjectId: 'a' }), autoApproved('q.a.r1')]
      log.add('entitlement-q.a', day(2), ...other, started('q', 'a', day(2), null))
    })
    const first = await views.activeAssignmentsOfPackage('p', null, 2)
    expect(first.items.map(({ subjectId }) => subjectId)).toEqual(['c', 'a'])
    const second = await views.activeAssignmentsOfPackage('p', first.next, 2)
    expect(second.items.map(({ subjectId }) => subjectId)).toEqual(['b'])
    expect(second.next).toBeNull()
  })
})
