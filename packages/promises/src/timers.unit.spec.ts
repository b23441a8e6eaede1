import { addMillis } from '@portcullis/core'
import { describe, expect, it } from 'vitest'
import { anew, at, find, moved, replaced, upTo, without } from './edits.fixture.ts'
import type { LogEvent } from './logEvent.ts'
import { brokenBy, evidenceOf, NOW, quarter, REPO, WIKI } from './quarter.fixture.ts'

const TOOLS = 'entitlement-tools.mira'
const EXTRA = 'entitlement-extra.mira'
const SECOND = 1_000

const timers: readonly (readonly [string, LogEvent])[] = [
  ['approval time-out', find('entitlement-tools.nils', 'ApprovalTimedOut.v1')],
  ['reminder', find(TOOLS, 'ExtensionReminderDue.v1')],
  ['start', find(EXTRA, 'AssignmentStarted.v1')],
  ['expiry', find(EXTRA, 'AssignmentEnded.v2')],
]
const late = (events: readonly LogEvent[], lateMillis: number, from?: string, to?: string) =>
  brokenBy(
    evidenceOf(events, {
      tolerance: {
        lateMillis,
        downtimes: from === undefined || to === undefined ? [] : [{ from, to }],
      },
    }),
  )

describe.each(timers)('promise 5: the %s', (_, event) => {
  const dueAt = event.metadata.at

  it('may not fire twice', () => {
    expect(brokenBy(evidenceOf(replaced(event, event, anew(event))))).toEqual({
      5: [expect.stringMatching(/ fired twice: .* at position \d+ and .* at position \d+$/)],
    })
  })

  it('may not fire early', () => {
    const early = addMillis(dueAt, -1)
    expect(brokenBy(evidenceOf(replaced(event, at(event, early))))).toEqual({
      5: [expect.stringMatching(` fired at ${early} .* before ${dueAt}$`)],
    })
  })

  it('may be late by what is tolerated, and by downtime', () => {
    const firedAt = addMillis(dueAt, 90 * SECOND)
    const events = replaced(event, at(event, firedAt))
    expect(late(events, 0)).toEqual({
      5: [expect.stringMatching(/was due at .* 1 min 30 s of uptime late$/)],
    })
    expect(late(events, 90 * SECOND)).toEqual({})
    const up = addMillis(dueAt, 80 * SECOND)
    expect(late(events, 10 * SECOND, addMillis(dueAt, -SECOND), up)).toEqual({})
    expect(late(events, 9 * SECOND, addMillis(dueAt, -SECOND), up)).toEqual({
      5: [expect.stringContaining('10 s of uptime late')],
    })
  })
})

describe('promise 5: every timer fires once', () => {
  it('breaks when a timer is forgotten', () => {
    const timedOut = find('entitlement-tools.nils', 'ApprovalTimedOut.v1')
    const evidence = evidenceOf(upTo(find(TOOLS, 'RolesRevoked.v1')), {
      memberships: new Set([WIKI, REPO, 'repo.member.timo']),
      now: '2026-05-15T08:00:05.000Z',
    })
    expect(brokenBy(evidence)[5]).toEqual([
      "the approval time-out of stage 1 of tools.nils.r1 was due at 2026-05-15T08:00:00.000Z and hasn't fired for 5 s",
    ])
    expect(brokenBy({ ...evidence, now: timedOut.metadata.at })[5]).toBeUndefined()
    const tolerance = { lateMillis: 5 * SECOND, downtimes: [] }
    expect(brokenBy({ ...evidence, tolerance })[5]).toBeUndefined()
  })

  it('breaks when an expiry, a start or a reminder is forgotten', () => {
    const upToExtension = upTo(find(TOOLS, 'AssignmentExtended.v1'))
    expect(brokenBy(evidenceOf(upToExtension, { now: NOW }))[5]).toEqual([
      expect.stringContaining('the reminder P14D of tools.mira.a1 (end version 2) was due'),
      expect.stringContaining('the reminder P1D of tools.mira.a1 (end version 2) was due'),
      expect.stringContaining('the expiry of tools.mira.a1 was due at 2026-06-30T08:00:00.000Z'),
      expect.stringContaining('the reminder P1D of tools.timo.a1 (end version 1) was due'),
      expect.stringContaining('the expiry of tools.timo.a1 was due at 2026-05-31T08:00:00.000Z'),
      expect.stringContaining('the start of extra.mira.a1 was due at 2026-06-20T08:00:00.000Z'),
      expect.stringContaining('the expiry of extra.mira.a1 was due at 2026-07-05T08:00:00.000Z'),
    ])
  })

  it('breaks when a reminder hadn’t fired when its end was moved', () => {
    const reminder = find(TOOLS, 'ExtensionReminderDue.v1')
    expect(brokenBy(evidenceOf(without(reminder)))).toEqual({
      5: [
        expect.stringMatching(
          /^the reminder P14D of tools.mira.a1 \(end version 1\) was due at .* hadn't fired when AssignmentExtended.v1/,
        ),
      ],
    })
  })

  it('takes a reminder that was skipped for fired', () => {
    const due = find(TOOLS, 'ExtensionReminderDue.v1')
    const { endAt, ...data } = due.data
    const skipped = {
      ...due,
      type: 'ExtensionReminderSkipped.v1' as const,
      data: { ...data, reason: 'later-reminder-due' as const },
    }
    expect(brokenBy(evidenceOf(replaced(due, skipped)))).toEqual({})
  })

  it('passes over a reminder that was skipped because the assignment had ended', () => {
    const due = find(TOOLS, 'ExtensionReminderDue.v1')
    const ended = find(TOOLS, 'AssignmentEnded.v2')
    const { endAt, ...data } = due.data
    const skipped = (reason: 'assignment-ended' | 'end-reached') => ({
      ...anew(due),
      type: 'ExtensionReminderSkipped.v1' as const,
      data: { ...data, endVersion: 3, reason },
    })
    expect(brokenBy(evidenceOf(replaced(ended, ended, skipped('assignment-ended'))))).toEqual({})
    expect(brokenBy(evidenceOf(replaced(ended, ended, skipped('end-reached'))))).toEqual({
      5: [expect.stringContaining('but no such timer was running')],
    })
  })

  it('breaks when timers of a stream fire out of order', () => {
    const [p14d, p1d] = [1, 2].map((nth) => find(TOOLS, 'ExtensionReminderDue.v1', nth))
    if (p14d === undefined || p1d === undefined) throw new Error('no reminders')
    const events = moved(p14d, p1d)
    const all = { lateMillis: 30 * 86_400 * SECOND, downtimes: [] }
    expect(brokenBy(evidenceOf(events, { tolerance: all }))).toEqual({
      5: [
        expect.stringMatching(
          /the reminder P14D of tools.mira.a1 \(end version 2\), due at .* after the reminder P1D/,
        ),
      ],
    })
  })

  it('breaks when a timer fires that was never set', () => {
    const reminder = find(TOOLS, 'ExtensionReminderDue.v1')
    const unset = { ...anew(reminder), data: { ...reminder.data, endVersion: 9 } }
    expect(brokenBy(evidenceOf(replaced(reminder, reminder, unset)))).toEqual({
      5: [expect.stringContaining('but no such timer was running')],
    })
  })

  it('breaks when somebody decides after the time-out', () => {
    const denied = find('entitlement-tools.pia', 'ApprovalDenied.v1')
    const decideBy = '2026-05-15T08:00:00.000Z'
    expect(brokenBy(evidenceOf(replaced(denied, at(denied, decideBy))))).toEqual({
      5: [expect.stringContaining(`was at ${decideBy}, but ApprovalDenied.v1`)],
    })
  })

  it('breaks when a failed operation is tried again too early, or not at all', () => {
    const stream = 'grant-repo.member.timo'
    const retried = find(stream, 'ProvisioningStarted.v2')
    const early = addMillis(retried.metadata.at, -1)
    expect(brokenBy(evidenceOf(replaced(retried, at(retried, early))))).toEqual({
      5: [expect.stringContaining(`repo.member.timo was tried again at ${early}`)],
    })
    const failed = find(stream, 'ProvisioningFailed.v1')
    const evidence = evidenceOf(upTo(failed), {
      memberships: new Set([WIKI, REPO]),
      now: addMillis(retried.metadata.at, SECOND),
    })
    expect(brokenBy(evidence)).toEqual({
      5: [expect.stringContaining("hasn't been for 1 s")],
    })
    expect(quarter).toContain(failed)
  })
})
