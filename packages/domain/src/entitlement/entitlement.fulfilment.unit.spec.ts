import { describe, expect, it } from 'vitest'
import type { EntitlementEvent } from '../events.ts'
import { user } from '../testing/index.ts'
import {
  A1,
  ASSIGNED,
  cancelled,
  ended,
  given,
  scheduled,
  submitted,
} from './entitlement.fixture.ts'
import type { ObservedRole } from './entitlement.fulfilment.ts'

const role = (resourceId: string) => ({ resourceId, roleId: 'member' })
const seen = (
  resourceId: string,
  status: ObservedRole['status'],
  desired = true,
): ObservedRole => ({ ...role(resourceId), desired, status })
const pending = { kind: 'pending' } as const
const delivered = { kind: 'delivered', preexisting: false } as const
const failed = (changes: object = {}) => ({
  kind: 'failed' as const,
  code: 'scim.down',
  message: 'down',
  transient: true,
  attempts: 1,
  ...changes,
})
const revoked = (kept: 'other-assignment' | 'preexisting' | null = null) =>
  ({ kind: 'revoked', kept }) as const
const record = (rolesVersion: number, ...roles: ObservedRole[]) =>
  ({ type: 'RecordFulfilment', assignmentId: A1, rolesVersion, roles }) as const

const rolesDelivered = (
  rolesVersion: number,
  complete: boolean,
  ...resourceIds: string[]
): EntitlementEvent => ({
  type: 'RolesDelivered.v1',
  data: {
    assignmentId: A1,
    roles: resourceIds.map((id) => ({ ...role(id), preexisting: false })),
    complete,
    rolesVersion,
  },
})
const deliveryFailed = (resourceId: string, changes: object = {}): EntitlementEvent => ({
  type: 'DeliveryFailed.v1',
  data: {
    assignmentId: A1,
    roles: [
      {
        ...role(resourceId),
        code: 'scim.down',
        message: 'down',
        transient: true,
        attempts: 1,
        ...changes,
      },
    ],
    rolesVersion: 1,
  },
})
const rolesRevoked = (
  rolesVersion: number,
  complete: boolean,
  ...roles: { id: string; kept?: 'other-assignment' | 'preexisting' }[]
): EntitlementEvent => ({
  type: 'RolesRevoked.v1',
  data: {
    assignmentId: A1,
    roles: roles.map(({ id, kept }) => ({ ...role(id), kept: kept ?? null })),
    complete,
    rolesVersion,
  },
})

describe('delivery (S19, S21)', () => {
  it('is told when it is complete, once', () => {
    const look = record(1, seen('repo', delivered), seen('wiki', delivered))
    const told = rolesDelivered(1, true, 'repo', 'wiki')
    given(...ASSIGNED)
      .when(look)
      .thenEvents([told])
    given(...ASSIGNED, told)
      .when(look)
      .thenNothing()
  })
  it('is told role by role', () => {
    const first = rolesDelivered(1, false, 'repo')
    given(...ASSIGNED)
      .when(record(1, seen('repo', pending), seen('wiki', pending)))
      .thenNothing()
    given(...ASSIGNED)
      .when(record(1, seen('repo', delivered), seen('wiki', pending)))
      .thenEvents([first])
    given(...ASSIGNED, first)
      .when(record(1, seen('repo', delivered), seen('wiki', delivered)))
      .thenEvents([rolesDelivered(1, true, 'wiki')])
  })
  it('is complete at once for a package without roles', () => {
    given(...ASSIGNED)
      .when(record(0))
      .thenEvents([rolesDelivered(0, true)])
    given(...ASSIGNED, rolesDelivered(0, true))
      .when(record(0))
      .thenNothing()
  })
  it('says so where the access was there before', () => {
    const { decision } = given(...ASSIGNED).when(
      record(1, seen('repo', { kind: 'delivered', preexisting: true })),
    )
    expect(decision.ok && decision.events).toMatchObject([
      { data: { roles: [{ resourceId: 'repo', preexisting: true }] } },
    ])
  })
  it('tells failures when they are news, not each attempt (S21)', () => {
    const partly = [rolesDelivered(1, false, 'repo'), deliveryFailed('wiki')]
    const look = (status: ObservedRole['status']) =>
      record(1, seen('repo', delivered), seen('wiki', status))
    given(...ASSIGNED)
      .when(look(failed()))
      .thenEvents(partly)
    given(...ASSIGNED, ...partly)
      .when(look(failed({ attempts: 7, message: 'still down' })))
      .thenNothing()
    given(...ASSIGNED, ...partly)
      .when(look(pending))
      .thenNothing()
    given(...ASSIGNED, ...partly)
      .when(look(failed({ code: 'scim.forbidden', transient: false, attempts: 3 })))
      .thenEvents([
        deliveryFailed('wiki', { code: 'scim.forbidden', transient: false, attempts: 3 }),
      ])
    given(...ASSIGNED, ...partly)
      .when(look(delivered))
      .thenEvents([rolesDelivered(1, true, 'wiki')])
  })
  it('follows roles that are added and removed later (S5, S6)', () => {
    const complete = [rolesDelivered(1, true, 'repo')]
    given(...ASSIGNED, ...complete)
      .when(record(2, seen('repo', delivered), seen('wiki', pending)))
      .thenNothing()
    given(...ASSIGNED, ...complete)
      .when(record(2, seen('repo', delivered), seen('wiki', delivered)))
      .thenEvents([rolesDelivered(2, true, 'wiki')])
    given(...ASSIGNED, ...complete)
      .when(record(2, seen('repo', delivered, false)))
      .thenEvents([rolesDelivered(2, true)])
    given(...ASSIGNED, ...complete, rolesDelivered(2, true))
      .when(record(2, seen('repo', revoked('other-assignment'), false)))
      .thenEvents([rolesRevoked(2, true, { id: 'repo', kept: 'other-assignment' })])
  })
  it('tells a role that came back', () => {
    given(
      ...ASSIGNED,
      rolesDelivered(1, true, 'repo'),
      rolesDelivered(2, true),
      rolesRevoked(2, true, { id: 'repo' }),
    )
      .when(record(3, seen('repo', delivered)))
      .thenEvents([rolesDelivered(3, true, 'repo')])
  })
  it('takes no notice of a look that is older than the last record', () => {
    given(...ASSIGNED, rolesDelivered(2, true, 'repo', 'wiki'))
      .when(record(1, seen('repo', delivered), seen('wiki', revoked(), false)))
      .thenNothing()
  })
  it('says nothing before the start, or of what was called off', () => {
    const direct = [submitted({ kind: 'direct', approval: null }), scheduled()]
    given(...direct)
      .when(record(1))
      .thenNothing()
    given(...direct, cancelled({ assignmentId: A1 }))
      .when(record(1))
      .thenNothing()
  })
})

describe('after the end (promise 2)', () => {
  const over = [...ASSIGNED, rolesDelivered(1, true, 'repo', 'wiki'), ended()]
  it('tells each role that went, and when nothing is left', () => {
    const first = rolesRevoked(1, false, { id: 'repo' })
    given(...over)
      .when(record(1, seen('repo', revoked(), false), seen('wiki', delivered, false)))
      .thenEvents([first])
    given(...over, first)
      .when(record(1, seen('repo', revoked(), false), seen('wiki', revoked('preexisting'), false)))
      .thenEvents([rolesRevoked(1, true, { id: 'wiki', kept: 'preexisting' })])
  })
  it('is told once', () => {
    const all = rolesRevoked(1, true, { id: 'repo' }, { id: 'wiki' })
    const look = record(1, seen('repo', revoked(), false), seen('wiki', revoked(), false))
    given(...over)
      .when(look)
      .thenEvents([all])
    given(...over, all)
      .when(look)
      .thenNothing()
  })
  it('is told also where the last role was gone before the end', () => {
    const before = [rolesDelivered(2, true, 'repo'), rolesRevoked(2, true, { id: 'repo' })]
    given(...ASSIGNED, ...before, ended())
      .when(record(2, seen('repo', revoked(), false)))
      .thenEvents([rolesRevoked(2, true)])
  })
  it('is told where there was nothing to take away', () => {
    given(...ASSIGNED, ended())
      .when(record(0))
      .thenEvents([rolesRevoked(0, true)])
  })
  it('is never delivered any more, and a look from before the end completes nothing', () => {
    given(...ASSIGNED, ended())
      .when(record(1, seen('repo', delivered), seen('wiki', failed())))
      .thenNothing()
  })
  it('is the engine’s own to tell', () => {
    given(...over)
      .when(record(1), { actor: user('mira') })
      .thenRefused('entitlement.engine-only')
  })
})
