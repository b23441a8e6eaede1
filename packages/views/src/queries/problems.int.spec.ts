import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { grantStory } from '../testing/grantEvents.ts'
import { chat, day, wiki } from '../testing/sampleEvents.ts'
import { type ViewsUnderTest, viewsUnderTest } from '../testing/viewsUnderTest.ts'
import type { ProblemFilters } from './problemQueries.ts'

const DAY = 86_400_000

describe('what isn’t as it should be', () => {
  let under: ViewsUnderTest
  beforeEach(async () => {
    under = await viewsUnderTest()
  })
  afterEach(() => under.db.close())

  const problems = async (overdueBefore = day(20), filters: ProblemFilters = {}) =>
    (await under.views.problems({ limit: 100 }, overdueBefore, filters)).items
  const brief = async (overdueBefore = day(20), filters: ProblemFilters = {}) =>
    (await problems(overdueBefore, filters)).map(
      ({ subjectId, operation, state }) => `${subjectId} ${operation} ${state}`,
    )

  beforeEach(() =>
    under.written((log) => {
      const fine = grantStory(log, 'fine')
      fine.assigned(day(1), null)
      fine.held(day(1))
      fine.start(day(1), 'grant', day(2))
      fine.provisioned(day(1))
      const failing = grantStory(log, 'failing')
      failing.held(day(2))
      for (const number of [3, 4, 5]) {
        failing.start(day(number), 'grant', day(number + 1))
        failing.fail(day(number), 'grant', day(number + 1))
      }
      const stuck = grantStory(log, 'stuck', 'q', chat)
      stuck.held(day(4))
      stuck.fail(day(4), 'grant', null)
      const unseen = grantStory(log, 'unseen', 'q')
      unseen.held(day(6))
      const overdue = grantStory(log, 'overdue')
      overdue.assigned(day(1), day(7))
      overdue.held(day(1))
      overdue.start(day(1), 'grant', day(2))
      overdue.provisioned(day(1))
      // The engine was down for a day.
      overdue.ended(day(8), day(7))
      overdue.released(day(9))
      overdue.start(day(9), 'revoke', day(10))
      overdue.fail(day(9), 'revoke', day(11))
      overdue.start(day(11), 'revoke', day(12))
      const unreleased = grantStory(log, 'unreleased')
      unreleased.assigned(day(1), day(10))
      unreleased.held(day(1))
      unreleased.start(day(1), 'grant', day(2))
      unreleased.provisioned(day(1))
      unreleased.ended(day(10), day(10))
      const byHand = grantStory(log, 'byHand', 'r')
      byHand.held(day(11))
      byHand.start(day(11), 'grant', day(12))
      byHand.awaited(day(11), day(25))
      const drifted = grantStory(log, 'drifted')
      drifted.held(day(1))
      drifted.start(day(1), 'grant', day(2))
      drifted.provisioned(day(1))
      drifted.add(day(12), {
        type: 'DriftFound.v3',
        data: {
          ...wiki,
          subjectId: 'drifted',
          expected: 'present',
          found: 'absent',
          repair: 'none',
          account: null,
        },
      })
    }),
  )

  it('is listed by its age: that of the first failure or of the end, not of the last try', async () => {
    expect(
      (await problems()).map(({ subjectId, operation, state, since, attempts }) => [
        subjectId,
        operation,
        state,
        since,
        attempts,
      ]),
    ).toEqual([
      ['failing', 'grant', 'failing', day(3), 3],
      ['stuck', 'grant', 'awaiting-operator', day(4), 1],
      ['unseen', 'grant', 'waiting', day(6), 0],
      ['overdue', 'revoke', 'under-way', day(7), 1],
      ['unreleased', 'revoke', 'waiting', day(10), 0],
      ['byHand', 'grant', 'awaiting-fulfilment', day(11), 0],
      ['drifted', 'grant', 'drift', day(12), 0],
    ])
  })

  it('says what was tried, why it failed, what comes next and whom it concerns', async () => {
    const [failing, , , overdue] = await problems()
    expect(failing).toEqual({
      id: 'wiki.editor.failing',
      kind: 'access',
      packageId: null,
      ...wiki,
      subjectId: 'failing',
      operation: 'grant',
      state: 'failing',
      since: day(3),
      assignmentIds: ['p.failing.a1'],
      requestIds: [],
      attempts: 3,
      error: { code: 'scim.down', message: 'does not answer' },
      detail: null,
      nextTryAt: day(6),
    })
    expect(overdue).toMatchObject({ assignmentIds: ['p.overdue.a1'], nextTryAt: null })
  })

  it('leaves out what is only just so, but not what has failed', async () => {
    expect(await brief(day(6))).toEqual([
      'failing grant failing',
      'stuck grant awaiting-operator',
      'overdue revoke under-way',
      'drifted grant drift',
    ])
  })

  it('can be asked for by resource, operation, state, age and package', async () => {
    expect(await brief(day(20), { resourceIds: ['chat'] })).toEqual([
      'stuck grant awaiting-operator',
    ])
    expect(await brief(day(20), { operation: 'revoke' })).toEqual([
      'overdue revoke under-way',
      'unreleased revoke waiting',
    ])
    expect(await brief(day(20), { state: 'drift' })).toEqual(['drifted grant drift'])
    expect(await brief(day(20), { sinceBefore: day(4) })).toEqual(['failing grant failing'])
    expect(await brief(day(20), { packageIds: ['q'], withinPackageIds: ['q', 'r'] })).toEqual([
      'stuck grant awaiting-operator',
      'unseen grant waiting',
    ])
    expect(await brief(day(20), { packageIds: ['q'], withinPackageIds: ['p'] })).toEqual([])
  })

  it('comes in pages, in the same order, and is counted', async () => {
    const seen: (string | null)[] = []
    let cursor: string | undefined
    do {
      const page = await under.views.problems({ limit: 2, cursor }, day(20))
      seen.push(...page.items.map(({ subjectId }) => subjectId))
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    expect(seen).toEqual((await problems()).map(({ subjectId }) => subjectId))
    const counts = await under.views.problemCounts(day(20), { packageIds: ['p'] })
    expect(counts).toEqual([
      {
        kind: 'access',
        resourceId: 'wiki',
        operation: 'grant',
        state: 'drift',
        count: 1,
        oldest: day(12),
      },
      {
        kind: 'access',
        resourceId: 'wiki',
        operation: 'grant',
        state: 'failing',
        count: 1,
        oldest: day(3),
      },
      {
        kind: 'access',
        resourceId: 'wiki',
        operation: 'revoke',
        state: 'under-way',
        count: 1,
        oldest: day(7),
      },
      {
        kind: 'access',
        resourceId: 'wiki',
        operation: 'revoke',
        state: 'waiting',
        count: 1,
        oldest: day(10),
      },
    ])
  })
})

describe('how long access outlives its end', () => {
  let under: ViewsUnderTest
  beforeEach(async () => {
    under = await viewsUnderTest()
  })
  afterEach(() => under.db.close())

  it('counts from the end that was due, by resource, with what is still open', async () => {
    await under.written((log) => {
      const life = (
        subjectId: string,
        end: number,
        recorded: number,
        removed: number | null,
        role = wiki,
      ): void => {
        const story = grantStory(log, subjectId, 'p', role)
        story.assigned(day(1), day(end))
        story.held(day(1))
        story.start(day(1), 'grant', day(2))
        story.provisioned(day(1))
        story.ended(day(recorded), day(end))
        if (removed === null) return
        story.released(day(recorded))
        story.start(day(recorded), 'revoke', day(30))
        story.revoked(day(removed))
      }
      life('one', 3, 3, 4)
      life('two', 3, 5, 6)
      life('three', 4, 4, 4)
      life('late', 9, 10, null)
      life('chatter', 3, 3, 10, chat)
      // Removed before its end was due.
      life('early', 20, 6, 8)
    })
    expect(await under.views.removalLags()).toEqual([
      {
        resourceId: 'chat',
        removed: 1,
        millis: { p50: 7 * DAY, p95: 7 * DAY, p99: 7 * DAY, max: 7 * DAY },
        open: 0,
        oldestEndedAt: null,
      },
      {
        resourceId: 'wiki',
        removed: 4,
        millis: { p50: DAY, p95: 3 * DAY, p99: 3 * DAY, max: 3 * DAY },
        open: 1,
        oldestEndedAt: day(9),
      },
    ])
    expect(
      await under.views.removalLags({ resourceIds: ['wiki'], from: day(6), to: day(8) }),
    ).toMatchObject([{ removed: 1, millis: { max: 3 * DAY }, open: 1 }])
    expect(await under.views.removalHistograms([0, DAY, 2 * DAY])).toEqual([
      { resourceId: 'chat', count: 1, sumMillis: 7 * DAY, atMost: [0, 0, 0] },
      { resourceId: 'wiki', count: 4, sumMillis: 6 * DAY, atMost: [1, 2, 3] },
    ])
  })

  it('counts from the last of several ends, in whatever order they let go', async () => {
    await under.written((log) => {
      const [one, two] = [grantStory(log, 'ann', 'p'), grantStory(log, 'ann', 'q')]
      for (const story of [one, two]) {
        story.assigned(day(1), null)
        story.held(day(1))
      }
      one.start(day(1), 'grant', day(2))
      one.provisioned(day(1))
      two.ended(day(3), day(3))
      one.ended(day(5), day(5))
      // The one that ended last lets go first.
      one.released(day(6))
      two.released(day(7))
      two.start(day(7), 'revoke', day(8))
      two.revoked(day(7))
    })
    expect(await under.views.removalLags()).toMatchObject([{ millis: { max: 2 * DAY } }])
  })

  it('says nothing of access that is held again, or was there before us', async () => {
    await under.written((log) => {
      const again = grantStory(log, 'again')
      again.held(day(1))
      again.start(day(1), 'grant', day(2))
      again.provisioned(day(1))
      again.released(day(3))
      grantStory(log, 'again', 'q').held(day(4))
      again.start(day(4), 'grant', day(5))
      again.provisioned(day(4))
      const before = grantStory(log, 'before')
      before.held(day(1))
      before.add(day(1), {
        type: 'PreexistingAccessFound.v3',
        data: {
          ...wiki,
          subjectId: 'before',
          operationId: '00000000-0000-5000-8000-000000000001',
          kept: true,
          account: null,
        },
      })
      before.released(day(3))
    })
    expect(await under.views.removalLags()).toEqual([])
  })
})
