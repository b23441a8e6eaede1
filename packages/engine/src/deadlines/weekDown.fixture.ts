import { addMillis, type Instant } from '@portcullis/core'
import { exampleTerms } from '@portcullis/domain/testing'
import { createPackage, openTerms, send, submit } from '../testing/send.ts'
import type { TestEngine } from '../testing/testEngine.ts'

const HOUR = 3_600_000
export const DAY = 24 * HOUR
/** All are engineers, and each gets everything. */
const PEOPLE = ['alice', 'anna', 'ben', 'carl', 'dora', 'emil'] as const
/**
 * Days until an access ends: before the downtime, in it, and so long after it that both reminders fall into it, or one,
 * or none.
 */
const LASTING = [5, 11, 13, 16, 17, 18, 20, 26, 30, 31, 38] as const
const APPROVAL_DAYS = [4, 12, 20] as const
/** Days until a planned access starts and ends: it starts before the downtime, or in it, or after it. */
const PLANNED = [
  [4, 12],
  [11, 14],
  [12, 30],
  [14, 19],
  [21, 25],
] as const

/**
 * What a timer does when it fires: `AssignmentEnded lasting-20.alice`, and the mails that follow from it, `ended
 * alice`.
 */
export interface Firing {
  readonly event: string
  readonly mails: readonly string[]
}

export interface Timer {
  readonly dueAt: Instant
  /** @param now when it fires, at its time or late */
  readonly firing: (now: Instant) => Firing
}

/** Reminders and end of an access. Days have 24 hours here: there is no clock change in June and July. */
const lasting = (id: string, subject: string, from: Instant, endAt: Instant): readonly Timer[] => {
  const oneDay = addMillis(endAt, -DAY)
  const reminder = (dueAt: Instant, kind: string, uselessFrom: Instant): Timer => ({
    dueAt,
    firing: (now) =>
      now < uselessFrom
        ? { event: `ExtensionReminderDue ${id}`, mails: [`${kind} ${subject}`] }
        : { event: `ExtensionReminderSkipped ${id}`, mails: [] },
  })
  return [
    reminder(addMillis(endAt, -14 * DAY), 'ends-in-14-days', oneDay),
    reminder(oneDay, 'ends-in-1-day', endAt),
    {
      dueAt: endAt,
      firing: () => ({ event: `AssignmentEnded ${id}`, mails: [`ended ${subject}`] }),
    },
  ].filter(({ dueAt }) => dueAt > from)
}

const approval = (id: string, subject: string, dueAt: Instant): Timer => ({
  dueAt,
  firing: () => ({
    event: `ApprovalTimedOut ${id}`,
    mails: [`timed-out ${subject}`, 'approval-timed-out lea', 'approval-timed-out leo'],
  }),
})

/** One whose end is past when its start fires ends without having started. */
const start = (id: string, subject: string, dueAt: Instant, endAt: Instant): Timer => ({
  dueAt,
  firing: (now) =>
    now < endAt
      ? { event: `AssignmentStarted ${id}`, mails: [`delivered ${subject}`] }
      : { event: `AssignmentEnded ${id}`, mails: [`ended ${subject}`] },
})

/**
 * Everybody asks for everything, each a little later.
 * @param downAt when the engine will go down: what is planned to start before has started by then
 * @returns every timer that runs then, worked out from what was asked for
 */
export const fillWeeks = async (engine: TestEngine, downAt: Instant): Promise<readonly Timer[]> => {
  const timers: Timer[] = []
  for (const days of LASTING)
    await createPackage(engine, `lasting-${days}`, {
      terms: openTerms({ expiration: { kind: 'afterHours', hours: days * 24 } }),
    })
  for (const timeoutDays of APPROVAL_DAYS) {
    const stage = { timeoutDays, approverJustification: false }
    const stages = [{ ...stage, approvers: [{ kind: 'group', id: 'leads' } as const] }]
    await createPackage(engine, `asked-${timeoutDays}`, {
      terms: exampleTerms({ approval: { required: true, stages } }),
    })
  }
  for (const [from] of PLANNED) await createPackage(engine, `planned-${from}`)
  const later = (): Instant => {
    engine.clock.advance(1_234_567)
    return engine.clock.now()
  }
  for (const subjectId of PEOPLE) {
    for (const days of LASTING) {
      const from = later()
      await submit(engine, `lasting-${days}`, subjectId)
      const endAt = addMillis(from, days * DAY)
      timers.push(...lasting(`lasting-${days}.${subjectId}`, subjectId, from, endAt))
    }
    for (const days of APPROVAL_DAYS) {
      const dueAt = addMillis(later(), days * DAY)
      await submit(engine, `asked-${days}`, subjectId)
      timers.push(approval(`asked-${days}.${subjectId}`, subjectId, dueAt))
    }
    for (const [from, to] of PLANNED) {
      const now = later()
      const [startAt, endAt] = [addMillis(now, from * DAY), addMillis(now, to * DAY)]
      await send(engine, 'admin', {
        type: 'AssignDirectly',
        packageId: `planned-${from}`,
        subjectId,
        policyId: 'standard',
        startAt,
        endAt,
        justification: null,
      })
      const id = `planned-${from}.${subjectId}`
      if (startAt > downAt) timers.push(start(id, subjectId, startAt, endAt))
      else timers.push(...lasting(id, subjectId, startAt, endAt))
    }
  }
  return timers
}
