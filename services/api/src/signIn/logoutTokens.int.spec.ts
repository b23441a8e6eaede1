import type { JWTPayload } from 'jose'
import { describe, expect, it } from 'vitest'
import { type ForgedIssuer, makeKey } from './forgedIssuer.fixture.ts'
import { beforeForgedSite, seconds, without } from './forgedSignIn.fixture.ts'
import { CLIENT_ID, openBrowser, outcomeOf, type SignInApi } from './signInApi.fixture.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

let issuer: ForgedIssuer
let site: SignInApi
beforeForgedSite([{ id: 'alice' }], (opened) => {
  ;({ issuer, site } = opened)
})

let count = 0
const order = (more: JWTPayload = {}): JWTPayload => ({
  iss: issuer.url,
  aud: CLIENT_ID,
  iat: seconds(),
  exp: seconds() + 120,
  jti: `order-${++count}`,
  events: { [EVENT]: {} },
  sid: 's1',
  ...more,
})

/** Two sessions of alice at the issuer, s1 and s2. */
const signedIn = async () => {
  const begin = async (sid: string) => {
    const { secret } = await site.signIn.sessions.store.begin({
      personId: 'alice',
      issuer: issuer.url,
      subject: 'sub-alice',
      sid,
      authTime: null,
      acr: null,
      amr: [],
      userAgent: '',
      idToken: null,
    })
    return secret
  }
  const secrets = [await begin('s1'), await begin('s2')]
  return async (): Promise<string> => {
    const found = await Promise.all(secrets.map((each) => site.signIn.sessions.store.find(each)))
    return found.flatMap((session, n) => (session === undefined ? [] : `s${n + 1}`)).join()
  }
}
const send = async (token: string | undefined) => {
  const answer = await site.api.inject({
    method: 'POST',
    url: '/auth/backchannel-logout',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(token === undefined ? {} : { logout_token: token }).toString(),
  })
  return `${answer.statusCode} ${answer.json().code ?? JSON.stringify(answer.json())}`
}
const REFUSED = '400 sign-in.logout-token'

describe('a logout token', () => {
  it('ends the sessions of the issuer’s session', async () => {
    const left = await signedIn()
    expect(await send(await issuer.sign(order()))).toBe('200 {"ended":1}')
    expect(await left()).toBe('s2')
  })

  it('that names the person alone ends all of theirs', async () => {
    const left = await signedIn()
    const token = await issuer.sign({ ...without(order(), 'sid'), sub: 'sub-alice' })
    expect(await send(token)).toBe('200 {"ended":2}')
    expect(await left()).toBe('')
  })

  it('for somebody who has none ends none', async () => {
    const left = await signedIn()
    expect(await send(await issuer.sign(order({ sid: 'other' })))).toBe('200 {"ended":0}')
    expect(await left()).toBe('s1,s2')
  })

  it('is taken once, and another with the same id not at all', async () => {
    const claims = order()
    const token = await issuer.sign(claims)
    expect(await send(token)).toBe('200 {"ended":0}')
    const left = await signedIn()
    expect(await send(token)).toBe(REFUSED)
    expect(await send(await issuer.sign({ ...claims, sid: 's2' }))).toBe(REFUSED)
    expect(await left()).toBe('s1,s2')
  })

  it('without an end is taken for five minutes', async () => {
    const old = (age: number) => issuer.sign({ ...without(order(), 'exp'), iat: seconds() - age })
    expect(await send(await old(350))).toBe('200 {"ended":0}')
    expect(await send(await old(365))).toBe(REFUSED)
  })

  it.each<[string, () => Promise<string | undefined> | string | undefined]>([
    ['none', () => undefined],
    ['that is no token', () => 'abc'],
    ['without jti', () => issuer.sign(without(order(), 'jti'))],
    ['with an empty jti', () => issuer.sign(order({ jti: '' }))],
    ['with a nonce', () => issuer.sign(order({ nonce: 'n' }))],
    ['without events', () => issuer.sign(without(order(), 'events'))],
    ['with another event', () => issuer.sign(order({ events: { 'urn:other': {} } }))],
    ['with events that are a text', () => issuer.sign(order({ events: EVENT }))],
    ['with the event as a text', () => issuer.sign(order({ events: { [EVENT]: 'yes' } }))],
    ['without sid and sub', () => issuer.sign(without(order(), 'sid'))],
    ['with a sid that is no text', () => issuer.sign(order({ sid: 1 }))],
    ['for another client', () => issuer.sign(order({ aud: 'other' }))],
    ['of another issuer', () => issuer.sign(order({ iss: 'https://evil.example' }))],
    ['that has ended', () => issuer.sign(order({ exp: seconds() - 62 }))],
    ['of a time ahead', () => issuer.sign(order({ iat: seconds() + 64 }))],
    ['of no time', () => issuer.sign(without(order(), 'iat'))],
    ['of another kind', () => issuer.sign(order(), issuer.key, { typ: 'at+jwt' })],
    ['signed by somebody else', async () => issuer.sign(order(), await makeKey('first'))],
    [
      'that is an id token',
      () => issuer.sign({ ...without(order(), 'events', 'jti'), sub: 'sub-alice', nonce: 'n' }),
    ],
  ])('%s is refused, and everybody stays signed in', async (_what, make) => {
    const left = await signedIn()
    expect(await send(await make())).toBe(REFUSED)
    expect(await left()).toBe('s1,s2')
  })

  it('is asked for again when the keys can’t be had', async () => {
    const token = await issuer.sign(order())
    issuer.wrong.status = 500
    expect(await send(token)).toBe('503 sign-in.provider-unreachable')
    issuer.wrong.status = 200
    expect(await send(token)).toBe('200 {"ended":0}')
  })

  it('is never an id token: a sign-in with one fails', async () => {
    issuer.wrong.token = { id_token: await issuer.sign(order({ sub: 'sub-alice' })) }
    const browser = openBrowser(site)
    const { asked } = await browser.begin()
    const query = new URLSearchParams({ code: 'c', state: asked.state ?? '', iss: issuer.url })
    expect(outcomeOf(await browser.visit(`/auth/callback?${query}`))).toBe('400 sign-in.not-valid')
  })
})

it('the address takes forms alone, and small ones', async () => {
  const post = (type: string, payload: string) =>
    site.api.inject({
      method: 'POST',
      url: '/auth/backchannel-logout',
      headers: { 'content-type': type },
      payload,
    })
  expect((await post('application/json', '{"logout_token":"x"}')).statusCode).toBe(400)
  expect((await post('text/plain', 'logout_token=x')).statusCode).toBe(415)
  const large = await post(
    'application/x-www-form-urlencoded',
    `logout_token=${'x'.repeat(70_000)}`,
  )
  expect(large.statusCode).toBe(413)
  // Elsewhere a form stays what it was: nothing that is read.
  const command = await site.api.inject({
    method: 'POST',
    url: '/v1/catalogs',
    headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: 'user alice' },
    payload: 'id=x',
  })
  expect(command.statusCode).toBe(415)
})
