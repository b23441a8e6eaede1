import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exampleTerms } from '@portcullis/api-contract'
import { silentLog } from '@portcullis/engine'
import { systemClock } from '@portcullis/runtime'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApi } from '../createApi.ts'
import { createLogger } from '../logger.ts'
import { fakeMonitor } from '../testing/fakeMonitor.ts'
import { openRealEngine, type RealEngine, sendAs } from '../testing/realEngine.ts'
import { type OpenSignIn, openSignIn } from './openSignIn.ts'

const ISSUER = 'https://id.example'
const BASE = 'https://access.example'
const AUTH_TIME = '2026-11-01T08:00:00.000Z'

let engine: RealEngine
let signIn: OpenSignIn
let keyDir = ''
let api: ReturnType<typeof createApi>
beforeAll(async () => {
  engine = await openRealEngine()
  keyDir = await mkdtemp(join(tmpdir(), 'portcullis-session-commands-'))
  const { runtime } = engine
  signIn = await openSignIn(
    {
      issuer: ISSUER,
      clientId: 'portcullis',
      clientSecret: undefined,
      scopes: 'openid',
      match: [],
      idleMillis: 1_800_000,
      absoluteMillis: 43_200_000,
      perAddress: 0,
    },
    { ...runtime, log: silentLog, keyDir, baseUrl: BASE },
  )
  api = createApi({
    application: runtime.application,
    authenticator: { authenticate: async () => ({ ok: false, error: 'missing', message: 'none' }) },
    signIn,
    logger: createLogger('silent'),
    clock: systemClock,
    monitor: fakeMonitor(),
    baseUrl: BASE,
    version: '0.1.0',
    zone: 'UTC',
  })
})
afterAll(async () => {
  await api.close()
  signIn.close()
  await engine.close()
  await rm(keyDir, { recursive: true, force: true })
})

const pageOf = async (personId: string, acr: string | null) => {
  const { store, csrfTokenOf } = signIn.sessions
  const more = { sid: null, amr: [], userAgent: '', idToken: null }
  const { secret, session } = await store.begin({
    personId,
    issuer: ISSUER,
    subject: personId,
    authTime: AUTH_TIME,
    acr,
    ...more,
  })
  return {
    cookie: `__Host-portcullis=${secret}`,
    'sec-fetch-site': 'same-origin',
    'x-portcullis-csrf': csrfTokenOf(session),
  }
}

it('what people do who signed in says how they were authenticated; what comes by a token doesn’t', async () => {
  const send = sendAs(engine)
  await send('alice', 'POST', '/v1/catalogs', { id: 'engineering', displayName: 'Engineering' })
  await send('alice', 'POST', '/v1/access-packages', {
    id: 'web-team',
    catalogId: 'engineering',
    displayName: 'Web team',
    resourceRoles: [{ resourceId: 'git', roleId: 'member' }],
    policies: [{ id: 'staff', terms: exampleTerms }],
  })
  const carol = await pageOf('carol', null)
  const asked = await api.inject({
    method: 'POST',
    url: '/v1/access-packages/web-team/requests',
    headers: carol,
    payload: { justification: 'I join' },
  })
  expect(asked.statusCode).toBe(201)
  const id = asked.json().requestId
  const decided = await api.inject({
    method: 'POST',
    url: `/v1/requests/${id}/approve`,
    headers: await pageOf('bob', 'urn:strong'),
    payload: {},
  })
  expect(decided.statusCode).toBe(200)

  const read = await api.inject({
    url: `/v1/requests/${id}`,
    headers: { ...carol, 'portcullis-at-least': decided.json().position },
  })
  const history: readonly { type: string; actor: { id: string }; authentication?: object }[] =
    read.json().history
  const signedIn = { kind: 'session', issuer: ISSUER, authTime: AUTH_TIME }
  expect(history.map(({ type, authentication }) => [type, authentication])).toEqual(
    expect.arrayContaining([
      ['RequestSubmitted.v1', { ...signedIn, acr: null }],
      ['ApprovalGranted.v1', { ...signedIn, acr: 'urn:strong' }],
    ]),
  )
  const { items } = (await send('alice', 'GET', '/v1/access-packages/web-team/history')).body
  expect(items.length).toBeGreaterThan(0)
  for (const entry of items) expect(entry).not.toHaveProperty('authentication')
})

it('the same command by a token and by a session is one command', async () => {
  const send = sendAs(engine)
  const key = { 'idempotency-key': '2f1e7a52-5b0e-4b9e-8d0c-6a5f0f3d9c33' }
  const url = '/v1/access-packages/web-team/requests'
  const body = { justification: 'I join, too' }
  const first = await send('dave', 'POST', url, body, key)
  const again = await api.inject({
    method: 'POST',
    url,
    headers: { ...(await pageOf('dave', null)), ...key },
    payload: body,
  })
  expect(first.status).toBe(201)
  expect(again.json()).toEqual({ ...first.body, repeated: true })
})
