import { describe, it } from 'vitest'
import type { EntitlementEvent } from '../events.ts'
import { exampleFacts, USER_ADMINISTRATOR, user } from '../testing/index.ts'
import {
  A1,
  ASSIGNED,
  assignedBy,
  cancelled,
  END,
  END2,
  ended,
  extended,
  given,
  LENA,
  MIRA,
  NOW,
  P1D,
  P14D,
  R2,
  scheduled,
  submitted,
} from './entitlement.fixture.ts'

const openExtension = submitted({
  requestId: R2,
  kind: 'extension',
  assignmentId: A1,
  approval: { stage: 1, decideBy: END2 },
})
const withdrawn = cancelled({
  requestId: R2,
  by: 'system',
  reason: 'the assignment has ended',
})

describe('ExpireAssignment (S14, S28)', () => {
  const expire = (endVersion = 1) =>
    ({ type: 'ExpireAssignment', assignmentId: A1, endVersion }) as const

  it('on time and late', () => {
    for (const now of [END, '2027-01-01T00:00:00.000Z']) {
      given(...ASSIGNED)
        .when(expire(), { now })
        .thenEvents([ended()])
    }
  })
  it('not early, also when the clock went back', () => {
    given(...ASSIGNED)
      .when(expire(), { now: '2026-05-31T07:59:59.999Z' })
      .thenRefused('deadline.early', { data: { dueAt: END } })
  })
  it('not twice, not after a removal, not for an end that was moved', () => {
    given(...ASSIGNED, ended())
      .when(expire(), { now: END })
      .thenNothing()
    given(...ASSIGNED, ended({ reason: 'removed', by: 'mira' }))
      .when(expire(), { now: END })
      .thenNothing()
    given(...ASSIGNED, extended())
      .when(expire(1), { now: END2 })
      .thenNothing()
    given(...ASSIGNED, extended())
      .when(expire(2), { now: END2 })
      .thenEvents([ended({ endAt: END2 })])
  })
  it('never where there is no end', () => {
    given(...assignedBy({}, { endAt: null, reminders: [] }))
      .when(expire(), { now: END2 })
      .thenNothing()
  })
  it('withdraws an extension that still waits', () => {
    given(...ASSIGNED, openExtension)
      .when(expire(), { now: END })
      .thenEvents([ended(), withdrawn])
  })
  it('is the engine’s own', () => {
    given(...ASSIGNED)
      .when(expire(), { now: END, actor: MIRA })
      .thenRefused('entitlement.engine-only', { kind: 'forbidden' })
    given().when(expire(), { now: END }).thenRefused('assignment.not-found')
  })
})

describe('RemoveAssignment (S25)', () => {
  const remove = { type: 'RemoveAssignment', assignmentId: A1, justification: 'done' } as const
  const removed = (by: string) => ended({ reason: 'removed', by, justification: 'done' })
  const asAda = {
    actor: user('ada'),
    facts: exampleFacts([], { actor: USER_ADMINISTRATOR }),
  }

  it('by the subject or an administrator of the package', () => {
    given(...ASSIGNED)
      .when(remove, { actor: MIRA })
      .thenEvents([removed('mira')])
    given(...ASSIGNED)
      .when(remove, asAda)
      .thenEvents([removed('ada')])
    given(...ASSIGNED)
      .when(remove, { actor: LENA })
      .thenRefused('assignment.forbidden', { kind: 'forbidden', message: 'User administrator' })
  })
  it('also before it has started', () => {
    given(submitted({ kind: 'direct', approval: null }), scheduled())
      .when(remove, asAda)
      .thenEvents([ended({ reason: 'removed', by: 'ada', justification: 'done', endAt: END2 })])
  })
  it('withdraws an extension that still waits', () => {
    given(...ASSIGNED, openExtension)
      .when(remove, { actor: MIRA })
      .thenEvents([removed('mira'), withdrawn])
  })
  it('not once it is over', () => {
    given(...ASSIGNED, ended())
      .when(remove, { actor: MIRA })
      .thenRefused('assignment.already-ended', { kind: 'conflict' })
    given(submitted({ kind: 'direct', approval: null }), scheduled(), cancelled())
      .when(remove, asAda)
      .thenRefused('assignment.already-ended')
    given().when(remove, { actor: MIRA }).thenRefused('assignment.not-found')
  })
})

describe('RemindOfEnd (S15, S28)', () => {
  const remind = (offset: 'P14D' | 'P1D', endVersion = 1) =>
    ({ type: 'RemindOfEnd', assignmentId: A1, endVersion, offset }) as const
  const due = (offset: 'P14D' | 'P1D'): EntitlementEvent => ({
    type: 'ExtensionReminderDue.v1',
    data: { assignmentId: A1, endVersion: 1, offset, endAt: END },
  })
  const skipped = (
    offset: 'P14D' | 'P1D',
    reason: 'assignment-ended' | 'later-reminder-due' | 'end-reached',
  ): EntitlementEvent => ({
    type: 'ExtensionReminderSkipped.v1',
    data: { assignmentId: A1, endVersion: 1, offset, reason },
  })

  it('each in its time', () => {
    given(...ASSIGNED)
      .when(remind('P14D'), { now: P14D })
      .thenEvents([due('P14D')])
    given(...ASSIGNED, due('P14D'))
      .when(remind('P1D'), { now: P1D })
      .thenEvents([due('P1D')])
  })
  it('late, while it is still of use', () => {
    given(...ASSIGNED)
      .when(remind('P14D'), { now: '2026-05-30T07:59:59.999Z' })
      .thenEvents([due('P14D')])
  })
  it('skipped when the next is due too, or the end is', () => {
    given(...ASSIGNED)
      .when(remind('P14D'), { now: P1D })
      .thenEvents([skipped('P14D', 'later-reminder-due')])
    given(...ASSIGNED)
      .when(remind('P1D'), { now: END })
      .thenEvents([skipped('P1D', 'end-reached')])
    given(...ASSIGNED)
      .when(remind('P14D'), { now: END })
      .thenEvents([skipped('P14D', 'end-reached')])
    given(...ASSIGNED, ended({ reason: 'removed', by: 'mira' }))
      .when(remind('P14D'), { now: P14D })
      .thenEvents([skipped('P14D', 'assignment-ended')])
  })
  it('not early, also when the clock went back', () => {
    given(...ASSIGNED)
      .when(remind('P14D'), { now: NOW })
      .thenRefused('deadline.early', { data: { dueAt: P14D } })
  })
  it('never twice: not after it was sent, nor after it was skipped', () => {
    given(...ASSIGNED, due('P14D'))
      .when(remind('P14D'), { now: P14D })
      .thenNothing()
    given(...ASSIGNED, skipped('P14D', 'later-reminder-due'))
      .when(remind('P14D'), { now: P1D })
      .thenNothing()
  })
  it('not of an end that was moved, nor one that was never planned', () => {
    given(...ASSIGNED, extended())
      .when(remind('P1D'), { now: P1D })
      .thenNothing()
    given(...assignedBy({}, { reminders: [] }))
      .when(remind('P1D'), { now: P1D })
      .thenNothing()
  })
  it('again for a new end', () => {
    given(...ASSIGNED, due('P14D'), extended())
      .when(remind('P14D', 2), { now: '2026-06-16T08:00:00.000Z' })
      .thenEvents([
        {
          type: 'ExtensionReminderDue.v1',
          data: { assignmentId: A1, endVersion: 2, offset: 'P14D', endAt: END2 },
        },
      ])
  })
})
