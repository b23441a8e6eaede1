import { addMillis, fold } from '@portcullis/core'
import { describe, expect, it } from 'vitest'
import type { GrantEvent } from '../events.ts'
import { grantDecider } from './grant.decide.ts'
import {
  A1,
  B1,
  drift,
  facts,
  failed,
  given,
  held,
  LEASE,
  OP2,
  preexisting,
  provisioned,
  released,
  revoked,
  start,
  started,
} from './grant.fixture.ts'
import { grantDesired, grantSettled } from './grant.state.ts'

describe('holds', () => {
  const add = { type: 'AddHold', assignmentId: A1 } as const
  const release = (reason: 'assignment-ended' | 'role-removed') =>
    ({ type: 'ReleaseHold', assignmentId: A1, reason }) as const

  it('adds one, once', () => {
    given().when(add).thenEvents([held()])
    given(held()).when(add).thenNothing()
    given(held(B1)).when(add).thenEvents([held()])
  })
  it('refuses an assignment of somebody else', () => {
    given()
      .when({ type: 'AddHold', assignmentId: 'tools.omar.a1' })
      .thenRefused('grant.wrong-subject')
  })
  it('lets an assignment that has ended hold no more, but one whose role came back', () => {
    given(held(), released()).when(add).thenNothing()
    given(held(), released(A1, 'role-removed')).when(add).thenEvents([held()])
  })
  it('notes an end even where nothing was held, so that a late hold finds it', () => {
    given().when(release('assignment-ended')).thenEvents([released()])
    given(released()).when(add).thenNothing()
    given().when(release('role-removed')).thenNothing()
  })
  it('releases one, once', () => {
    given(held()).when(release('assignment-ended')).thenEvents([released()])
    given(held(), released()).when(release('assignment-ended')).thenNothing()
    given(held())
      .when(release('role-removed'))
      .thenEvents([released(A1, 'role-removed')])
  })
})

describe('starting an operation', () => {
  it('grants what is held and not there', () => {
    given(held())
      .when(start('absent'))
      .thenEvents([started('grant', { operationId: OP2 })])
  })
  it('does nothing when settled: nobody holds it, or it is in place', () => {
    given().when(start('absent')).thenNothing()
    given(held(), started('grant'), provisioned).when(start('present')).thenNothing()
    given(held(), released()).when(start('present')).thenNothing()
  })
  it('keeps while another one still holds, revokes when the last goes (promise 4)', () => {
    given(held(), held(B1), started('grant'), provisioned, released())
      .when(start('present'))
      .thenNothing()
    given(held(), held(B1), started('grant'), provisioned, released(), released(B1))
      .when(start('present'))
      .thenEvents([started('revoke', { operationId: OP2 })])
  })
  it('revokes also what is gone already, so that there is a receipt', () => {
    given(held(), started('grant'), provisioned, released())
      .when(start('absent'))
      .thenEvents([started('revoke', { operationId: OP2, observed: 'absent' })])
  })
  it('records access from before us, and leaves it alone afterwards', () => {
    given(held())
      .when(start('present'))
      .thenEvents([
        {
          type: 'PreexistingAccessFound.v3',
          data: { ...facts, operationId: OP2, kept: true, account: null },
        },
      ])
    given(held(), preexisting, released()).when(start('present')).thenNothing()
  })
  it('takes over access from before us where it is told to: then it goes with the last holder', () => {
    const takeOver = { ...start('present'), takeOver: true } as const
    const taken = {
      type: 'PreexistingAccessFound.v3',
      data: { ...facts, operationId: OP2, kept: false, account: null },
    } as const
    given(held()).when(takeOver).thenEvents([taken])
    given(held(), taken, released())
      .when(start('present'))
      .thenEvents([started('revoke', { operationId: OP2 })])
    // What was recorded as theirs stays theirs.
    given(held(), preexisting, { type: 'RetryRequested.v1', data: facts })
      .when(takeOver)
      .thenEvents([{ ...taken, data: { ...taken.data, kept: true, account: null } }])
  })
  it('knows its own doing after a crash between grant and answer', () => {
    given(held(), started('grant'))
      .when(start('present'), LEASE)
      .thenEvents([
        started('grant', {
          operationId: OP2,
          attempt: 2,
          observed: 'present',
          leaseUntil: addMillis(LEASE, 60_000),
        }),
      ])
  })
  it('takes back a grant whose outcome nobody knows (promise 2)', () => {
    given(held(), started('grant'), failed('grant', null, false), released())
      .when(start('absent'))
      .thenEvents([started('revoke', { operationId: OP2, observed: 'absent' })])
  })
  it('finds access anew as from before us, once ours was revoked', () => {
    given(held(), started('grant'), provisioned, released(), started('revoke'), revoked, held(B1))
      .when(start('present'))
      .thenEvents([
        {
          type: 'PreexistingAccessFound.v3',
          data: { ...facts, operationId: OP2, kept: true, account: null },
        },
      ])
  })
  it('does not believe a look at the target from before others worked on it', () => {
    // Somebody looked while it was there, was slow, and comes back after it was revoked and is held anew:
    // taken at its word, that look would have recorded access from before us that isn't there.
    const history = [
      held(),
      started('grant'),
      provisioned,
      released(),
      started('revoke'),
      revoked,
      held(B1),
    ]
    for (const lookedAt of [0, 2, 3])
      given(...history)
        .when(start('present', OP2, lookedAt))
        .thenRefused('grant.stale-look')
    given(...history)
      .when(start('absent', OP2, 4))
      .thenEvents([started('grant', { operationId: OP2 })])
  })
  it('waits for the lease, then takes over', () => {
    given(held(), started('grant'))
      .when(start('absent'))
      .thenRefused('grant.operation-in-flight', { data: { leaseUntil: LEASE } })
    given(held(), started('grant'))
      .when(start('absent'), LEASE)
      .thenEvents([
        started('grant', { operationId: OP2, attempt: 2, leaseUntil: addMillis(LEASE, 60_000) }),
      ])
  })
  it('waits until the next try is due', () => {
    const history = [held(), started('grant'), failed('grant', LEASE)]
    given(...history)
      .when(start('absent'))
      .thenRefused('grant.not-yet', { data: { retryAt: LEASE } })
    given(...history)
      .when(start('absent'), LEASE)
      .thenEvents([
        started('grant', { operationId: OP2, attempt: 2, leaseUntil: addMillis(LEASE, 60_000) }),
      ])
  })
  it('does not let a failed grant hold up a revoke', () => {
    given(held(), started('grant'), failed('grant', LEASE), released())
      .when(start('present'))
      .thenEvents([started('revoke', { operationId: OP2 })])
  })
  it('stops after a permanent error, until an operator or a new holder asks', () => {
    const history = [held(), started('grant'), failed('grant', null)]
    const again = [started('grant', { operationId: OP2, attempt: 2 })]
    given(...history)
      .when(start('absent'))
      .thenRefused('grant.waiting-for-operator')
    given(...history, { type: 'RetryRequested.v1', data: facts })
      .when(start('absent'))
      .thenEvents(again)
    given(...history, held(B1))
      .when(start('absent'))
      .thenEvents(again)
  })
})

describe('what is, and what should be', () => {
  const stateOf = (...events: GrantEvent[]) => fold(grantDecider, events)
  it.each([
    ['nobody holds it', [], 'absent', true],
    ['held', [held()], 'present', false],
    ['in flight', [held(), started('grant')], 'present', false],
    ['in place', [held(), started('grant'), provisioned], 'present', true],
    ['to go', [held(), started('grant'), provisioned, released()], 'absent', false],
    [
      'gone',
      [held(), started('grant'), provisioned, released(), started('revoke'), revoked],
      'absent',
      true,
    ],
    ['from before us', [held(), preexisting, released()], 'unmanaged', true],
  ] as const)('%s', (_what, events, desired, settled) => {
    expect(grantDesired(stateOf(...events))).toBe(desired)
    expect(grantSettled(stateOf(...events))).toBe(settled)
  })
  it('is not settled by drift that is to be repaired, and is by drift that is left alone', () => {
    const inPlace = [held(), started('grant'), provisioned]
    expect(grantSettled(stateOf(...inPlace, drift('absent', 'grant')))).toBe(false)
    expect(grantSettled(stateOf(drift('present', 'revoke')))).toBe(false)
    expect(stateOf(held(), preexisting, drift('absent', 'grant')).preexisting).toBe(false)
    for (const events of [[...inPlace, drift('absent', 'none')], [drift('present', 'none')]])
      expect(grantSettled(stateOf(...events))).toBe(true)
  })
})
