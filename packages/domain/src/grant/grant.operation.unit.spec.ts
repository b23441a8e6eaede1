import { addMillis } from '@portcullis/core'
import { describe, expect, it } from 'vitest'
import { user } from '../testing/index.ts'
import {
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
  provisioned,
  revoked,
  start,
  started,
} from './grant.fixture.ts'
import { backoffMillis } from './grant.retry.ts'

describe('ending an operation', () => {
  it('completes a grant that reads back', () => {
    given(held(), started('grant')).when(complete('present')).thenEvents([provisioned])
  })
  it('completes a revoke with what was read back: the receipt', () => {
    given(started('revoke')).when(complete('absent')).thenEvents([revoked])
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
    const soon = addMillis(NOW, backoffMillis(1, OP1))
    given(held(), started('grant'))
      .when(fail())
      .thenEvents([failed('grant', soon)])
    given(held(), started('grant'))
      .when(fail({ retryAfterMillis: 90_000 }))
      .thenEvents([failed('grant', addMillis(NOW, 90_000))])
  })
  it('gives up a grant after a permanent error, a revoke never (promise 2)', () => {
    given(held(), started('grant'))
      .when(fail({ transient: false }))
      .thenEvents([failed('grant', null)])
    given(started('revoke'))
      .when(fail({ transient: false }))
      .thenEvents([failed('revoke', addMillis(NOW, backoffMillis(1, OP1)), false)])
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

describe('back-off', () => {
  it('doubles from 5 s to an hour, within 20 %, the same for the same operation', () => {
    for (const [attempt, base] of [
      [1, 5_000],
      [2, 10_000],
      [5, 80_000],
      [11, 3_600_000],
      [500, 3_600_000],
    ] as const) {
      const waits = [OP1, OP2, 'x', 'y', 'z'].map((id) => backoffMillis(attempt, id))
      for (const wait of waits) {
        expect(wait).toBeGreaterThanOrEqual(base * 0.8)
        expect(wait).toBeLessThanOrEqual(base * 1.2)
      }
      expect(new Set(waits).size).toBeGreaterThan(1)
      expect(backoffMillis(attempt, OP1)).toBe(waits[0])
    }
  })
})
