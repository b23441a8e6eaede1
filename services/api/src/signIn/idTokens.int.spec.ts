import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { type ForgedIssuer, makeKey } from './forgedIssuer.fixture.ts'
import {
  ALICE,
  beforeForgedSite,
  type Forge,
  seconds,
  signInWith,
  without,
} from './forgedSignIn.fixture.ts'
import { CLIENT_ID, CLIENT_SECRET, type SignInApi } from './signInApi.fixture.ts'

let issuer: ForgedIssuer
let site: SignInApi
beforeForgedSite([{ id: 'alice', objectId: ALICE }], (opened) => {
  ;({ issuer, site } = opened)
})

const signIn = (forge: Forge, callback?: Readonly<Record<string, string>>) =>
  signInWith({ issuer, site }, forge, callback)
const NOT_VALID = '400 sign-in.not-valid'

describe('an id token', () => {
  it('that is right lets its person in', async () => {
    const { browser, outcome } = await signIn((good) => issuer.sign(good))
    expect(outcome).toBe('303 https://access.example/')
    expect(await browser.whoAmI()).toBe('alice')
  })

  const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

  it.each<[string, Forge]>([
    ['none at all', () => undefined],
    ['that is no token', () => 'abc'],
    ['without a signature (alg none)', (good) => `${base64({ alg: 'none' })}.${base64(good)}.`],
    [
      'with alg none and a signature',
      async (good) => {
        const [, payload, signature] = (await issuer.sign(good)).split('.')
        return `${base64({ alg: 'none', kid: 'first' })}.${payload}.${signature}`
      },
    ],
    [
      'signed with the public key as a secret (HS256)',
      (good) =>
        new SignJWT(good)
          .setProtectedHeader({ alg: 'HS256', kid: 'first' })
          .sign(new TextEncoder().encode(JSON.stringify(issuer.key.publicJwk))),
    ],
    [
      'signed with the modulus as a secret (HS256)',
      (good) =>
        new SignJWT(good)
          .setProtectedHeader({ alg: 'HS256', kid: 'first' })
          .sign(Buffer.from(issuer.key.publicJwk.n ?? '', 'base64url')),
    ],
    [
      'signed with the client’s secret (HS256)',
      (good) =>
        new SignJWT(good)
          .setProtectedHeader({ alg: 'HS256' })
          .sign(Buffer.from(CLIENT_SECRET.padEnd(32))),
    ],
    [
      'signed with somebody else’s key of the same id',
      async (good) => issuer.sign(good, await makeKey('first')),
    ],
    [
      'that brings its own key',
      async (good) => {
        const mine = await makeKey('mine')
        return issuer.sign(good, mine, { jwk: mine.publicJwk })
      },
    ],
    [
      'that names where its key is',
      async (good) => issuer.sign(good, await makeKey('mine'), { jku: `${issuer.url}/jwks` }),
    ],
    [
      'whose claims were changed',
      async (good) => {
        const [header, , signature] = (await issuer.sign(good)).split('.')
        return `${header}.${base64({ ...good, sub: 'sub-bob' })}.${signature}`
      },
    ],
    ['for another client', (good) => issuer.sign({ ...good, aud: 'other' })],
    ['for nobody', (good) => issuer.sign(without(good, 'aud'))],
    ['for several, without azp', (good) => issuer.sign({ ...good, aud: [CLIENT_ID, 'other'] })],
    [
      'for several, asked for by another',
      (good) => issuer.sign({ ...good, aud: [CLIENT_ID, 'other'], azp: 'other' }),
    ],
    ['for us, asked for by another', (good) => issuer.sign({ ...good, azp: 'other' })],
    ['of another issuer', (good) => issuer.sign({ ...good, iss: 'https://evil.example' })],
    ['of no issuer', (good) => issuer.sign(without(good, 'iss'))],
    ['without an end', (good) => issuer.sign(without(good, 'exp'))],
    ['over for more than a minute', (good) => issuer.sign({ ...good, exp: seconds() - 62 })],
    ['of no time', (good) => issuer.sign(without(good, 'iat'))],
    ['of a time more than a minute ahead', (good) => issuer.sign({ ...good, iat: seconds() + 64 })],
    [
      'not valid for more than a minute yet',
      (good) => issuer.sign({ ...good, nbf: seconds() + 64 }),
    ],
    ['with another sign-in’s nonce', (good) => issuer.sign({ ...good, nonce: 'other' })],
    ['without a nonce', (good) => issuer.sign(without(good, 'nonce'))],
    ['of nobody', (good) => issuer.sign(without(good, 'sub'))],
    ['with an empty subject', (good) => issuer.sign({ ...good, sub: '' })],
    ['with a key that is not known', async (good) => issuer.sign(good, await makeKey('unknown'))],
    ['longer than any', (good) => issuer.sign({ ...good, padding: 'x'.repeat(20_000) })],
    [
      'with extensions that we don’t know',
      (good) =>
        new SignJWT(good)
          .setProtectedHeader({ alg: 'RS256', kid: 'first', crit: ['x'], x: 1 })
          .sign(issuer.key.privateKey, { crit: { x: true } }),
    ],
  ])('%s is refused, and nobody is signed in', async (_what, forge) => {
    const { browser, outcome } = await signIn(forge)
    expect(outcome).toBe(NOT_VALID)
    expect(await browser.whoAmI()).toBeUndefined()
  })

  it.each<[string, Forge]>([
    ['over for less than a minute', (good) => issuer.sign({ ...good, exp: seconds() - 55 })],
    [
      'of a time less than a minute ahead',
      (good) => issuer.sign({ ...good, iat: seconds() + 55, nbf: seconds() + 55 }),
    ],
    [
      'for several, asked for by us',
      (good) => issuer.sign({ ...good, aud: ['other', CLIENT_ID], azp: CLIENT_ID }),
    ],
    [
      'signed with ES256',
      async (good) => {
        const key = await makeKey('curve', 'ES256')
        issuer.published.push(key.publicJwk)
        return issuer.sign(good, key)
      },
    ],
  ])('%s is taken', async (_what, forge) => {
    expect((await signIn(forge)).outcome).toBe('303 https://access.example/')
  })
})

it('no log line holds a code, a state, a verifier, a token or a secret', async () => {
  let token = ''
  const { browser } = await signIn(async (good) => {
    token = await issuer.sign(good)
    return token
  })
  const { asked } = await browser.begin()
  for (const forge of ['abc', 'a.b.c', 'a.b.c.d.e', `${token}x`]) await signIn(() => forge)
  const text = site.lines.join('')
  const secrets = [
    token,
    'the-code',
    CLIENT_SECRET,
    asked.state ?? '',
    asked.nonce ?? '',
    ...browser.cookies.values(),
  ]
  for (const secret of [...secrets, 'a.b.c'])
    expect(text.includes(secret) ? secret : 'not there').toBe('not there')
  expect(text).toContain('somebody signed in')
})
