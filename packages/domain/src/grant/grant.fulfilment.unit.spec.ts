import { describe, expect, it } from 'vitest'
import type { GrantEvent } from '../events.ts'
import { user } from '../testing/index.ts'
import type { GrantCommand } from './grant.commands.ts'
import {
  facts,
  fail,
  failed,
  given,
  held,
  NOW,
  OP1,
  OP2,
  provisioned,
  released,
  start,
  started,
} from './grant.fixture.ts'
import type { ReportFulfilment } from './grant.fulfilment.ts'

const UNTIL = '2026-05-15T08:00:00.000Z'

const awaited = (operation: 'grant' | 'revoke', operationId = OP1): GrantEvent => ({
  type: 'FulfilmentAwaited.v1',
  data: { ...facts, operationId, operation, attempt: 1, until: UNTIL },
})
const reported = (
  operation: 'grant' | 'revoke',
  outcome: 'done' | 'refused' = 'done',
  message: string | null = null,
): GrantEvent => ({
  type: 'FulfilmentReported.v1',
  data: { ...facts, operationId: OP1, operation, outcome, message },
})
const report = (changes: Partial<ReportFulfilment> = {}): GrantCommand => ({
  type: 'ReportFulfilment',
  operationId: OP1,
  outcome: 'done',
  message: null,
  ...changes,
})
const wait: GrantCommand = { type: 'AwaitFulfilment', operationId: OP1, until: UNTIL }
const provisionedBy = (operationId: string): GrantEvent => ({
  type: 'AccessProvisioned.v2',
  data: {
    ...facts,
    operationId,
    attempt: 1,
    account: null,
    receipt: { kind: 'acknowledged', at: NOW },
  },
})
const acknowledged: GrantEvent = {
  type: 'AccessRevoked.v3',
  data: { ...facts, operationId: OP1, attempt: 1, receipt: { kind: 'acknowledged', at: NOW } },
}
const asked = [held(), started('grant'), awaited('grant')] as const
const askedBack = [
  held(),
  started('grant', { operationId: OP2 }),
  provisionedBy(OP2),
  released(),
] as const

describe('waiting for work by hand', () => {
  it('keeps the operation in flight until then', () => {
    given(held(), started('grant'))
      .when(wait)
      .thenEvents([awaited('grant')])
    given(...asked)
      .when(start('absent'), '2026-05-15T07:59:59.999Z')
      .thenRefused('grant.operation-in-flight')
  })
  it('says so once', () => {
    given(...asked)
      .when(wait)
      .thenEvents([])
  })
  it('is of the operation in flight only', () => {
    given(held()).when(wait).thenRefused('grant.stale-operation')
    given(held(), started('grant', { operationId: OP2 }))
      .when(wait)
      .thenRefused('grant.stale-operation')
  })
  it('is only for the engine', () => {
    given(held(), started('grant')).when(wait, NOW, user('ada')).thenRefused('grant.engine-only')
  })
})

describe('saying how it went', () => {
  it('done: ends a grant', () => {
    given(...asked)
      .when(report())
      .thenEvents([reported('grant'), provisionedBy(OP1)])
  })
  it('done: ends a revoke, and is its receipt', () => {
    given(...askedBack, started('revoke'), awaited('revoke'))
      .when(report({ message: 'closed' }))
      .thenEvents([reported('revoke', 'done', 'closed'), acknowledged])
  })
  it('refused: a grant waits for an operator', () => {
    given(...asked)
      .when(report({ outcome: 'refused', message: 'no licence left' }), NOW, user('ada'))
      .thenEvents([
        reported('grant', 'refused', 'no licence left'),
        {
          type: 'ProvisioningFailed.v1',
          data: {
            ...facts,
            operationId: OP1,
            operation: 'grant',
            attempt: 1,
            code: 'provisioning.refused',
            message: 'no licence left',
            transient: false,
            retryAt: null,
          },
        },
      ])
  })
  it('refused: a revoke is asked for again, an hour later', () => {
    const { decision } = given(...askedBack, started('revoke'), awaited('revoke')).when(
      report({ outcome: 'refused' }),
    )
    expect(decision.ok && decision.events).toMatchObject([
      { type: 'FulfilmentReported.v1' },
      {
        type: 'ProvisioningFailed.v1',
        data: { code: 'provisioning.refused', retryAt: '2026-05-01T09:00:00.000Z' },
      },
    ])
  })
  it('changes nothing when it is said twice, and refuses the contrary', () => {
    const done = given(...asked, reported('grant'), provisioned)
    done.when(report()).thenEvents([])
    done.when(report({ outcome: 'refused' })).thenRefused('fulfilment.ended')
  })
  it('may come before the wait for it is recorded, from the target', () => {
    const begun = given(held(), started('grant'))
    begun.when(report()).thenEvents([reported('grant'), provisionedBy(OP1)])
    begun.when(report(), NOW, user('ada')).thenRefused('fulfilment.not-awaited')
    given(held(), started('grant'), reported('grant'), provisioned)
      .when(wait)
      .thenRefused('grant.stale-operation')
  })
  it('is of an operation that there is', () => {
    given(held()).when(report()).thenRefused('fulfilment.not-found')
    given(...asked)
      .when(report({ operationId: OP2 }))
      .thenRefused('fulfilment.not-found')
  })
  it('converges on what changed while it was awaited', () => {
    given(...asked, released(), reported('grant'), provisioned)
      .when(start('unknown'))
      .thenEvents([
        started('revoke', {
          operationId: OP2,
          observed: 'unknown',
          leaseUntil: '2026-05-01T08:01:00.000Z',
        }),
      ])
  })
})

describe('nobody says in time how it went', () => {
  const late = '2026-05-15T08:00:00.000Z'

  it('is a failure, which whoever comes next records', () => {
    for (const command of [start('absent'), start('unknown')]) {
      const { decision } = given(...asked).when(command, late)
      expect(decision.ok && decision.events).toMatchObject([
        {
          type: 'ProvisioningFailed.v1',
          data: {
            operationId: OP1,
            operation: 'grant',
            code: 'provisioning.not-fulfilled-in-time',
            transient: true,
          },
        },
      ])
    }
  })
  it('is recorded before the failure of a look at the target', () => {
    const { decision } = given(...askedBack, started('revoke'), awaited('revoke')).when(
      { ...fail(), type: 'ReportUnreachable', operationId: OP2 },
      late,
    )
    expect(decision.ok && decision.events.map(({ data }) => data)).toMatchObject([
      { operationId: OP1, attempt: 1, code: 'provisioning.not-fulfilled-in-time' },
      { operationId: OP2, attempt: 2, code: 'scim.down' },
    ])
  })
})

describe('a word that comes late', () => {
  const outOfTime = [...asked, failed('grant', UNTIL)] as const

  it('counts where nothing was sent to the target since', () => {
    given(...outOfTime)
      .when(report())
      .thenEvents([reported('grant'), provisionedBy(OP1)])
    given(...outOfTime)
      .when(report({ outcome: 'refused' }))
      .thenRefused('fulfilment.ended')
  })
  it('is overtaken by another operation', () => {
    const { decision } = given(...outOfTime, started('grant', { operationId: OP2 })).when(report())
    expect(decision).toMatchObject({
      ok: false,
      refusal: {
        kind: 'conflict',
        code: 'fulfilment.ended',
        data: { ended: 'failed', desired: 'present', operationId: OP2, operation: 'grant' },
      },
    })
  })
  it('is told from one that was taken over', () => {
    const { decision } = given(
      held(),
      started('grant'),
      started('grant', { operationId: OP2 }),
    ).when(report())
    expect(decision).toMatchObject({ refusal: { data: { ended: 'replaced' } } })
  })
  it('puts right what it did to the target, where that is known to be otherwise', () => {
    const gone = [
      ...outOfTime,
      released(),
      started('revoke', { operationId: OP2 }),
      { ...acknowledged, data: { ...acknowledged.data, operationId: OP2 } } as GrantEvent,
    ] as const
    given(...gone)
      .when(report())
      .thenEvents([reported('grant')])
    given(...gone, reported('grant'))
      .when(start('present'))
      .thenEvents([
        started('revoke', {
          operationId: OP2,
          observed: 'present',
          leaseUntil: '2026-05-01T08:01:00.000Z',
        }),
      ])
    // What we did ourselves isn't taken for access from before us.
    given(...gone, reported('grant'), held('tools.mira.a2'))
      .when(start('present'))
      .thenEvents([
        started('grant', {
          operationId: OP2,
          observed: 'present',
          leaseUntil: '2026-05-01T08:01:00.000Z',
        }),
      ])
  })
  it('says nothing new where the access is what it made of it', () => {
    given(...outOfTime, started('grant', { operationId: OP2 }), provisionedBy(OP2))
      .when(report())
      .thenRefused('fulfilment.ended')
  })
})
