import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConnectorError } from '../connector.ts'
import {
  accessOf,
  describeConnectorContract,
  startWebhookReceiver,
  type WebhookReceiver,
} from '../testing/index.ts'
import { createWebhookConnector, type WebhookConnectorOptions } from './webhookConnector.ts'

const NOW = '2026-03-01T09:00:00.000Z'
const clock = { now: () => NOW }
const { signal } = new AbortController()
const OPERATION = '11111111-1111-4111-8111-111111111111'

const connectTo = (receiver: WebhookReceiver, options: Partial<WebhookConnectorOptions> = {}) =>
  createWebhookConnector({
    name: 'tickets',
    url: receiver.url,
    secrets: receiver.secret,
    clock,
    callbackBase: 'https://access.example.com',
    ...options,
  })

describeConnectorContract('webhook', async () => {
  const receiver = await startWebhookReceiver()
  const accesses = Array.from({ length: 12 }, (_, n) => accessOf(`person-${n}`, 'g-1'))
  const make = () => connectTo(receiver, { readBackUrl: receiver.url })
  return {
    connector: make(),
    second: make,
    accesses,
    otherRole: accessOf('person-0', 'g-1', 'owner'),
    holders: async () =>
      receiver
        .holders()
        .flatMap((line) => (line.includes('.member.') ? [line.split('.').at(-1) ?? ''] : [])),
    break: async (kind) =>
      receiver.fail({ status: kind === 'for a while' ? 503 : 401, times: Number.MAX_SAFE_INTEGER }),
    repair: async () => receiver.heal(),
    close: receiver.close,
  }
})

describe('webhook connector', () => {
  let receiver: WebhookReceiver
  beforeEach(async () => {
    receiver = await startWebhookReceiver()
  })
  afterEach(() => receiver.close())

  const failure = async (call: Promise<unknown>): Promise<ConnectorError> => {
    const error = await call.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    if (error instanceof ConnectorError) return error
    throw new Error(`not a ConnectorError: ${error}`)
  }
  const alice = accessOf('alice', 'g-1')

  it('is read back only where that is configured, and says so without asking', async () => {
    expect(await connectTo(receiver).abilities?.(signal)).toEqual([
      { ability: 'read-back', can: 'no' },
    ])
    expect(await connectTo(receiver, { readBackUrl: receiver.url }).abilities?.(signal)).toEqual([
      { ability: 'read-back', can: 'yes' },
    ])
    expect(receiver.received).toEqual([])
  })

  it('sends one message for an operation, with the same id when it is sent again', async () => {
    const connector = connectTo(receiver)
    await connector.grant(alice, signal, OPERATION)
    await connector.grant(alice, signal, OPERATION)
    await connector.revoke(alice, signal, OPERATION)
    const fulfilmentId = `team-site.member.alice.${OPERATION}`
    const data = {
      operationId: OPERATION,
      fulfilmentId,
      resource: alice.resource,
      role: alice.role,
      subject: { id: 'alice', userName: alice.subject.userName },
      callbackUrl: `https://access.example.com/v1/callbacks/${fulfilmentId}`,
    }
    expect(receiver.received).toEqual([
      { id: `${OPERATION}_grant`, type: 'access.grant', timestamp: NOW, data },
      { id: `${OPERATION}_grant`, type: 'access.grant', timestamp: NOW, data },
      { id: `${OPERATION}_revoke`, type: 'access.revoke', timestamp: NOW, data },
    ])
  })

  it('signs by every secret while a new one comes in', async () => {
    const fresh = `whsec_${Buffer.from('n'.repeat(32)).toString('base64')}`
    await connectTo(receiver, { secrets: `${fresh} ${receiver.secret}` }).grant(alice, signal)
    expect(receiver.holders()).toEqual(['team-site.member.alice'])
    const error = await failure(connectTo(receiver, { secrets: fresh }).grant(alice, signal))
    expect(error).toMatchObject({ code: 'webhook.unauthorised', transient: false })
  })

  it('takes the word of a receiver that can’t be asked', async () => {
    expect(await connectTo(receiver).readBack(alice, signal)).toMatchObject({
      state: 'unknown',
    })
    expect(receiver.received).toEqual([])
  })

  it.each([
    ['14 days', undefined, '2026-03-15T09:00:00.000Z'],
    ['what is configured', 3_600_000, '2026-03-01T10:00:00.000Z'],
  ])('leaves %s to what is answered with 202', async (_, awaitedForMillis, awaitedUntil) => {
    receiver.byHand()
    const options = awaitedForMillis === undefined ? {} : { awaitedForMillis }
    const connector = connectTo(receiver, options)
    expect(await connector.grant(alice, signal, OPERATION)).toEqual({ awaitedUntil })
    expect(await connector.revoke(alice, signal)).toEqual({ awaitedUntil })
    expect(receiver.holders()).toEqual([])
    expect(receiver.tickets).toHaveLength(2)
  })

  it.each([200, 201, 204])('takes %i for done', async (status) => {
    receiver.fail({ status, times: 1 })
    expect(await connectTo(receiver).grant(alice, signal)).toBeUndefined()
  })

  it.each([
    [302, 'webhook.redirected', false],
    [400, 'webhook.refused', false],
    [401, 'webhook.unauthorised', false],
    [403, 'webhook.unauthorised', false],
    [404, 'webhook.refused', false],
    [410, 'webhook.refused', false],
    [408, 'webhook.unavailable', true],
    [409, 'webhook.unavailable', true],
    [425, 'webhook.unavailable', true],
    [429, 'webhook.throttled', true],
    [500, 'webhook.unavailable', true],
    [503, 'webhook.unavailable', true],
  ])('tells a failure by its status: %i', async (status, code, transient) => {
    const elsewhere = await startWebhookReceiver()
    receiver.fail({ status, headers: { location: elsewhere.url, 'retry-after': '90' }, times: 1 })
    const error = await failure(connectTo(receiver).grant(alice, signal))
    expect(error).toMatchObject({
      code,
      transient,
      ...(transient ? { retryAfterMillis: 90_000 } : {}),
    })
    expect(elsewhere.received).toEqual([])
    await elsewhere.close()
  })

  it('gives up after the timeout, also when the receiver has done it', async () => {
    receiver.fail({ hang: true, afterwards: true, times: 1 })
    const connector = connectTo(receiver, { timeoutMillis: 100, readBackUrl: receiver.url })
    expect(await failure(connector.grant(alice, signal))).toMatchObject({
      code: 'webhook.timeout',
      transient: true,
    })
    expect(await connector.readBack(alice, signal)).toMatchObject({
      state: 'present',
    })
  })

  it('tells a connection that is cut', async () => {
    receiver.fail({ drop: true, afterwards: true, times: 1 })
    expect(await failure(connectTo(receiver).grant(alice, signal))).toMatchObject({
      code: 'webhook.unreachable',
      transient: true,
    })
  })

  it.each([
    ['no JSON', 'present'],
    ['something else', '{"present":"yes"}'],
    ['nothing', ''],
  ])('doesn’t take %s for an answer to access.read', async (_, body) => {
    receiver.fail({ status: 200, body, times: 1 })
    const connector = connectTo(receiver, { readBackUrl: receiver.url })
    expect(await failure(connector.readBack(alice, signal))).toMatchObject({
      code: 'webhook.not-understood',
      transient: false,
    })
  })

  it('reads no answer without end', async () => {
    receiver.fail({ status: 200, body: 'x'.repeat(65_537), times: 1 })
    expect(await failure(connectTo(receiver).grant(alice, signal))).toMatchObject({
      code: 'webhook.answer-too-large',
      transient: false,
    })
  })

  it.each([
    [{ url: 'http://tickets.example.com' }, /url: must be https/],
    [{ url: 'https://me:secret@tickets.example.com' }, /url: takes no user/],
    [{ readBackUrl: 'nowhere' }, /readBackUrl: not a URL/],
    [{ secrets: 'hunter2' }, /secrets: must be whsec_/],
  ])('can’t be made with %j', (options, message) => {
    const make = () => connectTo(receiver, options)
    expect(make).toThrow(message)
    expect(make).not.toThrow(/hunter2|secret@/)
  })
})
