import { describe, expect, it } from 'vitest'
import { fetchSession, Refused, SignedOut } from './index.ts'
import { json, problem, type Received, scripted } from './testing/scriptedApi.ts'

const DONE = { commandId: '2f1e7a52-5b0e-4b9e-8d0c-6a5f0f3d9c11', position: '7', repeated: false }
const START = '2026-11-23T21:18:00.000Z'
const session = (csrfToken: string) => ({
  me: { actor: { kind: 'user', id: 'alice' }, directoryRoles: [], person: null, groupIds: [] },
  session: {
    id: DONE.commandId,
    current: true,
    issuer: 'https://id.example',
    startedAt: START,
    seenAt: START,
    idleUntil: START,
    endsAt: START,
    authTime: null,
    acr: null,
    userAgent: '',
  },
  csrfToken,
})
const tokens = { kind: 'session' } as const
const shortly = ({ method, url, headers }: Received) =>
  [method, new URL(url).pathname, headers['x-portcullis-csrf'], headers.authorization].join(' ')

describe('a client with the browser’s session', () => {
  it('sends no token: what changes something carries the proof, which is asked for once', async () => {
    const { client, received } = scripted([json(session('t1')), json(DONE)], { tokens })
    await client.enablePolicy({ packageId: 'p', policyId: 'q' })
    await client.enablePolicy({ packageId: 'p', policyId: 'q' })
    expect(received.map(shortly)).toEqual([
      'GET /auth/session  ',
      'POST /v1/access-packages/p/policies/q/enable t1 ',
      'POST /v1/access-packages/p/policies/q/enable t1 ',
    ])
  })

  it('reads without a proof', async () => {
    const { client, received } = scripted([json({ items: [], next: null })], { tokens })
    await client.listRequests({})
    expect(received.map(shortly)).toEqual(['GET /v1/requests  '])
  })

  it('asks for a new proof where the old one is refused, and sends the same command again', async () => {
    const { client, received } = scripted(
      [json(session('t1')), problem(403, 'authentication.csrf'), json(session('t2')), json(DONE)],
      { tokens },
    )
    expect(await client.enablePolicy({ packageId: 'p', policyId: 'q' })).toEqual(DONE)
    expect(received.map((each) => each.headers['x-portcullis-csrf'])).toEqual([
      undefined,
      't1',
      undefined,
      't2',
    ])
    expect(received[1]?.headers['idempotency-key']).toBe(received[3]?.headers['idempotency-key'])
  })

  it('gives any other refusal on, also that the session has ended', async () => {
    for (const [status, code] of [
      [403, 'permission.denied'],
      [401, 'authentication.session-ended'],
    ] as const) {
      const { client, received } = scripted([json(session('t1')), problem(status, code)], {
        tokens,
      })
      const refused = client.enablePolicy({ packageId: 'p', policyId: 'q' })
      await expect(refused).rejects.toThrow(Refused)
      await expect(refused).rejects.toMatchObject({ status, code })
      expect(received).toHaveLength(2)
    }
  })

  it('says that nobody is signed in where there is no proof to be had', async () => {
    const { client } = scripted([problem(401, 'authentication.missing')], { tokens })
    await expect(client.enablePolicy({ packageId: 'p', policyId: 'q' })).rejects.toThrow(SignedOut)
  })

  it('takes the proof of a page that has one', async () => {
    const given = { ...tokens, csrfToken: () => 'of-the-page' }
    const { client, received } = scripted([json(DONE)], { tokens: given })
    await client.enablePolicy({ packageId: 'p', policyId: 'q' })
    expect(received.map((each) => each.headers['x-portcullis-csrf'])).toEqual(['of-the-page'])
  })
})

describe('fetchSession', () => {
  it('gives who is signed in, nobody, or an error', async () => {
    const answering = (body: unknown, status: number) => ({
      url: 'https://access.example/',
      fetch: async (url: string | URL | Request) => {
        expect(String(url)).toBe('https://access.example/auth/session')
        return Response.json(body, { status })
      },
    })
    expect((await fetchSession(answering(session('t'), 200)))?.csrfToken).toBe('t')
    expect(await fetchSession(answering({}, 401))).toBeUndefined()
    await expect(fetchSession(answering({}, 503))).rejects.toThrow('/auth/session answered 503')
    await expect(fetchSession(answering({}, 200))).rejects.toThrow()
  })
})
