import { describe, it } from 'vitest'
import type { EntitlementEvent } from '../events.ts'
import { exampleFacts } from '../testing/index.ts'
import {
  A1,
  ASSIGNED,
  cancelled,
  END,
  END2,
  ended,
  extended,
  given,
  granted,
  MIRA,
  NOW,
  R1,
  R2,
  scheduled,
  started,
  submitted,
} from './entitlement.fixture.ts'

const SINCE = '2026-05-30T08:00:00.000Z'
const ENDS = '2026-06-02T08:00:00.000Z'
const GONE = [
  { exists: true, enabled: false },
  { exists: false, enabled: false },
] as const
const THERE = { exists: true, enabled: true }

const system = { kind: 'system', id: 'leavers' } as const
const look = (end = false, since = SINCE, endsAt: string | null = ENDS) =>
  ({ type: 'LookAtSubject', assignmentId: A1, since, endsAt, end }) as const
const facing = (subject: (typeof GONE)[number] | typeof THERE, now = NOW) => ({
  now,
  actor: system,
  facts: { ...exampleFacts(), subject },
})
const left: EntitlementEvent = {
  type: 'SubjectLeft.v1',
  data: { assignmentId: A1, since: SINCE, endsAt: ENDS },
}
const back: EntitlementEvent = { type: 'SubjectReturned.v1', data: { assignmentId: A1 } }
const withheld: EntitlementEvent = {
  type: 'StartWithheld.v1',
  data: { assignmentId: A1, startAt: END, endAt: END2 },
}
const REMINDERS_THEN = [
  { offset: 'P14D', at: '2026-06-16T08:00:00.000Z' },
  { offset: 'P1D', at: '2026-06-29T08:00:00.000Z' },
] as const
const removed = ended({ reason: 'subject-left' })
const SCHEDULED = [submitted(), granted(), scheduled()]

describe('LookAtSubject', () => {
  it.each(GONE)('notes once that they left: %j', (subject) => {
    given(...ASSIGNED)
      .when(look(), facing(subject))
      .thenEvents([left])
    given(...ASSIGNED, left)
      .when(look(), facing(subject))
      .thenNothing()
    given(...SCHEDULED)
      .when(look(), facing(subject))
      .thenEvents([left])
  })
  it('notes it anew when they were back meanwhile and nobody saw it', () => {
    const since = '2026-05-31T08:00:00.000Z'
    given(...ASSIGNED, left)
      .when(look(false, since), facing(GONE[0]))
      .thenEvents([{ type: 'SubjectLeft.v1', data: { assignmentId: A1, since, endsAt: ENDS } }])
  })
  it('notes once that they are back, and nothing where they never left', () => {
    given(...ASSIGNED, left)
      .when(look(), facing(THERE))
      .thenEvents([back])
    given(...ASSIGNED, left, back)
      .when(look(), facing(THERE))
      .thenNothing()
    given(...ASSIGNED)
      .when(look(true), facing(THERE))
      .thenNothing()
  })
  it('ends what the grace is over for, with an extension that waits', () => {
    given(...ASSIGNED, left)
      .when(look(true), facing(GONE[0]))
      .thenEvents([removed])
    given(...ASSIGNED)
      .when(look(true), facing(GONE[1]))
      .thenEvents([left, removed])
    const asked = submitted({
      requestId: R2,
      kind: 'extension',
      assignmentId: A1,
      approval: { stage: 1, decideBy: END2 },
    })
    given(...ASSIGNED, left, asked)
      .when(look(true), facing(GONE[0]))
      .thenEvents([
        removed,
        cancelled({ requestId: R2, by: 'system', reason: 'the assignment has ended' }),
      ])
    given(...SCHEDULED, left)
      .when(look(true), facing(GONE[0]))
      .thenEvents([ended({ reason: 'subject-left', endAt: END2 })])
  })
  it('leaves to its own end what that has come for', () => {
    given(...ASSIGNED, left)
      .when(look(true), facing(GONE[0], END))
      .thenNothing()
  })
  it('ends nothing of somebody who is enabled by then', () => {
    given(...ASSIGNED, left)
      .when(look(true), facing(THERE))
      .thenEvents([back])
  })
  it('leaves alone what has ended', () => {
    given(...ASSIGNED, removed)
      .when(look(true), facing(GONE[0]))
      .thenNothing()
    given(...ASSIGNED, extended(), ended())
      .when(look(), facing(GONE[0]))
      .thenNothing()
  })
  it('is the engine’s alone', () => {
    given(...ASSIGNED)
      .when(look(true), { ...facing(GONE[0]), actor: MIRA })
      .thenRefused('entitlement.engine-only')
  })
})

describe('StartAssignment of somebody who has left', () => {
  const start = { type: 'StartAssignment', assignmentId: A1 } as const

  it.each(GONE)('is withheld, and noted once: %j', (subject) => {
    given(...SCHEDULED)
      .when(start, facing(subject, END))
      .thenEvents([withheld])
    given(...SCHEDULED, withheld)
      .when(start, facing(subject, END))
      .thenNothing()
  })
  it('starts when they are back, and only then', () => {
    given(...SCHEDULED, left, withheld)
      .when(look(), facing(THERE, END))
      .thenEvents([back, started({ startedAt: END, endAt: END2, reminders: [...REMINDERS_THEN] })])
    given(...SCHEDULED, withheld, back, started({ startedAt: END, endAt: END2 }))
      .when(look(), facing(THERE, END))
      .thenNothing()
  })
  it('has come to its end by then', () => {
    const over = ended({ endAt: END2 })
    given(...SCHEDULED, withheld)
      .when(look(), facing(THERE, END2))
      .thenEvents([back, over])
    given(...SCHEDULED, withheld)
      .when({ type: 'ExpireAssignment', assignmentId: A1, endVersion: 1 }, facing(GONE[0], END2))
      .thenEvents([over])
  })
})

describe('RecordFulfilment of what is withheld', () => {
  const role = { resourceId: 'wiki', roleId: 'member' }
  const record = {
    type: 'RecordFulfilment',
    assignmentId: A1,
    rolesVersion: 2,
    roles: [{ ...role, desired: true, status: { kind: 'withheld' } }],
  } as const
  const noted: EntitlementEvent = {
    type: 'RolesWithheld.v1',
    data: { assignmentId: A1, roles: [role], rolesVersion: 2 },
  }

  it('is told once', () => {
    given(...ASSIGNED)
      .when(record, facing(GONE[0]))
      .thenEvents([noted])
    given(...ASSIGNED, noted)
      .when(record, facing(GONE[0]))
      .thenNothing()
  })
  it('is delivered when it is there', () => {
    const delivered = { kind: 'delivered', preexisting: false } as const
    given(...ASSIGNED, noted)
      .when({ ...record, roles: [{ ...role, desired: true, status: delivered }] }, facing(THERE))
      .thenEvents([
        {
          type: 'RolesDelivered.v1',
          data: {
            assignmentId: A1,
            roles: [{ ...role, preexisting: false }],
            complete: true,
            rolesVersion: 2,
          },
        },
      ])
  })
})

describe('LookAtApprovers', () => {
  const lookAt = (stage = 1) => ({ type: 'LookAtApprovers', requestId: R1, stage }) as const
  const there = (approverThere: boolean) => ({
    actor: system,
    facts: { ...exampleFacts(), approverThere },
  })
  const missing: EntitlementEvent = {
    type: 'ApproverMissing.v1',
    data: { requestId: R1, stage: 1 },
  }
  const found: EntitlementEvent = { type: 'ApproverFound.v1', data: { requestId: R1, stage: 1 } }

  it('notes once that nobody can decide, and once that somebody can again', () => {
    given(submitted()).when(lookAt(), there(false)).thenEvents([missing])
    given(submitted(), missing).when(lookAt(), there(false)).thenNothing()
    given(submitted(), missing).when(lookAt(), there(true)).thenEvents([found])
    given(submitted(), missing, found).when(lookAt(), there(true)).thenNothing()
    given(submitted()).when(lookAt(), there(true)).thenNothing()
  })
  it('says nothing of another stage, or of what is decided', () => {
    given(submitted()).when(lookAt(2), there(false)).thenNothing()
    given(...ASSIGNED)
      .when(lookAt(), there(false))
      .thenNothing()
  })
})
