import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  approvedBy,
  givenAssignment,
  givenPackage,
  mailsSince,
  request,
  typesOf,
  untilAssignment,
  user,
} from './testing/given.ts'
import { type Engine, later, openEngine } from './testing/openEngine.ts'

describe('S28 Scheduled jobs', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine()
  })
  afterAll(() => engine.close())

  const detail = (assignmentId: string) => engine.as('alice').ok('getAssignment', { assignmentId })
  /** Type and time of an assignment's events of these types. */
  const timesOf = async (assignmentId: string, ...types: readonly string[]) =>
    (await detail(assignmentId)).history
      .map(({ type, at }) => [type.replace(/\.v\d+$/, ''), at] as const)
      .filter(([type]) => types.includes(type))

  it('while the system is up, start and end come by themselves at their time: by alarms, with no sweep for an hour, and not a moment early', async () => {
    const packageId = await givenPackage(engine)
    const now = engine.clock.now()
    const [startAt, endAt] = [later(now, { seconds: 2 }), later(now, { seconds: 4 })]
    const { assignmentId } = await engine
      .as('alice')
      .ok('assignDirectly', { packageId, subjectId: 'sam', policyId: 'standard', startAt, endAt })
    engine.clock.letRun()
    const found = await untilAssignment(engine.as('sam'), assignmentId ?? '', 'Expired')
    engine.clock.hold()
    const at = (type: string): string =>
      found.history.find((entry) => entry.type === type)?.at ?? ''
    expect(at('AssignmentStarted.v1') >= startAt).toBe(true)
    expect(at('AssignmentEnded.v2') >= endAt).toBe(true)
    expect(typesOf(found)).toEqual([
      'RequestSubmitted',
      'RequestAutoApproved',
      'AssignmentScheduled',
      'AssignmentStarted',
      'RolesDelivered',
      'AssignmentEnded',
      'RolesRevoked',
    ])
  })

  it('each kind exactly at its time: approval timeout, start, reminders at 14 d and 1 d, expiry', async () => {
    const packageId = await givenPackage(engine, {
      expiration: { kind: 'afterDays', days: 20 },
      extension: { allowed: true, approvalRequired: false },
    })
    const pending = await givenPackage(engine, {
      approval: approvedBy([user('bob')], { timeoutDays: 2 }),
    })
    const requestId = await request(engine.as('tess'), pending)
    const timeoutAt = later(engine.clock.now(), { days: 2 })
    const startAt = later(engine.clock.now(), { days: 3 })
    const endAt = later(startAt, { days: 20 })
    const { assignmentId } = await engine
      .as('alice')
      .ok('assignDirectly', { packageId, subjectId: 'tess', policyId: 'standard', startAt })
    const due = [timeoutAt, startAt, later(endAt, { days: -14 }), later(endAt, { days: -1 }), endAt]
    for (const at of due) {
      const head = async () => (await engine.runtime.store.head()).toString()
      const before = await head()
      await engine.advanceTo(later(at, { milliseconds: -1 }))
      expect([at, await head()]).toEqual([at, before])
      await engine.advanceTo(at)
    }
    const { history } = await engine.as('tess').ok('getRequest', { requestId })
    expect([history.at(-1)?.type, history.at(-1)?.at]).toEqual(['ApprovalTimedOut.v1', timeoutAt])
    expect(
      await timesOf(
        assignmentId ?? '',
        'AssignmentStarted',
        'ExtensionReminderDue',
        'AssignmentEnded',
      ),
    ).toEqual([
      ['AssignmentStarted', due[1]],
      ['ExtensionReminderDue', due[2]],
      ['ExtensionReminderDue', due[3]],
      ['AssignmentEnded', due[4]],
    ])
  })

  it('when the system was down, what fell due is caught up in the order of its times, each once', async () => {
    const ends = await givenPackage(engine, {
      expiration: { kind: 'afterDays', days: 20 },
      extension: { allowed: true, approvalRequired: false },
    })
    const pending = await givenPackage(engine, { approval: approvedBy([user('bob')]) })
    const assignmentId = await givenAssignment(engine, ends, 'uma')
    const requestId = await request(engine.as('vic'), pending)
    const now = engine.clock.now()
    const { assignmentId: scheduled } = await engine.as('alice').ok('assignDirectly', {
      packageId: ends,
      subjectId: 'will',
      policyId: 'standard',
      startAt: later(now, { days: 10 }),
    })
    await engine.quiet()
    const [mark, head] = [engine.mails.length, await engine.runtime.store.head()]
    await engine.stopWorker()
    await engine.jumpTo(later(now, { days: 21 }))
    await engine.startWorker()
    await engine.quiet()
    const { events } = await engine.runtime.store.readAll({ after: head, limit: 100 })
    const fired = events.filter(({ metadata }) => metadata.actor.id === 'timer')
    // Reminders at 6 and 19 days, the start at 10, the time-out at 14, the end at 20; of two late reminders only the
    // last would be of use, and with the end past neither is.
    expect(fired.map(({ type, stream }) => `${type} ${stream}`)).toEqual([
      `ExtensionReminderSkipped.v1 entitlement-${ends}.uma`,
      `AssignmentStarted.v1 entitlement-${ends}.will`,
      `ApprovalTimedOut.v1 entitlement-${pending}.vic`,
      `ExtensionReminderSkipped.v1 entitlement-${ends}.uma`,
      `AssignmentEnded.v2 entitlement-${ends}.uma`,
    ])
    expect(mailsSince(engine, mark)).toEqual([
      'approval-timed-out bob',
      'delivered will',
      'ended uma',
      'timed-out vic',
    ])
    expect((await detail(assignmentId)).status).toBe('Expired')
    expect((await detail(scheduled ?? '')).status).toBe('Delivered')
    expect((await engine.as('vic').ok('getRequest', { requestId })).subStatus).toBe('TimedOut')
  })

  it('never twice: many sweeps at once, and the clock set back and forth', async () => {
    const packageId = await givenPackage(engine, {
      expiration: { kind: 'afterDays', days: 20 },
      extension: { allowed: true, approvalRequired: false },
    })
    const assignmentId = await givenAssignment(engine, packageId, 'xena')
    const start = engine.clock.now()
    await engine.quiet()
    const mark = engine.mails.length
    for (const days of [6, 19, 20]) {
      await engine.jumpTo(later(start, { days }))
      await Promise.all([1, 2, 3, 4].map(() => engine.sweep()))
      await engine.quiet()
      // Back and forth, as a clock that is set right.
      await engine.advanceTo(later(start, { days: days - 1 }))
      await engine.advanceTo(later(start, { days }))
    }
    const found = await detail(assignmentId)
    expect(typesOf(found).filter((type) => /Reminder|Ended/.test(type))).toEqual([
      'ExtensionReminderDue',
      'ExtensionReminderDue',
      'AssignmentEnded',
    ])
    expect(mailsSince(engine, mark).filter((mail) => mail.endsWith(' xena'))).toEqual([
      'ended xena',
      'ends-in-1-day xena',
      'ends-in-14-days xena',
    ])
  })

  it('a reminder that was missed while the end still lies ahead is sent late, once; the 14-day one is skipped when the 1-day one is due too', async () => {
    const packageId = await givenPackage(engine, {
      expiration: { kind: 'afterDays', days: 20 },
      extension: { allowed: true, approvalRequired: false },
    })
    const assignmentId = await givenAssignment(engine, packageId, 'yann')
    await engine.quiet()
    const mark = engine.mails.length
    await engine.stopWorker()
    await engine.jumpTo(later(engine.clock.now(), { days: 19, hours: 5 }))
    await engine.startWorker()
    await engine.quiet()
    expect(mailsSince(engine, mark)).toEqual(['ends-in-1-day yann'])
    const { history } = await detail(assignmentId)
    expect(
      history.filter(({ type }) => type.includes('Reminder')).map(({ type, data }) => [type, data]),
    ).toMatchObject([
      ['ExtensionReminderSkipped.v1', { offset: 'P14D', reason: 'later-reminder-due' }],
      ['ExtensionReminderDue.v1', { offset: 'P1D' }],
    ])
  })
})
