import type { PortcullisEvent } from '@portcullis/domain'
import { describe, expect, it } from 'vitest'
import type { ProgressView } from '../rows.ts'
import { eventLog } from '../testing/eventLog.ts'
import { autoApproved, chat, day, started, submitted, wiki } from '../testing/sampleEvents.ts'
import type { AssignmentRow } from './assignments.fold.ts'
import { foldEntitlement } from './entitlements.projector.ts'
import type { ProgressRow } from './progress.fold.ts'
import type { EntitlementViewEvent, RequestRow } from './requests.fold.ts'

const assignmentId = 'p.alice.a1'

const table = <Row extends { readonly view: { readonly id: string } }>() => {
  const rows = new Map<string, Row>()
  const get = (id: string): Row => {
    const row = rows.get(id)
    if (row === undefined) throw new Error(`no row ${id}`)
    return row
  }
  return {
    get,
    find: (id: string) => rows.get(id),
    put: (row: Row) => {
      rows.set(row.view.id, row)
    },
  }
}

/**
 * The package's row after these events, each a day after the other, from day 4 on: before, alice's assignment has
 * started.
 */
const after = (...events: readonly PortcullisEvent[]): ProgressView => {
  const log = eventLog()
  const begin = [submitted({ packageId: 'p', subjectId: 'alice' }), autoApproved('p.alice.r1')]
  for (const [index, event] of [...begin, started('p', 'alice', day(3), null), ...events].entries())
    log.add('entitlement-p.alice', day(index + 1), event)
  const progress = table<ProgressRow>()
  const tables = { requests: table<RequestRow>(), assignments: table<AssignmentRow>(), progress }
  for (const event of log.events) foldEntitlement(tables, event as EntitlementViewEvent)
  return progress.get('p').view
}

const delivered = (rolesVersion: number): PortcullisEvent => ({
  type: 'RolesDelivered.v1',
  data: { assignmentId, roles: [{ ...wiki, preexisting: false }], complete: true, rolesVersion },
})
const failed: PortcullisEvent = {
  type: 'DeliveryFailed.v1',
  data: {
    assignmentId,
    roles: [{ ...chat, code: 'scim.down', message: 'down', transient: true, attempts: 1 }],
    rolesVersion: 1,
  },
}
const ended: PortcullisEvent = {
  type: 'AssignmentEnded.v2',
  data: { assignmentId, reason: 'expired', by: 'timer', justification: null, endAt: day(33) },
}

describe('how far the roles have got to active assignments (S5, S6)', () => {
  it('counts by version and status, as they move', () => {
    expect(after().counts).toEqual({ '0:Delivering': 1 })
    expect(after(delivered(1)).counts).toEqual({ '1:Delivered': 1 })
    expect(after(delivered(1), failed).counts).toEqual({ '1:PartiallyDelivered': 1 })
    expect(after(delivered(1), delivered(2)).counts).toEqual({ '2:Delivered': 1 })
    expect(after(delivered(1), ended).counts).toEqual({})
  })

  it('counts who got there, with the time, but nobody new', () => {
    expect(after(delivered(1))).toMatchObject({ arrivals: {}, lastAt: null })
    expect(after(delivered(1), delivered(2))).toMatchObject({
      arrivals: { [day(5).slice(0, 18)]: 1 },
      lastAt: day(5),
    })
  })

  it('keeps the last minute alone', () => {
    const { arrivals } = after(...Array.from({ length: 10 }, (_, index) => delivered(index + 1)))
    expect(Object.keys(arrivals)).toEqual(
      Array.from({ length: 7 }, (_, index) => day(index + 7).slice(0, 18)),
    )
  })
})
