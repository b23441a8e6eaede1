import type { PortcullisEvent } from '@portcullis/domain'
import { describe, expect, it } from 'vitest'
import type { AssignmentView, RequestView } from '../rows.ts'
import { eventLog } from '../testing/eventLog.ts'
import {
  autoApproved,
  basis,
  chat,
  day,
  granted,
  policy,
  started,
  submitted,
  twoStages,
  wiki,
} from '../testing/sampleEvents.ts'
import type { AssignmentRow } from './assignments.fold.ts'
import { foldEntitlement } from './entitlements.projector.ts'
import type { ProgressRow } from './progress.fold.ts'
import type { EntitlementViewEvent, RequestRow } from './requests.fold.ts'

const PACKAGE = 'p'
const REQUEST = 'p.alice.r1'
const ASSIGNMENT = 'p.alice.a1'

/** What the views show after these events, each a day after the other. */
const after = (...events: readonly PortcullisEvent[]) => {
  const requests = new Map<string, RequestRow>()
  const assignments = new Map<string, AssignmentRow>()
  const table = <Row extends { view: { id: string } }>(rows: Map<string, Row>) => ({
    find: (id: string) => rows.get(id),
    get: (id: string) => {
      const row = rows.get(id)
      if (row === undefined) throw new Error(`no row ${id}`)
      return row
    },
    put: (row: Row) => {
      rows.set(row.view.id, row)
    },
  })
  const log = eventLog()
  for (const [index, event] of events.entries())
    log.add('entitlement-p.alice', day(index + 1), event)
  const progress = new Map<string, ProgressRow>()
  const tables = {
    requests: table(requests),
    assignments: table(assignments),
    progress: table(progress),
  }
  for (const event of log.events) foldEntitlement(tables, event as EntitlementViewEvent)
  return {
    request: (id = REQUEST): RequestView | undefined => requests.get(id)?.view,
    assignment: (): AssignmentView | undefined => assignments.get(ASSIGNMENT)?.view,
  }
}

const asked = submitted({ packageId: PACKAGE, subjectId: 'alice', decideBy: day(15) })
const start = started(PACKAGE, 'alice', day(3), day(33))
const toStart = [asked, granted(REQUEST), start]

const delivered = (
  complete: boolean,
  rolesVersion: number,
  ...roles: (typeof wiki)[]
): PortcullisEvent => ({
  type: 'RolesDelivered.v1',
  data: {
    assignmentId: ASSIGNMENT,
    roles: roles.map((role) => ({ ...role, preexisting: false })),
    complete,
    rolesVersion,
  },
})
const failed = (role: typeof wiki, attempts = 1): PortcullisEvent => ({
  type: 'DeliveryFailed.v1',
  data: {
    assignmentId: ASSIGNMENT,
    roles: [{ ...role, code: 'scim.down', message: 'down', transient: true, attempts }],
    rolesVersion: 1,
  },
})
const revoked = (complete: boolean, ...roles: (typeof wiki)[]): PortcullisEvent => ({
  type: 'RolesRevoked.v1',
  data: {
    assignmentId: ASSIGNMENT,
    roles: roles.map((role) => ({ ...role, kept: null })),
    complete,
    rolesVersion: 1,
  },
})
const ended = (reason: 'expired' | 'removed'): PortcullisEvent => ({
  type: 'AssignmentEnded.v2',
  data: { assignmentId: ASSIGNMENT, reason, by: 'carol', justification: null, endAt: day(33) },
})
const scheduled: PortcullisEvent = {
  type: 'AssignmentScheduled.v1',
  data: {
    ...policy,
    assignmentId: ASSIGNMENT,
    requestId: REQUEST,
    packageId: PACKAGE,
    subjectId: 'alice',
    startAt: day(20),
    endAt: day(90),
  },
}

describe('the view of a request', () => {
  it('waits for the approvers of its stage', () => {
    const terms = twoStages
    const pending = submitted({ packageId: PACKAGE, subjectId: 'alice', terms, decideBy: day(15) })
    expect(after(pending).request()).toMatchObject({
      status: 'PendingApproval',
      stage: 1,
      decideBy: day(15),
      approverIds: ['bob'],
      approverGroupIds: ['leads'],
      decidedBy: null,
    })
    const next = granted(REQUEST, 1, { stage: 2, decideBy: day(22) })
    expect(after(pending, next).request()).toMatchObject({
      status: 'PendingApproval',
      stage: 2,
      decideBy: day(22),
      approverIds: ['eve'],
      approverGroupIds: [],
    })
  })

  it('keeps who decided, when and why', () => {
    const decision = { decidedBy: 'bob', decidedAt: day(2) }
    expect(after(asked, granted(REQUEST)).request()).toMatchObject({
      ...decision,
      status: 'Delivering',
      decisionJustification: 'fine',
    })
    const denied: PortcullisEvent = {
      type: 'ApprovalDenied.v1',
      data: { requestId: REQUEST, stage: 1, approverId: 'bob', basis, justification: 'no' },
    }
    expect(after(asked, denied).request()).toMatchObject({
      ...decision,
      status: 'Denied',
      decisionJustification: 'no',
    })
  })

  it('is cancelled, timed out, when nobody decided (S13)', () => {
    const timedOut: PortcullisEvent = {
      type: 'ApprovalTimedOut.v1',
      data: { requestId: REQUEST, stage: 1, decideBy: day(15) },
    }
    const view = { status: 'Cancelled', subStatus: 'TimedOut', decidedBy: null }
    expect(after(asked, timedOut).request()).toMatchObject(view)
  })

  it('is fulfilled once every role is delivered', () => {
    expect(after(...toStart, delivered(false, 1, wiki)).request()?.status).toBe('Delivering')
    expect(after(...toStart, delivered(true, 1, wiki, chat)).request()).toMatchObject({
      status: 'Fulfilled',
      subStatus: null,
      assignmentId: ASSIGNMENT,
    })
  })

  it('stays as it is, to the letter, while a role is rolled out later', () => {
    const before = after(...toStart, delivered(true, 1, wiki))
    const later = after(...toStart, delivered(true, 1, wiki), delivered(true, 2, chat))
    expect(later.request()).toEqual(before.request())
    expect(later.assignment()).not.toEqual(before.assignment())
  })

  it('is unfulfilled, partially, while a role fails, and lists the errors (S21)', () => {
    const partly = after(...toStart, delivered(false, 1, wiki), failed(chat), failed(chat, 4))
    expect(partly.request()).toMatchObject({
      status: 'Unfulfilled',
      subStatus: 'PartiallyFulfilled',
      fulfilmentErrors: [
        { ...chat, code: 'scim.down', attempts: 4, firstFailedAt: day(5), lastFailedAt: day(6) },
      ],
    })
    expect(partly.assignment()).toMatchObject({ status: 'PartiallyDelivered', settled: false })
    const whole = after(...toStart, failed(chat), delivered(true, 1, wiki, chat))
    expect(whole.request()).toMatchObject({
      status: 'Fulfilled',
      subStatus: null,
      fulfilmentErrors: [],
    })
    expect(whole.assignment()).toMatchObject({ status: 'Delivered', settled: true })
  })

  it('stays as it became when its assignment ends', () => {
    const done = [...toStart, delivered(true, 1, wiki), ended('expired'), revoked(true, wiki)]
    expect(after(...done).request()?.status).toBe('Fulfilled')
    const failing = [...toStart, failed(chat), ended('removed'), revoked(true, chat)]
    expect(after(...failing).request()).toMatchObject({
      status: 'Unfulfilled',
      fulfilmentErrors: [{ ...chat }],
    })
    expect(after(...toStart, ended('removed')).request()?.status).toBe('Unfulfilled')
  })

  it('of an extension ends with the extended assignment', () => {
    const extension = submitted({
      packageId: PACKAGE,
      subjectId: 'alice',
      number: 2,
      kind: 'extension',
      assignmentId: ASSIGNMENT,
    })
    const extended: PortcullisEvent = {
      type: 'AssignmentExtended.v1',
      data: {
        assignmentId: ASSIGNMENT,
        requestId: 'p.alice.r2',
        previousEndAt: day(33),
        endAt: day(63),
        endVersion: 2,
        reminders: [],
      },
    }
    const whole = after(...toStart, failed(chat), extension, autoApproved('p.alice.r2'), extended)
    expect(whole.request('p.alice.r2')).toMatchObject({
      status: 'Fulfilled',
      subStatus: 'Extended',
      assignmentId: ASSIGNMENT,
    })
    expect(whole.request()?.status).toBe('Unfulfilled')
    expect(whole.assignment()).toMatchObject({
      status: 'PartiallyDelivered',
      endAt: day(63),
      endVersion: 2,
      requestId: REQUEST,
    })
  })
})

describe('the view of an assignment', () => {
  it('is scheduled until its start, and cancelled or removed before it', () => {
    const waiting = [asked, granted(REQUEST), scheduled]
    expect(after(...waiting).assignment()).toMatchObject({
      status: 'Scheduled',
      startAt: day(20),
      settled: true,
      entitlementId: 'p.alice',
    })
    expect(after(...waiting).request()?.status).toBe('Scheduled')
    const cancelled: PortcullisEvent = {
      type: 'RequestCancelled.v1',
      data: { requestId: REQUEST, by: 'alice', reason: null, assignmentId: ASSIGNMENT },
    }
    expect(after(...waiting, cancelled).assignment()).toMatchObject({
      status: 'Cancelled',
      endedAt: day(4),
      settled: true,
    })
    expect(after(...waiting, ended('removed')).request()?.status).toBe('Cancelled')
    expect(after(...waiting, start).assignment()).toMatchObject({
      status: 'Delivering',
      startAt: day(3),
      settled: false,
    })
  })

  it('is open again when a role is added to its package and fails', () => {
    const whole = [...toStart, delivered(true, 1, wiki)]
    expect(after(...whole).assignment()).toMatchObject({ settled: true, rolesVersion: 1 })
    const failing = after(...whole, failed(chat))
    expect(failing.assignment()).toMatchObject({ status: 'PartiallyDelivered', settled: false })
    expect(failing.request()?.subStatus).toBe('PartiallyFulfilled')
  })

  it('is open while something that should go is left', () => {
    const whole = [...toStart, delivered(true, 1, wiki, chat)]
    expect(after(...whole, revoked(false, chat)).assignment()?.settled).toBe(false)
    expect(after(...whole, revoked(true, chat)).assignment()?.settled).toBe(true)
  })

  it('is open from its end until all is revoked (promise 2)', () => {
    const over = [...toStart, delivered(true, 1, wiki, chat), ended('expired')]
    expect(after(...over).assignment()).toMatchObject({
      status: 'Expired',
      endedAt: day(5),
      settled: false,
    })
    expect(after(...over, revoked(false, wiki)).assignment()?.settled).toBe(false)
    expect(after(...over, revoked(true, wiki, chat)).assignment()).toMatchObject({
      status: 'Expired',
      settled: true,
    })
    expect(after(...toStart, ended('removed')).assignment()?.status).toBe('Removed')
  })
})
