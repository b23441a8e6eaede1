import { startWebhookReceiver, type WebhookReceiver } from '@portcullis/provisioning/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { givenPackage, request, untilAssignment, untilRequest } from './testing/given.ts'
import { type Engine, openEngine } from './testing/openEngine.ts'

describe('work by hand, from the request to the removal', () => {
  let receiver: WebhookReceiver
  let engine: Engine
  beforeAll(async () => {
    receiver = await startWebhookReceiver()
    receiver.byHand()
    const { url, secret } = receiver
    engine = await openEngine({ tickets: { url, secret } })
    await engine.changeOrganisation((before) => ({
      ...before,
      resources: [
        ...before.resources,
        {
          id: 'badge',
          kind: 'application',
          displayName: 'Badges',
          connector: 'tickets',
          roles: [{ id: 'holder', displayName: 'Holder' }],
          ownerIds: ['alice'],
        },
      ],
    }))
  })
  afterAll(async () => {
    await engine.close()
    await receiver.close()
  })

  /** As the ticket system does when a ticket is closed: calls back, signed, to the address of the order. */
  const callBack = async (index: number, outcome: 'done' | 'refused' = 'done') => {
    const { fulfilmentId, callbackUrl } = receiver.tickets[index] ?? {}
    const { pathname } = new URL(callbackUrl ?? '')
    const sent = receiver.callback({ fulfilmentId, outcome }, engine.clock.now())
    const answer = await fetch(`${engine.url}${pathname}`, { method: 'POST', ...sent })
    return { status: answer.status, body: await answer.json() }
  }

  it('a request is Fulfilled once the ticket is closed; its end opens another, and closing that removes it', async () => {
    const [sam, alice] = [engine.as('sam'), engine.as('alice')]
    const packageId = await givenPackage(
      engine,
      { expiration: { kind: 'afterDays', days: 30 } },
      { roles: ['badge.holder'] },
    )
    const requestId = await request(sam, packageId)
    await engine.quiet()
    expect((await sam.ok('getRequest', { requestId })).status).toBe('Delivering')
    expect(receiver.tickets).toMatchObject([{ type: 'access.grant' }])
    const [waiting] = (await alice.ok('listFulfilments', {})).items
    expect(waiting).toMatchObject({
      id: receiver.tickets[0]?.fulfilmentId,
      resourceName: 'Badges',
      subjectId: 'sam',
      since: engine.clock.now(),
    })

    await engine.advance({ days: 3 })
    receiver.tickets[0]?.carryOut()
    expect(await callBack(0)).toMatchObject({ status: 200, body: { status: 'Provisioned' } })
    await untilRequest(sam, requestId, 'Fulfilled')
    expect(await callBack(0)).toMatchObject({ status: 200, body: { repeated: true } })
    expect(await callBack(0, 'refused')).toMatchObject({
      status: 409,
      body: { code: 'fulfilment.ended' },
    })

    await engine.advance({ days: 30 })
    expect(receiver.tickets).toMatchObject([{ type: 'access.grant' }, { type: 'access.revoke' }])
    expect(receiver.holders()).toEqual(['badge.holder.sam'])
    receiver.tickets[1]?.carryOut()
    expect(await callBack(1)).toMatchObject({ status: 200, body: { status: 'Revoked' } })
    await untilAssignment(sam, `${packageId}.sam.a1`, 'Expired')
    expect(receiver.holders()).toEqual([])
    expect((await alice.ok('listFulfilments', {})).items).toEqual([])
  })

  it('nobody else’s signature is taken, and an order that nobody answers comes again', async () => {
    const packageId = await givenPackage(engine, {}, { roles: ['badge.holder'] })
    const sam = engine.as('sam')
    const requestId = await request(sam, packageId)
    await engine.quiet()
    const opened = receiver.tickets.length
    const stranger = await startWebhookReceiver(
      `whsec_${Buffer.from('s'.repeat(32)).toString('base64')}`,
    )
    const { fulfilmentId, callbackUrl } = receiver.tickets[opened - 1] ?? {}
    const forged = stranger.callback({ fulfilmentId, outcome: 'done' }, engine.clock.now())
    await stranger.close()
    const { pathname } = new URL(callbackUrl ?? '')
    const answer = await fetch(`${engine.url}${pathname}`, { method: 'POST', ...forged })
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({ code: 'callback.wrong-signature' })

    await engine.advance({ days: 15 })
    await engine.advance({ minutes: 1 })
    expect(receiver.tickets.length).toBe(opened + 1)
    expect(await callBack(opened - 1)).toMatchObject({ status: 409 })
    expect(await callBack(opened)).toMatchObject({ status: 200 })
    await untilRequest(sam, requestId, 'Fulfilled')
  })
})
