import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  freePort,
  openProviderSide,
  signInThere,
  startRealProvider,
} from './realProvider.fixture.ts'
import { openBrowser, openSignInApi, outcomeOf, type SignInApi } from './signInApi.fixture.ts'

const OID = {
  alice: '2f1e7a52-5b0e-4b9e-8d0c-6a5f0f3d9c11',
  gone: '2f1e7a52-5b0e-4b9e-8d0c-6a5f0f3d9c12',
}
let offset = 0
const clock = { now: () => new Date(Date.now() + offset).toISOString() }

let database: TestDatabase
let provider: Awaited<ReturnType<typeof startRealProvider>>
let site: SignInApi
beforeAll(async () => {
  database = await testDatabase()
  const port = await freePort()
  const baseUrl = `http://127.0.0.1:${port}`
  provider = await startRealProvider(baseUrl, {
    'a-1': { oid: OID.alice, preferred_username: 'whatever' },
    'b-1': { preferred_username: 'Bob', email: 'bob@example.org', email_verified: true },
    'g-1': { oid: OID.gone },
    'n-1': { preferred_username: 'nobody', email: 'alice@example.org' },
  })
  site = await openSignInApi(database, provider.issuer, {
    clock,
    baseUrl,
    people: [
      { id: 'alice', objectId: OID.alice },
      { id: 'bob' },
      { id: 'gone', objectId: OID.gone, enabled: false },
    ],
  })
  await site.api.listen({ host: '127.0.0.1', port })
})
afterAll(async () => {
  await site.close()
  await provider.close()
  await database.close()
})

describe('signing in at a real provider', () => {
  it('leads to where the person wanted to go, with a session that says how they signed in', async () => {
    const browser = openBrowser(site)
    const { answer } = await signInThere(browser, 'a-1', '?max_age=3600&returnTo=/requests/r1?x=1')
    expect(outcomeOf(answer)).toBe(`303 ${site.baseUrl}/requests/r1?x=1`)
    const { me, session } = (await browser.visit('/auth/session')).json()
    expect(me.actor).toEqual({ kind: 'user', id: 'alice' })
    expect(session).toMatchObject({ issuer: provider.issuer, acr: 'urn:test:strong' })
    expect(Date.parse(session.authTime)).toBeGreaterThan(Date.now() - 60_000)
    // Nothing of the sign-in is left in the browser, and no token.
    expect([...browser.cookies.keys()]).toEqual(['portcullis'])
  })

  it('asks with PKCE (S256), state and nonce of its own each time, and for no refresh token', async () => {
    const [one, other] = [await openBrowser(site).begin(), await openBrowser(site).begin()]
    expect(one.asked).toMatchObject({
      response_type: 'code',
      client_id: 'portcullis',
      redirect_uri: `${site.baseUrl}/auth/callback`,
      code_challenge_method: 'S256',
      scope: 'openid profile email',
    })
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect([name, one.asked[name]]).not.toEqual([name, other.asked[name]])
    expect(one.asked).not.toHaveProperty('client_secret')
  })

  it('knows people by names that only the provider’s user info tells', async () => {
    const browser = openBrowser(site)
    await signInThere(browser, 'b-1')
    expect(await browser.whoAmI()).toBe('bob')
  })

  it('begins at its own name where somebody opens it by another of this machine', async () => {
    const { port } = new URL(site.baseUrl)
    const answer = await site.api.inject({
      url: '/auth/sign-in?returnTo=%2Fa',
      headers: { host: `localhost:${port}` },
    })
    expect(outcomeOf(answer)).toBe(`302 ${site.baseUrl}/auth/sign-in?returnTo=%2Fa`)
    const elsewhere = await site.api.inject({
      url: '/auth/sign-in',
      headers: { host: 'evil.example' },
    })
    expect(String(elsewhere.headers.location)).toContain(provider.issuer)
  })

  it.each([
    ['somebody who left', 'g-1', '403 sign-in.disabled'],
    [
      'somebody whom nobody knows, with an address that was not checked',
      'n-1',
      '403 sign-in.nobody',
    ],
  ])('shows %s a page and no session', async (_who, account, expected) => {
    const browser = openBrowser(site)
    const { answer } = await signInThere(browser, account)
    expect(outcomeOf(answer)).toBe(expected)
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
    expect(answer.body).toContain(String(answer.headers['x-request-id']))
    expect([...browser.cookies.keys()]).toEqual([])
  })
})

describe('what others try', () => {
  /** A sign-in up to the callback, whose address is not visited. */
  const upToCallback = async (account: string) => {
    const browser = openBrowser(site)
    const { location } = await browser.begin()
    const { url } = await openProviderSide(account).follow(location)
    return { browser, callback: url.href }
  }

  it('login CSRF: the callback of somebody else’s sign-in does nothing in this browser', async () => {
    const { callback } = await upToCallback('a-1')
    const victim = openBrowser(site)
    expect(outcomeOf(await victim.visit(callback))).toBe('400 sign-in.expired')
    await victim.begin()
    expect(outcomeOf(await victim.visit(callback))).toBe('400 sign-in.expired')
    expect(await victim.whoAmI()).toBeUndefined()
  })

  it('code injection: a stolen code in a sign-in of one’s own fails at the verifier', async () => {
    const { callback } = await upToCallback('a-1')
    const attacker = openBrowser(site)
    const { asked } = await attacker.begin()
    const injected = new URL(callback)
    injected.searchParams.set('state', asked.state ?? '')
    expect(outcomeOf(await attacker.visit(injected.href))).toBe('400 sign-in.not-valid')
    expect(await attacker.whoAmI()).toBeUndefined()
  })

  it('replay: a callback works once, also with all the cookies of its first time', async () => {
    const { browser, callback } = await upToCallback('a-1')
    const copied = [...browser.cookies]
    expect(outcomeOf(await browser.visit(callback))).toMatch(/^303/)
    const thief = openBrowser(site)
    for (const [name, value] of copied) thief.cookies.set(name, value)
    expect(outcomeOf(await thief.visit(callback))).toBe('400 sign-in.expired')
    expect(outcomeOf(await browser.visit(callback))).toBe('400 sign-in.expired')
    expect(await thief.whoAmI()).toBeUndefined()
    expect(await browser.whoAmI()).toBe('alice')
  })

  it('fixation: the session is another one after each sign-in, and the one before has ended', async () => {
    const browser = openBrowser(site)
    browser.cookies.set('portcullis', 'a'.repeat(43))
    await signInThere(browser, 'b-1')
    const first = browser.cookies.get('portcullis') ?? ''
    expect(first).not.toBe('a'.repeat(43))
    await signInThere(browser, 'a-1')
    const second = browser.cookies.get('portcullis')
    expect(second).not.toBe(first)
    const planted = openBrowser(site)
    planted.cookies.set('portcullis', first)
    expect(await planted.whoAmI()).toBeUndefined()
    expect(await browser.whoAmI()).toBe('alice')
  })

  it('a HEAD of the callback, as mail scanners send, uses nothing up', async () => {
    const { browser, callback } = await upToCallback('a-1')
    const { pathname, search } = new URL(callback)
    const head = await site.api.inject({ method: 'HEAD', url: `${pathname}${search}` })
    expect(head.statusCode).toBe(404)
    expect(outcomeOf(await browser.visit(callback))).toMatch(/^303/)
  })

  it('a sign-in ends within ten minutes of its beginning', async () => {
    const { browser, callback } = await upToCallback('a-1')
    offset = 10 * 60_000
    expect(outcomeOf(await browser.visit(callback))).toBe('400 sign-in.expired')
    offset = 0
  })

  it.each([
    [-50_000, /^303/],
    [50_000, /^303/],
    [-75_000, /^400 sign-in.not-valid/],
    [75 * 60_000, /^400 sign-in.not-valid/],
  ])('a clock that is %d ms off gives %s', async (millis, expected) => {
    offset = millis
    try {
      const browser = openBrowser(site)
      expect(outcomeOf((await signInThere(browser, 'a-1')).answer)).toMatch(expected)
    } finally {
      offset = 0
    }
  })

  it('returnTo leads nowhere else', async () => {
    const browser = openBrowser(site)
    const { answer } = await signInThere(browser, 'a-1', '?returnTo=//evil.example/x')
    expect(outcomeOf(answer)).toBe(`303 ${site.baseUrl}/`)
  })
})

describe('several tabs', () => {
  it('each end their own sign-in; of six the oldest is forgotten', async () => {
    const browser = openBrowser(site)
    const begun: URL[] = []
    for (let tab = 0; tab < 6; tab += 1) {
      begun.push((await browser.begin(`?returnTo=/${tab}`)).location)
      offset += 1000
    }
    expect(browser.cookies.size).toBe(5)
    const there = openProviderSide('a-1')
    const outcomes: string[] = []
    for (const location of begun.toReversed())
      outcomes.push(outcomeOf(await browser.visit((await there.follow(location)).url.href)))
    offset = 0
    expect(outcomes).toEqual([
      ...[5, 4, 3, 2, 1].map((tab) => `303 ${site.baseUrl}/${tab}`),
      '400 sign-in.expired',
    ])
  })

  it('never need more header than the API takes, however long their addresses are', async () => {
    const browser = openBrowser(site)
    await signInThere(browser, 'a-1')
    for (let tab = 0; tab < 8; tab += 1) await browser.begin(`?returnTo=/${'x'.repeat(2000)}`)
    const bytes = [...browser.cookies].reduce((sum, [n, v]) => sum + n.length + v.length + 3, 0)
    expect(bytes).toBeLessThan(7000)
    const { port } = new URL(site.baseUrl)
    const cookie = [...browser.cookies].map(([n, v]) => `${n}=${v}`).join('; ')
    const real = await fetch(`http://127.0.0.1:${port}/auth/session`, { headers: { cookie } })
    expect(real.status).toBe(200)
  })
})

describe('signing out', () => {
  it('leads through the provider, which knows whom by the token of the sign-in', async () => {
    const browser = openBrowser(site)
    const { there } = await signInThere(browser, 'a-1')
    const { csrfToken } = (await browser.visit('/auth/session')).json()
    const out = await site.api.inject({
      method: 'POST',
      url: '/auth/sign-out',
      headers: {
        cookie: `portcullis=${browser.cookies.get('portcullis')}`,
        'sec-fetch-site': 'same-origin',
        'x-portcullis-csrf': csrfToken,
      },
    })
    const endSession = new URL(out.json().endSession)
    expect(endSession.origin).toBe(provider.issuer)
    expect(endSession.searchParams.get('post_logout_redirect_uri')).toBe(`${site.baseUrl}/`)
    // The provider takes the token as one of its own, and asks whether it is meant.
    expect((await there.follow(endSession)).text).toContain('op.logoutForm')
    expect(await browser.whoAmI()).toBeUndefined()
  })

  it('at the provider ends the session here, by its order through the back channel', async () => {
    const [browser, other] = [openBrowser(site), openBrowser(site)]
    const { there } = await signInThere(browser, 'a-1')
    await signInThere(other, 'a-1')
    const asked = await there.follow(`${provider.issuer}/session/end`)
    const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(asked.text) ?? []
    await there.follow(`${provider.issuer}/session/end/confirm`, {
      method: 'POST',
      body: new URLSearchParams({ xsrf, logout: 'yes' }),
    })
    await expect.poll(() => browser.whoAmI(), { timeout: 10_000 }).toBeUndefined()
    // Somewhere else the person is signed in by another session of the provider.
    expect(await other.whoAmI()).toBe('alice')
  })
})
