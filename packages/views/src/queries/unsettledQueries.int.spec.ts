import type { PortcullisEvent } from '@portcullis/domain'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EventLog, eventLog } from '../testing/eventLog.ts'
import { autoApproved, chat, day, started, submitted, wiki } from '../testing/sampleEvents.ts'
import { type ViewsUnderTest, viewsUnderTest } from '../testing/viewsUnderTest.ts'
import type { Views } from './createViews.ts'

describe('what is not as it should be', () => {
  let under: ViewsUnderTest
  let views: Views
  beforeEach(async () => {
    under = await viewsUnderTest()
    views = under.views
  })
  afterEach(() => under.db.close())

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
    type: 'AssignmentEnded.v2',
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
      entitlement(log, 'over', delivered('over', 2), ended('over'), revoked('over'))
      entitlement(log, 'undelivered')
      entitlement(log, 'unrevoked', delivered('unrevoked', 2), ended('unrevoked'))
    })
    const [updatedBefore, now] = [day(3), day(9)]
    const found = await views.unsettledEntitlements({ updatedBefore, now, limit: 10 })
    expect(found).toEqual(['p.behind', 'p.undelivered', 'p.unrevoked'])
    expect(
      await views.unsettledEntitlements({ updatedBefore, now, after: 'p.behind', limit: 1 }),
    ).toEqual(['p.undelivered'])
    expect(await views.unsettledEntitlements({ updatedBefore: day(2), now, limit: 10 })).toEqual([])
    // The clock was set back to before all of this: the times of the last changes say nothing.
    const setBack = { updatedBefore: '2020-01-01T00:00:00.000Z', now: '2020-01-02T00:00:00.000Z' }
    expect(await views.unsettledEntitlements({ ...setBack, limit: 10 })).toEqual(found)
  })

  it('finds who holds something for an ended assignment (promise 2), or a role that the package has lost (promise 4)', async () => {
    const log = eventLog()
    const holds = (subjectId: string, role: typeof wiki, at: string): void => {
      log.add(`grant-${role.resourceId}.${role.roleId}.${subjectId}`, at, {
        type: 'HoldAdded.v1',
        data: { ...role, subjectId, assignmentId: `p.${subjectId}.a1` },
      })
    }
    const names = { displayName: 'P', description: '', hidden: false }
    log.add(
      'accessPackage-p',
      day(1),
      { type: 'AccessPackageCreated.v1', data: { packageId: 'p', catalogId: 'c', ...names } },
      { type: 'ResourceRoleAdded.v1', data: { packageId: 'p', ...wiki, rolesVersion: 1 } },
      { type: 'ResourceRoleAdded.v1', data: { packageId: 'p', ...chat, rolesVersion: 2 } },
      { type: 'ResourceRoleRemoved.v1', data: { packageId: 'p', ...chat, rolesVersion: 3 } },
    )
    for (const id of ['astray', 'right']) entitlement(log, id, delivered(id, 3))
    entitlement(log, 'over', delivered('over', 3), ended('over'), revoked('over'))
    holds('astray', chat, day(3))
    holds('astray', wiki, day(3))
    holds('over', wiki, day(4))
    holds('right', wiki, day(5))
    await under.project(log.events)

    const look = (among: 'newest' | { readonly after: string }, limit: number, before = day(9)) =>
      views.astrayEntitlements({ among, limit, updatedBefore: before, now: day(20) })
    const both = { ids: ['p.astray', 'p.over'], next: null }
    expect(await look('newest', 10)).toEqual(both)
    expect(await look({ after: '' }, 10)).toEqual(both)
    expect(await look('newest', 1)).toEqual({ ids: [], next: null })
    expect(await look('newest', 2)).toEqual({ ids: ['p.over'], next: null })
    const chatHold = 'p.astray.a1:chat.member.astray'
    expect(await look({ after: '' }, 1)).toEqual({ ids: ['p.astray'], next: chatHold })
    const wikiHold = 'p.astray.a1:wiki.editor.astray'
    expect(await look({ after: chatHold }, 1)).toEqual({ ids: [], next: wikiHold })
    expect(await look({ after: wikiHold }, 10)).toEqual({ ids: ['p.over'], next: null })
    expect(await look({ after: '~' }, 10)).toEqual({ ids: [], next: null })
    // Somebody seems to be at it.
    expect(await look('newest', 10, day(4))).toEqual({ ...both, ids: ['p.astray'] })
    expect(await look('newest', 10, day(2))).toEqual({ ...both, ids: [] })
  })

  it('finds what is open of a package, and what outlives it (S24)', async () => {
    const scheduled: PortcullisEvent = {
      type: 'AssignmentScheduled.v1',
      data: {
        assignmentId: 'p.planned.a1',
        requestId: 'p.planned.r1',
        packageId: 'p',
        subjectId: 'planned',
        policyId: 'standard',
        policyVersion: 1,
        startAt: day(9),
        endAt: null,
      },
    }
    await under.written((log) => {
      const names = { displayName: 'P', description: '', hidden: false }
      log.add('accessPackage-p', day(1), {
        type: 'AccessPackageCreated.v1',
        data: { packageId: 'p', catalogId: 'c', ...names },
      })
      entitlement(log, 'active', delivered('active', 0))
      entitlement(log, 'over', delivered('over', 0), ended('over'), revoked('over'))
      const asks = submitted({ packageId: 'p', subjectId: 'asks', decideBy: day(9) })
      log.add('entitlement-p.asks', day(2), asks)
      const planned = submitted({ packageId: 'p', subjectId: 'planned' })
      log.add('entitlement-p.planned', day(2), planned, scheduled)
      const other = submitted({ packageId: 'q', subjectId: 'other', decideBy: day(9) })
      log.add('entitlement-q.other', day(2), other)
    })
    const open = ['p.active', 'p.asks', 'p.planned']
    expect(await views.openEntitlementsOfPackage('p', null, 10)).toEqual(open)
    expect(await views.openEntitlementsOfPackage('p', 'p.active', 1)).toEqual(['p.asks'])
    const unsettled = (updatedBefore: string) =>
      views.unsettledEntitlements({ updatedBefore, now: day(9), limit: 10 })
    expect(await unsettled(day(8))).toEqual([])
    const log = eventLog()
    log.add('accessPackage-p', day(3), {
      type: 'AccessPackageDeleted.v1',
      data: { packageId: 'p' },
    })
    await under.project(log.events.map((event) => ({ ...event, position: 100n })))
    expect(await unsettled(day(3))).toEqual([])
    expect(await unsettled(day(4))).toEqual(open)
  })
})
