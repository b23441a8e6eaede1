import { addMillis } from '@portcullis/core'
import type { PortcullisEvent } from '@portcullis/domain'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EventLog } from '../testing/eventLog.ts'
import { autoApproved, day, started, submitted, wiki } from '../testing/sampleEvents.ts'
import { type ViewsUnderTest, viewsUnderTest } from '../testing/viewsUnderTest.ts'
import type { Views } from './createViews.ts'

describe('what is to be worked on', () => {
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
  const delivered = (subjectId: string, rolesVersion: number): PortcullisEvent => ({
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
  const entitlement = (log: EventLog, subjectId: string, ...events: PortcullisEvent[]): void =>
    log.add(`entitlement-p.${subjectId}`, day(2), ...toStart(subjectId), ...events)

  it('finds the grants that may be worked on', async () => {
    const role = (subjectId: string) => ({ ...wiki, subjectId })
    const operationId = '00000000-0000-5000-8000-000000000001'
    const soon = addMillis(day(3), 600_000)
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
        type: 'ProvisioningStarted.v2',
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
      grant('leased', start('leased', soon))
      grant('lost', start('lost', day(2)))
      grant('later', start('later', day(2)), fail('later', soon))
      // By a clock that was ahead: longer than any lease or wait is.
      grant('leased-ahead', start('leased-ahead', day(18)))
      grant('later-ahead', start('later-ahead', day(2)), fail('later-ahead', day(18)))
      grant('soon', start('soon', day(2)), fail('soon', day(2)))
      grant('stuck', start('stuck', day(2)), fail('stuck', null))
      grant('done', start('done', day(2)), {
        type: 'AccessProvisioned.v2',
        data: { ...role('done'), operationId, attempt: 1, account: null, receipt: null },
      })
    })
    const open = await views.unsettledGrants({ updatedBefore: day(2), now: day(3), limit: 10 })
    expect(open.map(({ subjectId }) => subjectId)).toEqual([
      'later-ahead',
      'leased-ahead',
      'lost',
      'new',
      'soon',
    ])
    const late = await views.unsettledGrants({ updatedBefore: day(2), now: day(5), limit: 10 })
    expect(late.map(({ subjectId }) => subjectId)).toEqual([
      'later',
      'later-ahead',
      'leased',
      'leased-ahead',
      'lost',
      'new',
      'soon',
    ])
    expect(await views.openGrants()).toEqual({ count: 8, oldest: day(1) })
  })

  it('pages through the active assignments that a roll-out has not reached, new ones last', async () => {
    await under.written((log) => {
      for (const subjectId of ['c', 'a', 'b']) entitlement(log, subjectId)
      entitlement(log, 'one', delivered('one', 1))
      entitlement(log, 'two', delivered('two', 2))
      entitlement(log, 'over', ended('over'))
      const other = [submitted({ packageId: 'q', subjectId: 'a' }), autoApproved('q.a.r1')]
      log.add('entitlement-q.a', day(2), ...other, started('q', 'a', day(2), null))
    })
    const what = { packageId: 'p', version: 2, alike: [] }
    const first = await views.assignmentsBehind(what, null, 2)
    expect(first.items).toEqual(['p.c', 'p.a'])
    const second = await views.assignmentsBehind(what, first.next, 2)
    expect(second).toMatchObject({ items: ['p.b', 'p.one'] })
    expect(await views.assignmentsBehind(what, second.next, 2)).toEqual({ items: [], next: null })
    expect((await views.assignmentsBehind({ ...what, alike: [1] }, null, 9)).items).toEqual([
      'p.c',
      'p.a',
      'p.b',
    ])
  })
})
