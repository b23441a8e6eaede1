import { user } from '@portcullis/domain/testing'
import { describe, expect, it } from 'vitest'
import { createFindings } from './findings.ts'
import { T, twoPackages } from './gaps.fixture.ts'
import { watchGaps } from './gaps.ts'
import type { LogEvent } from './logEvent.ts'

const OPERATION = '11111111-1111-4111-8111-111111111111'
const NEXT = '22222222-2222-4222-8222-222222222222'
const GAP = [
  expect.stringMatching(
    /^repo\.member\.mira was taken away \(ProvisioningStarted\.v2 at position \d+\) while second\.mira\.a1 conferred it$/,
  ),
]

const gapsIn = (log: readonly LogEvent[]): readonly string[] => {
  const findings = createFindings()
  const watch = watchGaps(findings)
  for (const event of log) watch.see(event)
  return findings.result().broken
}

describe('a gap between two packages that confer the same role', () => {
  it('is found when the other assignment is active and holds nothing yet', () => {
    const story = twoPackages()
    story.clock.set(T)
    story.assign('second', null, null)
    story.expire()
    story.revoke()
    expect(gapsIn(story.log)).toEqual(GAP)
  })

  it('is found when the other one starts in that instant, and was only told later', () => {
    const story = twoPackages()
    story.assign('second', T, null)
    story.clock.set(T)
    story.expire()
    story.revoke()
    story.start()
    expect(gapsIn(story.log)).toEqual(GAP)
  })

  it('is none when the other one starts a moment later', () => {
    const story = twoPackages()
    story.assign('second', '2026-05-02T08:00:00.001Z', null)
    story.clock.set(T)
    story.expire()
    story.revoke()
    expect(gapsIn(story.log)).toEqual([])
  })

  it('is none when the other one started after the revoke had begun', () => {
    const story = twoPackages()
    story.clock.set(T)
    story.expire()
    story.letGo()
    story.begin(OPERATION)
    story.assign('second', null, null)
    story.done(OPERATION, 'absent')
    expect(gapsIn(story.log)).toEqual([])
  })

  it('is none when the other one was over before the revoke ended', () => {
    const story = twoPackages()
    story.clock.set(T)
    story.assign('second', null, null)
    story.expire()
    story.letGo()
    story.begin(OPERATION)
    story.entitlement(
      'second.mira',
      { type: 'RemoveAssignment', assignmentId: 'second.mira.a1', justification: null },
      user('olga'),
      story.administrator,
    )
    story.done(OPERATION, 'absent')
    expect(gapsIn(story.log)).toEqual([])
  })

  it('is none when the revoke was called off before it was carried out', () => {
    const story = twoPackages()
    story.clock.set(T)
    story.assign('second', null, null)
    story.expire()
    story.letGo()
    story.begin(OPERATION)
    const why = { code: 'provisioning.called-off', message: 'kept', transient: true } as const
    story.grant('repo.member.mira', { type: 'AddHold', assignmentId: 'second.mira.a1' })
    story.grant('repo.member.mira', {
      type: 'FailOperation',
      operationId: OPERATION,
      ...why,
      retryAfterMillis: null,
    })
    story.begin(NEXT)
    story.done(NEXT, 'present')
    expect(gapsIn(story.log)).toEqual([])
  })

  it('is found when whoever revoked was killed before telling, by the next look', () => {
    const story = twoPackages()
    story.clock.set(T)
    story.assign('second', null, null)
    story.expire()
    story.letGo()
    story.begin(OPERATION)
    story.clock.set('2026-05-02T08:01:00.000Z')
    story.grant('repo.member.mira', { type: 'AddHold', assignmentId: 'second.mira.a1' })
    story.begin(NEXT, 'absent')
    expect(gapsIn(story.log)).toEqual(GAP)
  })

  it('is none when the access was gone before the revoke began', () => {
    const story = twoPackages()
    story.clock.set(T)
    story.assign('second', null, null)
    story.expire()
    story.letGo()
    story.begin(OPERATION, 'absent')
    story.clock.set('2026-05-02T08:01:00.000Z')
    story.grant('repo.member.mira', { type: 'AddHold', assignmentId: 'second.mira.a1' })
    story.begin(NEXT, 'absent')
    expect(gapsIn(story.log)).toEqual([])
  })

  it.each([
    ['has been rolled out to everybody', [], GAP],
    ['is held back', ['held'], []],
  ])('is judged by the roles that have reached the assignment: one that %s', (_, held, found) => {
    const story = twoPackages(['wiki.reader'])
    story.assign('second', null, null)
    story.deliver('second.mira.a1', ['wiki.reader.mira'], 1)
    const [rollOut] = held
    story.accessPackage({
      type: 'AddResourceRole',
      packageId: 'second',
      resourceId: 'repo',
      roleId: 'member',
      ...(rollOut === 'held' ? { rollOut } : {}),
    })
    if (rollOut === undefined) story.accessPackage({ type: 'StartRollOut', packageId: 'second' })
    story.clock.set(T)
    story.expire()
    story.revoke()
    expect(gapsIn(story.log)).toEqual(found)
  })

  it('is none for a start that ends with its package', () => {
    const story = twoPackages()
    story.assign('second', T, null)
    story.accessPackage({ type: 'DeleteAccessPackage', packageId: 'second' })
    story.clock.set(T)
    story.expire()
    story.revoke()
    expect(gapsIn(story.log)).toEqual([])
  })

  it('is none for a start that was withheld from who has left, until they are back', () => {
    const story = twoPackages()
    story.assign('second', T, null)
    story.clock.set(T)
    story.start({ gone: true })
    expect(story.log.at(-1)?.type).toBe('StartWithheld.v1')
    story.expire()
    story.revoke()
    expect(gapsIn(story.log)).toEqual([])

    const back = twoPackages()
    back.assign('second', T, null)
    back.clock.set(T)
    back.start({ gone: true })
    back.returned()
    back.expire()
    back.revoke()
    expect(gapsIn(back.log)).toEqual(GAP)
  })

  it('is none when the start was withheld before the revoke ended', () => {
    const story = twoPackages()
    story.assign('second', T, null)
    story.clock.set(T)
    story.expire()
    story.letGo()
    story.begin(OPERATION)
    story.start({ gone: true })
    story.done(OPERATION, 'absent')
    expect(gapsIn(story.log)).toEqual([])
  })

  it('is none for a scheduled assignment whose request was cancelled, or whose end comes first', () => {
    const cancelled = twoPackages()
    cancelled.assign('second', T, null)
    cancelled.entitlement(
      'second.mira',
      { type: 'CancelRequest', requestId: 'second.mira.r1', reason: null },
      user('olga'),
      cancelled.administrator,
    )
    cancelled.clock.set(T)
    cancelled.expire()
    cancelled.revoke()
    expect(gapsIn(cancelled.log)).toEqual([])

    const over = twoPackages()
    over.assign('second', '2026-05-02T07:00:00.000Z', '2026-05-02T07:59:00.000Z')
    over.clock.set(T)
    over.expire()
    over.revoke()
    expect(gapsIn(over.log)).toEqual([])
  })
})
