import { addMillis } from '@portcullis/core'
import { describe, expect, it } from 'vitest'
import { user } from '../testing/index.ts'
import {
  B1,
  complete,
  facts,
  fail,
  failed,
  given,
  held,
  LEASE,
  NOW,
  OP1,
  OP2,
  preexisting,
  provisioned,
  released,
  revoked,
  start,
  started,
} from './grant.fixture.ts'
import { retryTime, waitAfter } from './grant.retry.ts'

describe('a wait that a clock which was ahead has set', () => {
  const AHEAD = addMillis(NOW, 15 * 86_400_000)
  const later = (millis: number) => addMillis(NOW, millis)

  it('holds nobody up: the lease of an operation', () => {
    const begun = started('revoke', { leaseUntil: addMillis(AHEAD, 60_000) })
    given(begun)
      .when(start('present'))
      .thenEvents([
        started('revoke', {
          operationId: OP2,
          attempt: 2,
          observed: 'present',
          leaseUntil: later(60_000),
        }),
      ])
    given(started('revoke', { leaseUntil: later(3_600_000) }))
      .when(start('present'))
      .thenRefused('grant.operation-in-flight')
  })
  it('holds nobody up: the next try, of a revoke after an hour, of a grant after a day', () => {
    const waiting = (operation: 'grant' | 'revoke', until: string) =>
      operation === 'grant'
        ? [held(), started('grant'), failed('grant', until)]
        : [started('revoke'), failed('revoke', until)]
    for (const [operation, longest] of [
      ['grant', 86_400_000],
      ['revoke', 3_600_000],
    ] as const) {
      given(...waiting(operation, later(longest)))
        .when(start(operation === 'grant' ? 'absent' : 'present'))
        .thenRefused('grant.not-yet')
      for (const until of [AHEAD, later(longest + 600_000)]) {
        const { decision } = given(...waiting(operation, until)).when(
          start(operation === 'grant' ? 'absent' : 'present'),
        )
        expect(decision.ok).toBe(true)
      }
    }
  })
  it('leaves what is done by hand its weeks', () => {
    const until = later(21 * 86_400_000)
    const { operationId, operation, attempt } = {
      operationId: OP1,
      operation: 'revoke',
      attempt: 1,
    } as const
    given(started('revoke'), {
      type: 'FulfilmentAwaited.v1',
      data: { ...facts, operationId, operation, attempt, until },
    })
      .when(start('present'))
      .thenRefused('grant.operation-in-flight')
  })
})

describe('ending an operation', () => {
  it('completes a grant that reads back', () => {
    given(held(), started('grant')).when(complete('present')).thenEvents([provisioned])
  })
  it('completes a revoke with what was read back: the receipt', () => {
    given(started('revoke')).when(complete('absent')).thenEvents([revoked])
  })
  it('takes the word of a target that can’t be asked, and says so in the receipt', () => {
    const receipt = { kind: 'acknowledged', at: NOW } as const
    const data = { ...facts, operationId: OP1, attempt: 1, receipt }
    given(held(), started('grant', { observed: 'unknown' }))
      .when(complete('unknown'))
      .thenEvents([{ type: 'AccessProvisioned.v2', data: { ...data, account: null } }])
    given(started('revoke', { observed: 'unknown' }))
      .when(complete('unknown'))
      .thenEvents([{ type: 'AccessRevoked.v3', data }])
  })
  it.each([
    ['grant', 'absent'],
    ['revoke', 'present'],
  ] as const)('fails a %s that reads back %s, and tries again', (operation, readBack) => {
    const { decision } = given(held(), started(operation)).when(complete(readBack))
    expect(decision.ok && decision.events).toMatchObject([
      {
        type: 'ProvisioningFailed.v1',
        data: { operation, code: `provisioning.read-back-${readBack}`, transient: true },
      },
    ])
  })
  it('refuses the end of an operation that isn’t in flight', () => {
    given(held()).when(complete('present')).thenRefused('grant.stale-operation')
    given(held(), started('grant', { operationId: OP2 }))
      .when(complete('present'))
      .thenRefused('grant.stale-operation')
    given(held(), started('grant'), provisioned).when(fail()).thenRefused('grant.stale-operation')
  })
  it('tries again after the back-off, or after what the target asks for', () => {
    const soon = addMillis(NOW, waitAfter(1, OP1))
    given(held(), started('grant'))
      .when(fail())
      .thenEvents([failed('grant', soon)])
    given(held(), started('grant'))
      .when(fail({ retryAfterMillis: 90_000 }))
      .thenEvents([failed('grant', retryTime(NOW, 'grant', 1, OP1, 90_000))])
  })
  it('gives up a grant after a permanent error, a revoke never (promise 2)', () => {
    given(held(), started('grant'))
      .when(fail({ transient: false }))
      .thenEvents([failed('grant', null)])
    given(started('revoke'))
      .when(fail({ transient: false }))
      .thenEvents([failed('revoke', addMillis(NOW, waitAfter(1, OP1)), false)])
  })
  it('makes what a target says fit to be stored', () => {
    const { decision } = given(held(), started('grant')).when(
      fail({ code: '', message: `a\u0000b\uD800${'x'.repeat(3000)}` }),
    )
    const [event] = decision.ok ? decision.events : []
    expect(event).toMatchObject({ data: { code: 'provisioning.unknown-error' } })
    expect(event?.type === 'ProvisioningFailed.v1' && event.data.message).toBe(
      `a b\uFFFD${'x'.repeat(1996)}`,
    )
  })
})

describe('trying again', () => {
  it('ends any wait, once', () => {
    const waiting = [held(), started('grant'), failed('grant', LEASE)]
    given(...waiting)
      .when({ type: 'RetryNow' })
      .thenEvents([{ type: 'RetryRequested.v1', data: facts }])
    given(held()).when({ type: 'RetryNow' }).thenNothing()
    given(...waiting, started('grant'))
      .when({ type: 'RetryNow' })
      .thenNothing()
  })
  it('looks at what is in place again, once, and grants it again where it is missing (S21)', () => {
    const inPlace = [held(), started('grant'), provisioned]
    const asked = { type: 'RetryRequested.v1', data: facts } as const
    given(...inPlace)
      .when({ type: 'RetryNow' })
      .thenEvents([asked])
    given(...inPlace, asked)
      .when({ type: 'RetryNow' })
      .thenNothing()
    for (const observed of ['absent', 'present'] as const)
      given(...inPlace, asked)
        .when(start(observed))
        .thenEvents([started('grant', { operationId: OP2, observed })])
  })
  it('asks once, also where a revoke that is not wanted any more had failed', () => {
    const inPlace = [
      held(),
      started('grant'),
      provisioned,
      released(),
      // Not even looked at: it is still known to be there.
      failed('revoke', LEASE),
      held(B1),
    ]
    given(...inPlace)
      .when({ type: 'RetryNow' })
      .thenEvents([{ type: 'RetryRequested.v1', data: facts }])
  })
  it('leaves alone what nobody holds, and what is from before us', () => {
    const gone = [held(), started('grant'), provisioned, released(), started('revoke'), revoked]
    given(...gone)
      .when({ type: 'RetryNow' })
      .thenNothing()
    given(held(), preexisting, released()).when({ type: 'RetryNow' }).thenNothing()
    given(held(), preexisting, { type: 'RetryRequested.v1', data: facts })
      .when(start('present'))
      .thenEvents([
        {
          type: 'PreexistingAccessFound.v3',
          data: { ...facts, operationId: OP2, kept: true, account: null },
        },
      ])
  })
  it('may be asked for by people; the rest is the engine’s own', () => {
    const waiting = [held(), started('grant'), failed('grant', null)]
    given(...waiting)
      .when({ type: 'RetryNow' }, NOW, user('opal'))
      .thenEvents([{ type: 'RetryRequested.v1', data: facts }])
    for (const command of [start('absent'), complete('present'), fail()]) {
      given(held()).when(command, NOW, user('opal')).thenRefused('grant.engine-only')
    }
  })
})
