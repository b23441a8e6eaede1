import { describe, it } from 'vitest'
import { exampleFacts, exampleTerms, service, USER_ADMINISTRATOR, user } from '../testing/index.ts'
import type { EntitlementCommand } from './entitlement.commands.ts'
import {
  A1,
  ASSIGNED,
  approverFacts,
  cancelled,
  DECIDE_BY,
  denied,
  END,
  ended,
  given,
  granted,
  LEADS,
  LENA,
  MIRA,
  NOW,
  R1,
  R2,
  scheduled,
  started,
  submitted,
  timedOut,
} from './entitlement.fixture.ts'

const decide = (decision: 'approve' | 'deny', changes: object = {}): EntitlementCommand => ({
  type: 'DecideApproval',
  requestId: R1,
  decision,
  justification: null,
  ...changes,
})
const asLena = { actor: LENA, facts: approverFacts() }
const stage = (approver: string, approverJustification = false) => ({
  approvers: [{ kind: 'user', id: approver } as const],
  timeoutDays: 2,
  approverJustification,
})
const pendingBy = (terms: Parameters<typeof exampleTerms>[0]) =>
  submitted({ terms: exampleTerms(terms) })

describe('DecideApproval', () => {
  it('approves: the assignment starts now, by the pinned terms (S7, S10)', () => {
    given(submitted()).when(decide('approve'), asLena).thenEvents([granted(), started()])
  })

  it('denies, with the justification kept (S12)', () => {
    given(submitted())
      .when(decide('deny', { justification: 'no' }), asLena)
      .thenEvents([denied({ justification: 'no' })])
  })

  it('counts the period from the approval (S14)', () => {
    given(submitted())
      .when(decide('approve'), { ...asLena, now: '2026-05-10T08:00:00.000Z' })
      .thenEvents([
        granted(),
        started({
          startedAt: '2026-05-10T08:00:00.000Z',
          endAt: '2026-06-09T08:00:00.000Z',
          reminders: [
            { offset: 'P14D', at: '2026-05-26T08:00:00.000Z' },
            { offset: 'P1D', at: '2026-06-08T08:00:00.000Z' },
          ],
        }),
      ])
  })

  it('goes to the first; who comes later learns who decided and when (S11)', () => {
    const metadata = { at: '2026-05-02T00:00:00.000Z' }
    const late = { actor: user('leo'), facts: approverFacts() }
    given(submitted(), Object.assign(granted(), { metadata }), started())
      .when(decide('deny'), late)
      .thenRefused('approval.already-decided', {
        kind: 'conflict',
        data: { decision: 'approve', by: 'lena', at: metadata.at },
        message: 'approved by lena at 2026-05-02T00:00:00.000Z',
      })
    given(submitted(), denied())
      .when(decide('approve'), late)
      .thenRefused('approval.already-decided', {
        data: { decision: 'deny', by: 'lena', at: null },
      })
  })

  it.each([
    ['timed out', timedOut(), 'timedOut'],
    ['cancelled', cancelled(), 'cancelled'],
  ])('is refused once the request has been %s', (_what, event, status) => {
    given(submitted(), event)
      .when(decide('approve'), asLena)
      .thenRefused('request.not-pending', { data: { status } })
  })

  it('is refused where nothing was ever to decide', () => {
    given(submitted({ approval: null }), started())
      .when(decide('approve'), asLena)
      .thenRefused('request.not-pending', { data: { status: 'approved' } })
    given().when(decide('approve'), asLena).thenRefused('request.not-found')
  })

  it('is for approvers, never for one’s own request (S11)', () => {
    given(submitted())
      .when(decide('approve'), { actor: LENA, facts: exampleFacts() })
      .thenRefused('approval.forbidden', { kind: 'forbidden' })
    given(submitted())
      .when(decide('approve'), { actor: MIRA, facts: approverFacts() })
      .thenRefused('approval.own-request')
    given(submitted({ requestorId: 'service:hr' }))
      .when(decide('approve'), { actor: service('hr'), facts: approverFacts() })
      .thenRefused('approval.own-request')
    given(submitted())
      .when(decide('approve'), { actor: service('bot'), facts: approverFacts() })
      .thenRefused('approval.forbidden')
  })

  it('asks for a justification to approve where the policy does, not to deny (S12)', () => {
    const history = pendingBy({ approval: { required: true, stages: [stage('lena', true)] } })
    given(history).when(decide('approve'), asLena).thenRefused('approval.justification-needed')
    given(history).when(decide('deny'), asLena).thenEvents([denied()])
    given(history)
      .when(decide('approve', { justification: 'ok' }), asLena)
      .thenEvents([granted({ justification: 'ok' }), started()])
  })

  it('is too late from the time-out on, even while its timer is late (S13)', () => {
    given(submitted())
      .when(decide('approve'), { ...asLena, now: DECIDE_BY })
      .thenRefused('approval.timed-out', { data: { decideBy: DECIDE_BY } })
    given(submitted())
      .when(decide('deny'), { ...asLena, now: '2026-05-15T07:59:59.999Z' })
      .thenEvents([denied()])
  })

  it('can’t approve what has ended for everybody, only deny it', () => {
    const history = pendingBy({ expiration: { kind: 'onDate', date: '2026-04-30' } })
    given(history)
      .when(decide('approve'), asLena)
      .thenRefused('approval.end-passed', { data: { endAt: '2026-04-30T22:00:00.000Z' } })
    given(history).when(decide('deny'), asLena).thenEvents([denied()])
  })

  it('can’t approve a subject who is disabled or gone meanwhile', () => {
    const facts = approverFacts({ subject: { exists: true, enabled: false } })
    given(submitted())
      .when(decide('approve'), { actor: LENA, facts })
      .thenRefused('subject.disabled')
    given(submitted()).when(decide('deny'), { actor: LENA, facts }).thenEvents([denied()])
  })

  it('opens the next stage where there is one, for another person', () => {
    const history = pendingBy({
      approval: { required: true, stages: [stage('lena'), stage('leo')] },
    })
    const first = granted({ next: { stage: 2, decideBy: '2026-05-03T08:00:00.000Z' } })
    given(history).when(decide('approve'), asLena).thenEvents([first])
    given(history, first).when(decide('approve'), asLena).thenRefused('approval.same-approver')
    given(history, first)
      .when(decide('approve'), { actor: user('leo'), facts: approverFacts() })
      .thenEvents([granted({ stage: 2, approverId: 'leo' }), started()])
    given(history, first)
      .when(decide('deny'), { actor: user('leo'), facts: approverFacts() })
      .thenEvents([denied({ stage: 2, approverId: 'leo' })])
  })
})

describe('TimeOutApproval (S13, S28)', () => {
  const timeOut = (stageNumber = 1) =>
    ({ type: 'TimeOutApproval', requestId: R1, stage: stageNumber }) as const

  it('on time and late', () => {
    for (const now of [DECIDE_BY, '2027-01-01T00:00:00.000Z']) {
      given(submitted()).when(timeOut(), { now }).thenEvents([timedOut()])
    }
  })
  it('not early, also when the clock went back', () => {
    given(submitted())
      .when(timeOut(), { now: '2026-05-15T07:59:59.999Z' })
      .thenRefused('deadline.early', { kind: 'conflict', data: { dueAt: DECIDE_BY } })
  })
  it('not when it has been decided, was of another stage, or has fired', () => {
    given(submitted(), denied()).when(timeOut(), { now: DECIDE_BY }).thenNothing()
    given(submitted()).when(timeOut(2), { now: DECIDE_BY }).thenNothing()
    given(submitted(), timedOut()).when(timeOut(), { now: DECIDE_BY }).thenNothing()
    given().when(timeOut(), { now: DECIDE_BY }).thenRefused('request.not-found')
  })
})

describe('CancelRequest (S22)', () => {
  const cancel = (reason: string | null = null) =>
    ({ type: 'CancelRequest', requestId: R1, reason }) as const
  const direct = [submitted({ kind: 'direct', requestorId: 'ada', approval: null }), scheduled()]

  it('while it waits for approval: by subject, requestor, administrator', () => {
    given(submitted())
      .when(cancel('changed my mind'), { actor: MIRA })
      .thenEvents([cancelled({ reason: 'changed my mind' })])
    given(submitted({ requestorId: 'service:hr' }))
      .when(cancel(), { actor: service('hr') })
      .thenEvents([cancelled({ by: 'service:hr' })])
    given(submitted())
      .when(cancel(), {
        actor: user('ada'),
        facts: exampleFacts([], { actor: USER_ADMINISTRATOR }),
      })
      .thenEvents([cancelled({ by: 'ada' })])
    given(submitted())
      .when(cancel(), { actor: LENA })
      .thenRefused('request.forbidden', { kind: 'forbidden' })
  })
  it('is not for a service that bears the id of the person who asked', () => {
    given(submitted({ requestorId: 'ada' }))
      .when(cancel(), { actor: service('ada') })
      .thenRefused('request.forbidden', { kind: 'forbidden' })
  })
  it('while it waits for its start: the assignment is called off', () => {
    given(...direct)
      .when(cancel(), {
        actor: user('ada'),
        facts: exampleFacts(undefined, { actor: USER_ADMINISTRATOR }),
      })
      .thenEvents([cancelled({ by: 'ada', assignmentId: A1 })])
  })
  it('not by who assigned directly, once their role is gone', () => {
    given(...direct)
      .when(cancel(), { actor: user('ada') })
      .thenRefused('request.forbidden', { kind: 'forbidden' })
  })
  it.each([
    ['fulfilled', ASSIGNED, 'approved'],
    ['fulfilled and over', [...ASSIGNED, ended()], 'approved'],
    ['denied', [submitted(), denied()], 'denied'],
    ['timed out', [submitted(), timedOut()], 'timedOut'],
    ['cancelled', [submitted(), cancelled()], 'cancelled'],
    ['called off', [...direct, cancelled({ by: 'ada', assignmentId: A1 })], 'cancelled'],
  ])('not once it is %s', (_what, history, status) => {
    given(...history)
      .when(cancel(), { actor: MIRA })
      .thenRefused('request.not-cancellable', { kind: 'conflict', data: { status } })
  })
  it('leaves the assignment alone when it is an extension', () => {
    const extension = submitted({ requestId: R2, kind: 'extension', assignmentId: A1 })
    given(...ASSIGNED, extension)
      .when({ ...cancel(), requestId: R2 }, { actor: MIRA, now: NOW })
      .thenEvents([cancelled({ requestId: R2 })])
  })
  it('of nothing is refused', () => {
    given().when(cancel(), { actor: MIRA }).thenRefused('request.not-found')
  })
})

describe('approving an extension (S15)', () => {
  const extension = submitted({ requestId: R2, kind: 'extension', assignmentId: A1 })
  const approveIt = decide('approve', { requestId: R2 })
  it('goes on from the old end', () => {
    given(...ASSIGNED, extension)
      .when(approveIt, { ...asLena, now: '2026-05-14T00:00:00.000Z' })
      .thenEvents([
        granted({ requestId: R2, basis: LEADS }),
        {
          type: 'AssignmentExtended.v1',
          data: {
            assignmentId: A1,
            requestId: R2,
            previousEndAt: END,
            endAt: '2026-06-30T08:00:00.000Z',
            endVersion: 2,
            reminders: [
              { offset: 'P14D', at: '2026-06-16T08:00:00.000Z' },
              { offset: 'P1D', at: '2026-06-29T08:00:00.000Z' },
            ],
          },
        },
      ])
  })
  it('not at the end itself, even while the expiry is late; denying is still possible', () => {
    const late = submitted({
      requestId: R2,
      kind: 'extension',
      assignmentId: A1,
      approval: { stage: 1, decideBy: '2026-06-14T08:00:00.000Z' },
    })
    given(...ASSIGNED, late)
      .when(approveIt, { ...asLena, now: END })
      .thenRefused('approval.assignment-ended', { data: { endAt: END } })
    given(...ASSIGNED, late)
      .when(decide('deny', { requestId: R2 }), { ...asLena, now: END })
      .thenEvents([denied({ requestId: R2 })])
  })
  it('not once the expiry was first', () => {
    given(...ASSIGNED, extension, ended(), cancelled({ requestId: R2, by: 'system' }))
      .when(approveIt, asLena)
      .thenRefused('request.not-pending', { data: { status: 'cancelled' } })
  })
})
