import { describe, expect, it } from 'vitest'
import { exampleFacts, exampleTerms, service, user } from '../testing/index.ts'
import {
  A1,
  ASSIGNED,
  assignedBy,
  autoApproved,
  cancelled,
  denied,
  END,
  END2,
  ended,
  extended,
  given,
  LENA,
  MIRA,
  NO_APPROVAL,
  NOW,
  P14D,
  R1,
  R2,
  scheduled,
  started,
  submitted,
  timedOut,
} from './entitlement.fixture.ts'

const extension = (changes: object = {}) =>
  submitted({ requestId: R2, kind: 'extension', assignmentId: A1, approval: null, ...changes })
const extend = (justification: string | null = null) =>
  ({ type: 'RequestExtension', assignmentId: A1, justification }) as const
const withoutApproval = autoApproved('extension-without-approval', R2)
const at14 = { actor: MIRA, now: P14D }

describe('RequestExtension (S15)', () => {
  it('goes on for one more period from the end, without approval where the policy says so', () => {
    given(...ASSIGNED)
      .when(extend(), at14)
      .thenEvents([extension(), withoutApproval, extended()])
  })

  it('asks the same approvers where approval is required, within their own time', () => {
    const terms = exampleTerms({ extension: { allowed: true, approvalRequired: true } })
    given(submitted({ terms, approval: null }), started())
      .when(extend(), at14)
      .thenEvents([
        extension({ terms, approval: { stage: 1, decideBy: '2026-05-31T08:00:00.000Z' } }),
      ])
  })

  it('may come from a service, from nobody else', () => {
    given(...ASSIGNED)
      .when(extend(), { actor: service('hr'), now: P14D })
      .thenEvents([extension({ requestorId: 'service:hr' }), withoutApproval, extended()])
    given(...ASSIGNED)
      .when(extend(), { actor: LENA, now: P14D })
      .thenRefused('extension.forbidden', { kind: 'forbidden' })
  })

  it('works a second time like the first', () => {
    given(...ASSIGNED, extension(), withoutApproval, extended())
      .when(extend(), { actor: MIRA, now: END })
      .thenEvents([
        extension({ requestId: 'tools.mira.r3' }),
        autoApproved('extension-without-approval', 'tools.mira.r3'),
        extended({
          requestId: 'tools.mira.r3',
          previousEndAt: END2,
          endAt: '2026-07-30T08:00:00.000Z',
          endVersion: 3,
          reminders: [
            { offset: 'P14D', at: '2026-07-16T08:00:00.000Z' },
            { offset: 'P1D', at: '2026-07-29T08:00:00.000Z' },
          ],
        }),
      ])
  })

  it('does not pile up: not while more than one period is left', () => {
    given(...ASSIGNED, extension(), withoutApproval, extended())
      .when(extend(), { actor: MIRA, now: '2026-05-31T07:59:59.999Z' })
      .thenRefused('extension.too-early', {
        kind: 'not-allowed',
        data: { from: END, endAt: END2 },
        message: END,
      })
  })

  it('is by hours where the policy is', () => {
    const terms = { expiration: { kind: 'afterHours', hours: 12 } } as const
    given(...assignedBy(terms))
      .when(extend(), { actor: MIRA, now: '2026-05-30T19:59:59.999Z' })
      .thenRefused('extension.too-early', {
        data: { from: '2026-05-30T20:00:00.000Z', endAt: END },
      })
    given(...assignedBy(terms))
      .when(extend(), { actor: MIRA, now: '2026-05-31T00:00:00.000Z' })
      .thenEvents([
        extension({ terms: exampleTerms({ ...NO_APPROVAL, ...terms }) }),
        withoutApproval,
        extended({ endAt: '2026-05-31T20:00:00.000Z', reminders: [] }),
      ])
  })

  it('with a fixed date only moves an earlier end up to it', () => {
    const terms = { expiration: { kind: 'onDate', date: '2026-06-30' } } as const
    const limit = '2026-06-30T22:00:00.000Z'
    given(...assignedBy(terms))
      .when(extend(), { actor: MIRA })
      .thenEvents([
        extension({ terms: exampleTerms({ ...NO_APPROVAL, ...terms }) }),
        withoutApproval,
        // Nothing is left to extend to, so nobody is asked to.
        extended({ endAt: limit, reminders: [] }),
      ])
    given(...assignedBy(terms, { endAt: limit }))
      .when(extend(), { actor: MIRA })
      .thenRefused('extension.fixed-date', { data: { endAt: limit, date: '2026-06-30' } })
  })

  it.each([
    ['doesn’t allow it', { extension: { allowed: false } }, {}, 'extension.not-allowed'],
    ['has no period', { expiration: { kind: 'never' } }, {}, 'extension.no-period'],
    ['set no end', { expiration: { kind: 'never' } }, { endAt: null }, 'extension.no-end'],
  ] as const)('is refused when the policy %s', (_what, terms, changes, code) => {
    given(...assignedBy(terms, changes))
      .when(extend(), at14)
      .thenRefused(code, { kind: 'not-allowed' })
  })

  it('follows the terms of the request, whatever the policy says now (S7)', () => {
    const facts = exampleFacts([])
    given(...ASSIGNED)
      .when(extend(), { ...at14, facts })
      .thenEvents([extension(), withoutApproval, extended()])
  })

  it('asks for a justification where the policy does (S12)', () => {
    const terms = { requestorJustification: true }
    given(...assignedBy(terms))
      .when(extend(' '), at14)
      .thenRefused('request.justification-needed')
    expect(given(...assignedBy(terms)).when(extend('more time'), at14).decision.ok).toBe(true)
  })

  it('is refused while one waits, and possible again after one that came to nothing', () => {
    const open = extension({ approval: { stage: 1, decideBy: END } })
    given(...ASSIGNED, open)
      .when(extend(), at14)
      .thenRefused('extension.already-pending', { data: { requestId: R2 } })
    for (const over of [denied({ requestId: R2 }), timedOut(R2), cancelled({ requestId: R2 })]) {
      given(...ASSIGNED, open, over)
        .when(extend(), at14)
        .thenEvents([
          extension({ requestId: 'tools.mira.r3' }),
          autoApproved('extension-without-approval', 'tools.mira.r3'),
          extended({ requestId: 'tools.mira.r3' }),
        ])
    }
  })

  it('is refused before the start, and from the end on', () => {
    given(submitted({ kind: 'direct', approval: null }), scheduled())
      .when(extend(), { actor: MIRA, now: NOW })
      .thenRefused('extension.not-active')
    given(...ASSIGNED)
      .when(extend(), { actor: MIRA, now: END })
      .thenRefused('extension.assignment-ended', { kind: 'conflict' })
    given(...ASSIGNED, ended({ reason: 'removed', by: 'mira' }))
      .when(extend(), at14)
      .thenRefused('extension.assignment-ended')
    given().when(extend(), at14).thenRefused('assignment.not-found')
  })

  it('is refused to who is disabled', () => {
    const facts = exampleFacts([], { subject: { exists: true, enabled: false } })
    given(...ASSIGNED)
      .when(extend(), { ...at14, facts })
      .thenRefused('subject.disabled')
    given(...ASSIGNED)
      .when(extend(), { actor: user('omar'), now: P14D, facts })
      .thenRefused('extension.forbidden')
  })

  it('leaves the end as it was when it is denied or times out', () => {
    const open = extension({ approval: { stage: 1, decideBy: END } })
    for (const over of [denied({ requestId: R2 }), timedOut(R2)]) {
      const { state } = given(...ASSIGNED, open, over).when({
        type: 'TimeOutApproval',
        requestId: R1,
        stage: 1,
      })
      expect(state.assignments).toMatchObject([{ endAt: END, endVersion: 1, status: 'active' }])
    }
  })
})
