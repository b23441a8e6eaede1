import { createHmac } from 'node:crypto'
import { refuse } from '@portcullis/core'
import { describe, expect, it, vi } from 'vitest'
import { fakeApplication } from './testing/fakeApplication.ts'
import { testApi } from './testing/testApi.ts'

const ID = 'wiki.editor.alice.3f0a1c52-7b60-4a39-9f07-54a1f6a0c001'
const OTHER = 'wiki.editor.bob.3f0a1c52-7b60-4a39-9f07-54a1f6a0c002'
const done = { fulfilmentId: ID, outcome: 'done' }

/** Genuine is what was signed with the connector's name; the check of real signatures has specs of its own. */
const callbacks = {
  wrongWith: (
    connector: string,
    { header, body }: { readonly header: (name: string) => unknown; readonly body: string },
  ) => {
    const signature = header('webhook-signature')
    if (signature === undefined) return 'missing' as const
    if (header('webhook-timestamp') === 'old') return 'too-old' as const
    return signature === sign(connector, body) ? undefined : ('wrong' as const)
  },
}
const sign = (connector: string, body: string) =>
  createHmac('sha256', connector).update(body).digest('base64')

const call = async (
  body: string | object,
  {
    signed = 'tickets',
    id = ID,
    headers = {},
    application = {},
    verifier = callbacks,
  }: {
    readonly signed?: string | null
    readonly id?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly application?: Parameters<typeof fakeApplication>[0]
    /** Null: none is configured. */
    readonly verifier?: typeof callbacks | null
  } = {},
) => {
  const payload = typeof body === 'string' ? body : JSON.stringify(body)
  const receiveCallback = vi.fn(fakeApplication().receiveCallback)
  const api = testApi(
    fakeApplication({
      connectorOf: async (of) => (of.startsWith('wiki.') ? 'tickets' : undefined),
      receiveCallback,
      ...application,
    }),
    verifier === null ? {} : { callbacks: verifier },
  )
  const answer = await api.inject({
    method: 'POST',
    url: `/v1/callbacks/${id}`,
    headers: {
      'content-type': 'application/json',
      ...(signed === null ? {} : { 'webhook-signature': sign(signed, payload) }),
      ...headers,
    },
    payload,
  })
  return { answer, receiveCallback, body: answer.json() }
}

describe('callbacks of target systems', () => {
  it('are taken with the signature of the connector that the order was for, and no token', async () => {
    const { answer, receiveCallback, body } = await call({ ...done, message: 'Ticket 4711' })
    expect(answer.statusCode).toBe(200)
    expect(body).toEqual({
      commandId: '00000000-0000-4000-8000-000000000000',
      position: '7',
      repeated: false,
      status: 'Provisioned',
    })
    expect(receiveCallback.mock.calls).toEqual([
      [{ fulfilmentId: ID, outcome: 'done', message: 'Ticket 4711' }, 'tickets', expect.anything()],
    ])
  })

  it.each([
    ['another secret', done, { signed: 'hr' }, 'callback.wrong-signature'],
    ['no signature', done, { signed: null }, 'callback.not-signed'],
    ['an old one', done, { headers: { 'webhook-timestamp': 'old' } }, 'callback.wrong-time'],
    [
      'a resource that is not there',
      done,
      { id: ID.replace('wiki', 'no') },
      'callback.wrong-signature',
    ],
    ['no id at all', done, { id: 'x' }, 'callback.wrong-signature'],
    ['a body that is no JSON, not signed', '{', { signed: 'hr' }, 'callback.wrong-signature'],
    ['no webhook configured', done, { verifier: null }, 'callback.wrong-signature'],
  ])('are refused with %s, which tells nothing of what there is', async (_, said, how, code) => {
    const { answer, receiveCallback, body } = await call(said, how)
    expect([answer.statusCode, body.code]).toEqual([401, code])
    expect(receiveCallback).not.toHaveBeenCalled()
  })

  it.each([
    ['no JSON', '{', 'http.broken-json'],
    ['no outcome', { fulfilmentId: ID }, 'input.invalid'],
    ['another outcome', { ...done, outcome: 'maybe' }, 'input.invalid'],
    ['an unknown field', { ...done, by: 'me' }, 'input.invalid'],
    ['no fulfilment', { outcome: 'done' }, 'input.invalid'],
    [
      'the fulfilment of another message',
      { ...done, fulfilmentId: OTHER },
      'callback.other-fulfilment',
    ],
  ])('name what is wrong with a signed body: %s', async (_, said, code) => {
    const { answer, receiveCallback, body } = await call(said)
    expect([answer.statusCode, body.code]).toEqual([400, code])
    expect(receiveCallback).not.toHaveBeenCalled()
  })

  it('say what counts now where the operation has ended before', async () => {
    const data = { desired: 'present', operationId: null }
    const { answer, body } = await call(done, {
      application: {
        receiveCallback: async () => refuse('conflict', 'fulfilment.ended', 'too late', data),
      },
    })
    expect(answer.statusCode).toBe(409)
    expect(body).toMatchObject({ code: 'fulfilment.ended', data })
  })

  it('are bounded in size', async () => {
    const { answer } = await call({ ...done, message: 'x'.repeat(70_000) })
    expect(answer.statusCode).toBe(413)
  })
})
