import { afterEach, describe, expect, it, vi } from 'vitest'
import { type ForgedIssuer, makeKey } from './forgedIssuer.fixture.ts'
import { ALICE, beforeForgedSite, type Forge, signInWith } from './forgedSignIn.fixture.ts'
import { openBrowser, outcomeOf, type SignInApi } from './signInApi.fixture.ts'

let issuer: ForgedIssuer
let site: SignInApi
beforeForgedSite([{ id: 'alice', objectId: ALICE }], (opened) => {
  ;({ issuer, site } = opened)
})
afterEach(() => {
  vi.useRealTimers()
})

const signIn = (forge: Forge, callback?: Readonly<Record<string, string>>) =>
  signInWith({ issuer, site }, forge, callback)
const NOT_VALID = '400 sign-in.not-valid'

describe('the issuer’s keys', () => {
  const fetched = () => issuer.asked.filter((path) => path === '/jwks').length

  it('are asked for once for a key that is not known, and again no sooner than after 30 s', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    await signIn((good) => issuer.sign(good))
    expect(fetched()).toBe(1)
    const unknown = await makeKey('unknown')
    for (let time = 0; time < 5; time += 1) await signIn((good) => issuer.sign(good, unknown))
    expect(fetched()).toBe(1)
    vi.setSystemTime(Date.now() + 30_000)
    for (let time = 0; time < 5; time += 1)
      expect((await signIn((good) => issuer.sign(good, unknown))).outcome).toBe(NOT_VALID)
    expect(fetched()).toBe(2)
  })

  it('may be exchanged: the new one is found, the old one taken no more', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    await signIn((good) => issuer.sign(good))
    const next = await makeKey('second')
    issuer.published.splice(0, 1, next.publicJwk)
    vi.setSystemTime(Date.now() + 30_000)
    expect((await signIn((good) => issuer.sign(good, next))).outcome).toMatch(/^303/)
    vi.setSystemTime(Date.now() + 30_000)
    expect((await signIn((good) => issuer.sign(good))).outcome).toBe(NOT_VALID)
  })
})

describe('the issuer’s answer in the browser', () => {
  it.each<[string, Record<string, string>, string]>([
    ['of another issuer (mix-up)', { iss: 'https://evil.example' }, NOT_VALID],
    ['of no issuer, though it says that it names itself', { iss: '' }, NOT_VALID],
    ['with another state', { state: 'x'.repeat(43) }, '400 sign-in.expired'],
    ['with an endless state', { state: 'x'.repeat(5000) }, '400 sign-in.expired'],
    ['with an endless code', { code: 'x'.repeat(5000) }, '303 https://access.example/'],
    ['that says the person cancelled', { error: 'access_denied' }, '403 sign-in.cancelled'],
    ['that says something else', { error: 'login_required' }, '403 sign-in.provider-refused'],
    [
      'with an error of its own words',
      { error: '<b>call +1 555</b>' },
      '403 sign-in.provider-refused',
    ],
  ])('%s: %j gives %s', async (_what, callback, expected) => {
    const { outcome } = await signIn((good) => issuer.sign(good), callback)
    expect(outcome).toBe(expected)
  })

  it('is never shown in its own words', async () => {
    const browser = openBrowser(site)
    const { asked } = await browser.begin()
    const query = new URLSearchParams({
      state: asked.state ?? '',
      error: 'server_error',
      error_description: 'Call us and tell your password',
    })
    const { body } = await browser.visit(`/auth/callback?${query}`)
    expect(body).not.toContain('Call us')
    expect(site.lines.join('')).not.toContain('Call us')
  })
})

describe('an issuer that does not answer as it has to', () => {
  it.each<[string, () => void, string]>([
    [
      'has none of its documents',
      () => {
        issuer.wrong.status = 500
      },
      '503 sign-in.provider-unreachable',
    ],
    [
      'calls itself something else',
      () => {
        issuer.wrong.document = { issuer: 'https://evil.example' }
      },
      '503 sign-in.provider-unreachable',
    ],
    [
      'has its keys without TLS',
      () => {
        issuer.wrong.document = { jwks_uri: 'http://evil.example/jwks' }
      },
      '503 sign-in.provider-unreachable',
    ],
    [
      'takes codes without TLS',
      () => {
        issuer.wrong.document = { token_endpoint: 'http://evil.example/token' }
      },
      '503 sign-in.provider-unreachable',
    ],
    [
      'has a document without an end',
      () => {
        issuer.wrong.document = { padding: 'x'.repeat(600_000) }
      },
      '503 sign-in.provider-unreachable',
    ],
  ])('%s: nobody can begin', async (_what, break_, expected) => {
    break_()
    expect(outcomeOf(await openBrowser(site).visit('/auth/sign-in'))).toBe(expected)
    // It isn't remembered as broken.
    Object.assign(issuer.wrong, { document: {}, status: 200 })
    expect((await openBrowser(site).visit('/auth/sign-in')).statusCode).toBe(302)
  })
})
