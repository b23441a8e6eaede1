import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LIVE_SCHEMA } from '../projections/names.ts'
import { grantStory } from '../testing/grantEvents.ts'
import {
  autoApproved,
  day,
  granted,
  policy,
  submitted,
  twoStages,
} from '../testing/sampleEvents.ts'
import { type ViewsUnderTest, viewsUnderTest } from '../testing/viewsUnderTest.ts'

describe('what is overdue', () => {
  let under: ViewsUnderTest
  beforeEach(async () => {
    under = await viewsUnderTest()
    await under.written((log) => {
      grantStory(log, 'late').assigned(day(1), day(5))
      grantStory(log, 'later').assigned(day(1), day(9))
      grantStory(log, 'forever').assigned(day(1), null)
      const ended = grantStory(log, 'ended')
      ended.assigned(day(1), day(4))
      ended.ended(day(4), day(4))
      log.add(
        'entitlement-p.planned',
        day(1),
        submitted({ packageId: 'p', subjectId: 'planned', kind: 'direct' }),
        autoApproved('p.planned.r1'),
        {
          type: 'AssignmentScheduled.v1',
          data: {
            ...policy,
            assignmentId: 'p.planned.a1',
            requestId: 'p.planned.r1',
            packageId: 'p',
            subjectId: 'planned',
            startAt: day(6),
            endAt: null,
          },
        },
      )
      log.add(
        'entitlement-q.asked',
        day(1),
        submitted({ packageId: 'q', subjectId: 'asked', terms: twoStages, decideBy: day(3) }),
        granted('q.asked.r1', 1, { stage: 2, decideBy: day(7) }),
      )
      log.add(
        'entitlement-q.decided',
        day(1),
        submitted({ packageId: 'q', subjectId: 'decided', decideBy: day(3) }),
        granted('q.decided.r1'),
      )
    })
  })
  afterEach(() => under.db.close())

  const overdue = (dueBefore: string, limit = 10) => under.views.overdue({ dueBefore, limit })

  it('is what hasn’t ended, started or timed out, by what the assignments and requests say, the earliest first', async () => {
    await under.db.pool.query(`delete from ${LIVE_SCHEMA}.deadlines`)
    expect(await overdue(day(8))).toEqual([
      {
        kind: 'expiry',
        key: 'expiry:p.late.a1:1',
        dueAt: day(5),
        id: 'p.late.a1',
        packageId: 'p',
        subjectId: 'late',
      },
      {
        kind: 'start',
        key: 'start:p.planned.a1',
        dueAt: day(6),
        id: 'p.planned.a1',
        packageId: 'p',
        subjectId: 'planned',
      },
      {
        kind: 'approval',
        key: 'approval:q.asked.r1:2',
        dueAt: day(7),
        id: 'q.asked.r1',
        packageId: 'q',
        subjectId: 'asked',
      },
    ])
    expect(await overdue(day(5))).toEqual([])
  })

  it('comes in pages', async () => {
    const all = await overdue(day(20))
    expect(all.map(({ key }) => key)).toEqual([
      'expiry:p.late.a1:1',
      'start:p.planned.a1',
      'approval:q.asked.r1:2',
      'expiry:p.later.a1:1',
    ])
    const first = await overdue(day(20), 2)
    expect(first).toEqual(all.slice(0, 2))
    expect(
      await under.views.overdue({ dueBefore: day(20), limit: 2, after: first.at(-1) }),
    ).toEqual(all.slice(2))
  })
})
