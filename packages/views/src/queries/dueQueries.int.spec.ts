import type { PortcullisEvent } from '@portcullis/domain'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { day, scheduled, submitted } from '../testing/sampleEvents.ts'
import { type ViewsUnderTest, viewsUnderTest } from '../testing/viewsUnderTest.ts'
import type { Views } from './createViews.ts'

describe('what is due', () => {
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
    expect(await views.alarmSeconds(day(5), day(20))).toEqual([day(9), day(20)])
    expect(await views.alarmSeconds(day(4), day(19))).toEqual([day(5), day(9)])
  })

  it('answers starts before what else is due in the same instant, page by page', async () => {
    await under.written((log) => {
      for (const subjectId of ['a', 'b', 'c']) {
        const request = submitted({ packageId: 'p', subjectId, decideBy: day(9) })
        log.add(`entitlement-p.${subjectId}`, day(1), request)
      }
      for (const subjectId of ['x', 'y']) {
        const stream = `entitlement-q.${subjectId}`
        log.add(stream, day(1), submitted({ packageId: 'q', subjectId }))
        log.add(stream, day(1), scheduled({ packageId: 'q', subjectId, startAt: day(9) }))
      }
    })
    const keys: string[] = []
    for (let page = await views.dueDeadlines(day(9), 1); page.length > 0; ) {
      keys.push(...page.map(({ key }) => key))
      page = await views.dueDeadlines(day(9), 1, page[0])
    }
    expect(keys).toEqual([
      'start:q.x.a1',
      'start:q.y.a1',
      'approval:p.a.r1:1',
      'approval:p.b.r1:1',
      'approval:p.c.r1:1',
    ])
  })

  it('sets alarms by the second, never before what they are for, however much is due in one', async () => {
    const at = (text: string): string => `2026-06-01T${text}Z`
    await under.written((log) => {
      const times = [
        '09:59:59.999',
        ...Array.from(
          { length: 50 },
          (_, index) => `10:00:00.0${String(index + 1).padStart(2, '0')}`,
        ),
        '10:00:01.000',
        '10:00:01.001',
        '10:59:59.500',
        '23:59:59.001',
      ]
      for (const [index, time] of times.entries()) {
        const subjectId = `s${index}`
        const request = submitted({ packageId: 'p', subjectId, decideBy: at(time) })
        log.add(`entitlement-p.${subjectId}`, day(1), request)
      }
    })
    expect(await views.alarmSeconds(at('10:00:00.000'), at('23:59:59.999'))).toEqual([
      at('10:00:01.000'),
      at('10:00:02.000'),
      at('11:00:00.000'),
      '2026-06-02T00:00:00.000Z',
    ])
    expect(await views.alarmSeconds(at('09:59:59.998'), at('09:59:59.999'))).toEqual([
      at('10:00:00.000'),
    ])
    expect(await views.alarmSeconds(at('10:00:01.001'), at('10:59:59.499'))).toEqual([])
  })

  it('does not call for a retry of what nobody holds any more', async () => {
    const grantOf = (subjectId: string) => ({ resourceId: 'wiki', roleId: 'member', subjectId })
    const unreachable = (subjectId: string): readonly PortcullisEvent[] => [
      {
        type: 'HoldAdded.v1',
        data: { ...grantOf(subjectId), assignmentId: `p.${subjectId}.a1` },
      },
      {
        type: 'ProvisioningFailed.v1',
        data: {
          ...grantOf(subjectId),
          operationId: '11111111-1111-4111-8111-111111111111',
          operation: 'grant',
          attempt: 1,
          code: 'x.down',
          message: 'down',
          transient: true,
          retryAt: subjectId === 'a' ? day(3) : day(4),
        },
      },
    ]
    await under.written((log) => {
      log.add('grant-wiki.member.a', day(2), ...unreachable('a'))
      log.add('grant-wiki.member.b', day(2), ...unreachable('b'))
      log.add('grant-wiki.member.a', day(2), {
        type: 'HoldReleased.v1',
        data: { ...grantOf('a'), assignmentId: 'p.a.a1', reason: 'assignment-ended' },
      })
    })
    expect(await views.dueDeadlines(day(9), 10)).toMatchObject([{ key: 'retry:wiki.member.b' }])
    expect(await views.alarmSeconds(day(1), day(9))).toEqual([day(4)])
  })
})
