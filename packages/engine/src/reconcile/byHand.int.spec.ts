import { addMillis } from '@portcullis/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPackage, openTerms, refusalOf, send, submit, user } from '../testing/send.ts'
import { openTestEngine, type TestEngine } from '../testing/testEngine.ts'

const DAY = 86_400_000

describe('work that is done by hand', () => {
  let engine: TestEngine
  beforeEach(async () => {
    engine = await openTestEngine()
    engine.main.byHandUntil = () => addMillis(engine.clock.now(), 14 * DAY)
    await createPackage(engine, 'p', {
      terms: openTerms({ expiration: { kind: 'afterHours', hours: 24 * 60 } }),
    })
    await engine.start()
  })
  afterEach(() => engine.close())

  const request = () => engine.application.request(user('admin'), 'p.alice.r1')
  const assignment = () => engine.application.assignment(user('admin'), 'p.alice.a1')
  const order = (index = -1): string => engine.main.orders.at(index) ?? ''
  const callback = (
    outcome: 'done' | 'refused' = 'done',
    fulfilmentId = order(),
    message: string | null = null,
  ) => engine.application.receiveCallback({ fulfilmentId, outcome, message }, 'main')
  const awaited = async () => {
    const answer = await engine.application.fulfilments(user('admin'), { limit: 10 })
    return answer.ok ? answer.answer.items : answer.refusal
  }
  const types = () => engine.typesOf('grant-wiki.member.alice')
  const later = (days: number) => engine.settleUntil(addMillis(engine.clock.now(), days * DAY))
  const remove = () =>
    send(engine, 'alice', {
      type: 'RemoveAssignment',
      assignmentId: 'p.alice.a1',
      justification: null,
    })

  it('is waited for, seen, and delivers once the target says that it is done', async () => {
    const asked = engine.clock.now()
    await submit(engine, 'p', 'alice')
    await engine.settle()
    expect(await request()).toMatchObject({ status: 'Delivering', fulfilmentErrors: [] })
    expect(await awaited()).toMatchObject([
      {
        id: order(),
        operation: 'grant',
        resourceId: 'wiki',
        roleId: 'member',
        subjectId: 'alice',
        since: asked,
        until: addMillis(asked, 14 * DAY),
      },
    ])
    await later(3)
    expect(engine.main.calls).toEqual(['grant wiki.member.alice'])
    expect(await callback()).toMatchObject({
      ok: true,
      repeated: false,
      result: { status: 'Provisioned' },
    })
    await engine.settle()
    expect(await request()).toMatchObject({ status: 'Fulfilled' })
    expect(await awaited()).toEqual([])
    expect(await types()).toEqual([
      'HoldAdded.v1',
      'ProvisioningStarted.v2',
      'FulfilmentAwaited.v1',
      'FulfilmentReported.v1',
      'AccessProvisioned.v2',
    ])
    // Said twice, it is the same; said otherwise, it isn't.
    expect(await callback()).toMatchObject({ ok: true, repeated: true })
    expect(await callback('refused')).toMatchObject({ refusal: { code: 'fulfilment.ended' } })
    await later(20)
    expect(engine.main.calls).toEqual(['grant wiki.member.alice'])
  })

  it('is taken back at the end, with the word of the target as receipt', async () => {
    await submit(engine, 'p', 'alice')
    await engine.settle()
    await callback()
    await later(61)
    expect(engine.main.calls.slice(0, 2)).toEqual([
      'grant wiki.member.alice',
      'revoke wiki.member.alice',
    ])
    expect(await assignment()).toMatchObject({ status: 'Expired', settled: false })
    await callback()
    await engine.settle()
    expect(await assignment()).toMatchObject({ status: 'Expired', settled: true })
    const last = (await engine.events('grant-wiki.member.alice')).at(-1)
    expect(last).toMatchObject({
      type: 'AccessRevoked.v3',
      data: { receipt: { kind: 'acknowledged' } },
      metadata: { actor: { kind: 'system', id: 'connector-main' } },
    })
  })

  it('is asked for again when nobody says how it went, also after a downtime', async () => {
    await submit(engine, 'p', 'alice')
    await engine.settle()
    await later(15)
    expect(engine.main.calls).toEqual(['grant wiki.member.alice', 'grant wiki.member.alice'])
    expect(await request()).toMatchObject({
      status: 'Unfulfilled',
      fulfilmentErrors: [{ code: 'provisioning.not-fulfilled-in-time', attempts: 1 }],
    })
    // The first order has been overtaken by the second.
    expect(await callback('done', order(0))).toMatchObject({
      refusal: {
        code: 'fulfilment.ended',
        data: { ended: 'failed', desired: 'present', operation: 'grant' },
      },
    })
    expect(await callback()).toMatchObject({ ok: true })
    await engine.settle()
    expect(await request()).toMatchObject({ status: 'Fulfilled' })
  })

  it('goes on with what changed meanwhile, once it is done', async () => {
    await submit(engine, 'p', 'alice')
    await engine.settle()
    await remove()
    await engine.settle()
    expect(engine.main.calls).toEqual(['grant wiki.member.alice'])
    await callback()
    await engine.settle()
    expect(engine.main.calls).toEqual(['grant wiki.member.alice', 'revoke wiki.member.alice'])
    await callback()
    await engine.settle()
    expect(await assignment()).toMatchObject({ status: 'Removed', settled: true })
  })

  it('is told by an administrator where nobody calls back', async () => {
    await submit(engine, 'p', 'alice')
    await engine.settle()
    const report = { type: 'ReportFulfilment', fulfilmentId: order(), message: null } as const
    expect(await refusalOf(engine, 'alice', { ...report, outcome: 'done' })).toBe(
      'fulfilment.forbidden',
    )
    expect(await engine.application.fulfilments(user('alice'), { limit: 10 })).toMatchObject({
      refusal: { code: 'fulfilment.forbidden' },
    })
    const unknown = order().replace(/.{12}$/, '000000000000')
    expect(
      await refusalOf(engine, 'admin', { ...report, outcome: 'done', fulfilmentId: unknown }),
    ).toBe('fulfilment.not-found')
    const refused = { ...report, outcome: 'refused', message: 'no licence left' } as const
    expect((await send(engine, 'admin', refused)).result.status).toBe('Refused')
    await engine.settle()
    expect(await request()).toMatchObject({
      status: 'Unfulfilled',
      fulfilmentErrors: [{ code: 'provisioning.refused', message: 'no licence left' }],
    })
    await later(1)
    expect(engine.main.calls).toHaveLength(1)
    await send(engine, 'admin', { type: 'ReprocessAssignment', assignmentId: 'p.alice.a1' })
    await engine.settle()
    expect(
      (await send(engine, 'admin', { ...report, outcome: 'done', fulfilmentId: order() })).result
        .status,
    ).toBe('Provisioned')
    await engine.settle()
    expect(await request()).toMatchObject({ status: 'Fulfilled' })
  })

  it('is put right when the target does it after its time', async () => {
    await submit(engine, 'p', 'alice')
    await engine.settle()
    await remove()
    await later(15)
    const revoke = order()
    expect(engine.main.calls.at(-1)).toBe('revoke wiki.member.alice')
    await callback('done', revoke)
    await engine.settle()
    expect(await assignment()).toMatchObject({ status: 'Removed', settled: true })
    // The grant of two weeks ago is carried out now.
    expect(await callback('done', order(0))).toMatchObject({ result: { status: 'Overtaken' } })
    await engine.settle()
    expect(engine.main.calls.at(-1)).toBe('revoke wiki.member.alice')
    expect(order()).not.toBe(revoke)
    await callback()
    await engine.settle()
    expect(await awaited()).toEqual([])
  })

  it('may be done before the target’s answer is heard', async () => {
    const asked = engine.main.byHandUntil
    const during = Promise.withResolvers<void>()
    engine.main.byHandUntil = () => {
      callback().then(() => during.resolve(), during.reject)
      return asked?.() ?? ''
    }
    await submit(engine, 'p', 'alice')
    await engine.settle()
    await during.promise
    await engine.settle()
    expect(await request()).toMatchObject({ status: 'Fulfilled' })
    expect(await awaited()).toEqual([])
  })
})
