import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ORIGIN, openSessionApi, READ, verdict } from './sessionApi.fixture.ts'
import { migrateSignIn } from './sessionTables.ts'

const COMMAND = {
  method: 'POST',
  url: '/v1/access-packages/web-team/requests',
  payload: {},
} as const

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
  await migrateSignIn(database.pool)
})
afterAll(() => database.close())
beforeEach(() => database.pool.query('delete from portcullis_sign_in.sessions'))

const open = () => openSessionApi(database.pool)

describe('a request with a session', () => {
  it('is the person’s, with how they were authenticated', async () => {
    const { api, signIn, application } = open()
    const { page } = await signIn('alice')
    expect((await api.inject({ ...READ, headers: page })).json()).toMatchObject({
      actor: { kind: 'user', id: 'alice' },
    })
    expect(await verdict(api.inject({ ...COMMAND, headers: page }))).toBe(201)
    expect(application.sent[0]?.caller).toEqual({
      actor: { kind: 'user', id: 'alice' },
      directoryRoles: [],
      authentication: {
        kind: 'session',
        issuer: 'https://id.example',
        authTime: null,
        acr: 'mfa',
      },
    })
  })

  it.each<[string, Record<string, string | undefined>, string | number]>([
    ['from our page, with the token', {}, 201],
    ['from another site', { 'sec-fetch-site': 'cross-site' }, '403 authentication.cross-site'],
    [
      'from a sibling subdomain',
      { 'sec-fetch-site': 'same-site' },
      '403 authentication.cross-site',
    ],
    ['typed into the address bar', { 'sec-fetch-site': 'none' }, '403 authentication.cross-site'],
    [
      'that does not say where from',
      { 'sec-fetch-site': undefined },
      '403 authentication.cross-site',
    ],
    ['that says our origin alone', { 'sec-fetch-site': undefined, origin: ORIGIN }, 201],
    [
      'that says a sibling’s origin',
      { 'sec-fetch-site': undefined, origin: 'https://evil.access.example' },
      '403 authentication.cross-site',
    ],
    [
      'that says our host over http',
      { 'sec-fetch-site': undefined, origin: 'http://access.example' },
      '403 authentication.cross-site',
    ],
    [
      'of a page without an origin',
      { 'sec-fetch-site': undefined, origin: 'null' },
      '403 authentication.cross-site',
    ],
    ['without the token', { 'x-portcullis-csrf': undefined }, '403 authentication.csrf'],
    ['with an empty token', { 'x-portcullis-csrf': '' }, '403 authentication.csrf'],
    ['with some other token', { 'x-portcullis-csrf': 'a'.repeat(43) }, '403 authentication.csrf'],
  ])('that changes something, %s: %j gives %j', async (_what, headers, expected) => {
    const { api, signIn } = open()
    const { page } = await signIn('alice')
    const sent = Object.fromEntries(
      Object.entries({ ...page, ...headers }).filter(([, value]) => value !== undefined),
    ) as Record<string, string>
    expect(await verdict(api.inject({ ...COMMAND, headers: sent }))).toBe(expected)
  })

  it('needs the proof for every method but GET and HEAD', async () => {
    const { api, signIn } = open()
    const { cookie } = await signIn('alice')
    const headers = { ...cookie, 'sec-fetch-site': 'same-origin' }
    const changing = [
      ['POST', '/v1/catalogs'],
      ['PATCH', '/v1/catalogs/c'],
      ['DELETE', '/v1/catalogs/c'],
      ['PUT', '/v1/access-packages/p/policies/q'],
      ['POST', '/auth/sign-out'],
      ['DELETE', '/auth/sessions/2f1e7a52-5b0e-4b9e-8d0c-6a5f0f3d9c11'],
    ] as const
    for (const [method, url] of changing) {
      const answer = await api.inject({ method, url, headers, payload: {} })
      if (answer.statusCode !== 405)
        expect([method, url, answer.json().code]).toEqual([method, url, 'authentication.csrf'])
    }
    expect(await verdict(api.inject({ ...READ, headers }))).toBe(200)
    expect((await api.inject({ method: 'HEAD', url: '/v1/me', headers })).statusCode).toBe(200)
  })

  it.each([
    ['same-origin', 200],
    ['none', 200],
    [undefined, 200],
    ['same-site', '403 authentication.cross-site'],
    ['cross-site', '403 authentication.cross-site'],
  ])('that reads, sent from %s, gives %j', async (site, expected) => {
    const { api, signIn } = open()
    const { cookie } = await signIn('alice')
    const headers = { ...cookie, ...(site === undefined ? {} : { 'sec-fetch-site': site }) }
    expect(await verdict(api.inject({ ...READ, headers }))).toBe(expected)
  })

  it('carries another’s token in vain', async () => {
    const { api, signIn } = open()
    const [alice, bob] = [await signIn('alice'), await signIn('bob')]
    const headers = { ...alice.page, 'x-portcullis-csrf': bob.page['x-portcullis-csrf'] }
    expect(await verdict(api.inject({ ...COMMAND, headers }))).toBe('403 authentication.csrf')
  })

  it('and a planted second cookie is nobody’s', async () => {
    const { api, signIn } = open()
    const [alice, mallory] = [await signIn('alice'), await signIn('bob')]
    for (const cookie of [
      `__Host-portcullis=${alice.secret}; __Host-portcullis=${mallory.secret}`,
      `__Host-portcullis=${mallory.secret}; __Host-portcullis=${alice.secret}`,
    ])
      expect(await verdict(api.inject({ ...READ, headers: { cookie } }))).toBe(
        '401 authentication.session-ended',
      )
    // Without the prefix, which a sibling could set, it isn't looked at.
    const tossed = { cookie: `portcullis=${mallory.secret}` }
    expect(await verdict(api.inject({ ...READ, headers: tossed }))).toBe(
      '401 authentication.missing',
    )
  })

  it('and a token is the token’s; one with a bad token is nobody’s', async () => {
    const { api, signIn, application } = open()
    const { page, cookie } = await signIn('alice')
    const both = { ...page, authorization: 'user bob' }
    expect((await api.inject({ ...READ, headers: both })).json().actor.id).toBe('bob')
    // No proof is needed: what no browser adds by itself can't be forged by another site.
    const sent = await api.inject({ ...COMMAND, headers: { ...cookie, authorization: 'user bob' } })
    expect(sent.statusCode).toBe(201)
    expect(application.sent[0]?.caller).not.toHaveProperty('authentication')
    for (const authorization of ['nonsense', ''])
      expect(await verdict(api.inject({ ...READ, headers: { ...page, authorization } }))).toMatch(
        /^401 authentication\.(malformed|missing)$/,
      )
  })

  it('that has ended says so, and that the person has to sign in again', async () => {
    const { api, signIn, clock } = open()
    const { page } = await signIn('alice')
    clock.advance(1_800_000)
    const answer = await api.inject({ ...READ, headers: page })
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'authentication.session-ended'])
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="portcullis"')
  })

  it('of somebody who was disabled ends within three seconds, for good', async () => {
    const { api, signIn, clock, people } = open()
    const { page } = await signIn('alice')
    expect(await verdict(api.inject({ ...READ, headers: page }))).toBe(200)
    people.set('alice', { enabled: false, directoryRoles: [] })
    clock.advance(3000)
    expect(await verdict(api.inject({ ...COMMAND, headers: page }))).toBe(
      '401 authentication.session-ended',
    )
    people.set('alice', { enabled: true, directoryRoles: [] })
    expect(await verdict(api.inject({ ...READ, headers: page }))).toBe(
      '401 authentication.session-ended',
    )
  })

  it('and 60 other cookies still fits', async () => {
    const { api, signIn } = open()
    const { cookie } = await signIn('alice')
    const others = Array.from({ length: 60 }, (_, n) => `c${n}=${'x'.repeat(200)}`).join('; ')
    const headers = { cookie: `${others}; ${cookie.cookie}` }
    expect(await verdict(api.inject({ ...READ, headers }))).toBe(200)
  })
})
