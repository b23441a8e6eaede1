import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ProblemFilters } from '../queries/problemQueries.ts'
import { grantStory } from '../testing/grantEvents.ts'
import { day, wiki } from '../testing/sampleEvents.ts'
import { type ViewsUnderTest, viewsUnderTest } from '../testing/viewsUnderTest.ts'
import {
  createProblemFindings,
  type ProblemFinding,
  type ProblemFindings,
} from './problemFindings.ts'

const finding = (
  key: string,
  since: string,
  more: Partial<ProblemFinding> = {},
): ProblemFinding => ({
  key,
  since,
  code: 'overdue.end',
  message: 'it should have ended',
  ...more,
})

describe('what checks find', () => {
  let under: ViewsUnderTest
  let findings: ProblemFindings
  beforeEach(async () => {
    under = await viewsUnderTest()
    findings = createProblemFindings(under.db.pool)
  })
  afterEach(() => under.db.close())

  const listed = async (filters: ProblemFilters = {}) =>
    (await under.views.problems({ limit: 100 }, day(20), filters)).items
  const brief = async (filters: ProblemFilters = {}) =>
    (await listed(filters)).map(({ id, since }) => `${id} ${since}`)

  it('is an open problem, with all that it is about', async () => {
    await findings.replace('overdue', [
      finding('p.ann.a1', day(3), {
        packageId: 'p',
        subjectId: 'ann',
        resourceId: 'wiki',
        roleId: 'editor',
        assignmentIds: ['p.ann.a1'],
        requestIds: ['p.ann.r1'],
      }),
    ])
    expect(await listed()).toEqual([
      {
        id: 'overdue:p.ann.a1',
        kind: 'overdue',
        packageId: 'p',
        resourceId: 'wiki',
        roleId: 'editor',
        subjectId: 'ann',
        operation: null,
        state: 'found',
        since: day(3),
        assignmentIds: ['p.ann.a1'],
        requestIds: ['p.ann.r1'],
        attempts: 0,
        error: null,
        detail: { code: 'overdue.end', message: 'it should have ended' },
        nextTryAt: null,
      },
    ])
  })

  it('keeps its age while it is found again, and goes when it isn’t, each kind for itself', async () => {
    await findings.replace('overdue', [finding('one', day(3)), finding('two', day(4))])
    await findings.replace('leaver', [finding('one', day(5))])
    await findings.replace('overdue', [
      finding('one', day(9), { message: 'still' }),
      finding('three', day(10)),
    ])
    expect(await brief()).toEqual([
      `overdue:one ${day(3)}`,
      `leaver:one ${day(5)}`,
      `overdue:three ${day(10)}`,
    ])
    expect((await listed())[0]?.detail?.message).toBe('still')
    await findings.replace('overdue', [])
    expect(await brief()).toEqual([`leaver:one ${day(5)}`])
    // Found anew after it had gone, it is a new problem.
    await findings.replace('overdue', [finding('one', day(12))])
    expect(await brief({ kinds: ['overdue'] })).toEqual([`overdue:one ${day(12)}`])
  })

  it('holds each key once, also when a check names it twice, and whichever of two checks writes', async () => {
    await findings.replace('overdue', [finding('one', day(3)), finding('one', day(3))])
    expect(await brief()).toEqual([`overdue:one ${day(3)}`])
    await Promise.all([
      findings.replace('overdue', [finding('one', day(4)), finding('a', day(4))]),
      findings.replace('overdue', [finding('one', day(5)), finding('b', day(4))]),
    ])
    const [first, second, ...others] = await brief()
    expect([first, others]).toEqual([`overdue:one ${day(3)}`, []])
    expect([`overdue:a ${day(4)}`, `overdue:b ${day(4)}`]).toContain(second)
  })

  it('is seen through its package, or one of its assignments or requests; without any only by who sees everything', async () => {
    await findings.replace('leaver', [
      finding('package', day(1), { packageId: 'p' }),
      finding('assignment', day(2), { assignmentIds: ['q.ann.a1', 'r.ann.a1'] }),
      finding('request', day(3), { requestIds: ['r.ann.r1'] }),
      finding('none', day(4)),
    ])
    const keys = async (filters: ProblemFilters) =>
      (await listed(filters)).map(({ id }) => id.slice('leaver:'.length))
    expect(await keys({})).toEqual(['package', 'assignment', 'request', 'none'])
    expect(await keys({ withinPackageIds: ['p'] })).toEqual(['package'])
    expect(await keys({ withinPackageIds: ['r'] })).toEqual(['assignment', 'request'])
    expect(await keys({ packageIds: ['q'] })).toEqual(['assignment'])
    expect(await keys({ withinPackageIds: [] })).toEqual([])
    expect(await under.views.problemCounts(day(20), { withinPackageIds: ['r'] })).toEqual([
      {
        kind: 'leaver',
        resourceId: null,
        operation: null,
        state: 'found',
        count: 2,
        oldest: day(2),
      },
    ])
  })

  it('doesn’t tell who asks for a foreign package whether what they see is held through it too', async () => {
    await under.written((log) => {
      const mine = grantStory(log, 'both', 'p')
      mine.held(day(2))
      grantStory(log, 'both', 'q').held(day(2))
    })
    await findings.replace('leaver', [
      finding('both', day(3), { assignmentIds: ['p.both.a1', 'q.both.a1'] }),
    ])
    expect(await brief({ packageIds: ['q'], withinPackageIds: ['p'] })).toEqual([])
    expect(await brief({ packageIds: ['p'], withinPackageIds: ['p'] })).toEqual([
      `${wiki.resourceId}.${wiki.roleId}.both ${day(2)}`,
      `leaver:both ${day(3)}`,
    ])
  })

  it('comes in pages between grants of the same instant, none twice and none left out', async () => {
    await under.written((log) => {
      for (const subject of ['ann', 'ben', 'cid']) grantStory(log, subject).held(day(3))
    })
    await findings.replace(
      'no-approver',
      ['x', 'y', 'z'].map((key) => finding(key, day(3))),
    )
    await findings.replace('overdue', [finding('first', day(1)), finding('last', day(9))])
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await under.views.problems({ limit: 2, cursor }, day(20))
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    expect(seen).toEqual([
      'overdue:first',
      'wiki.editor.ann',
      'wiki.editor.ben',
      'wiki.editor.cid',
      'no-approver:x',
      'no-approver:y',
      'no-approver:z',
      'overdue:last',
    ])
  })
})
