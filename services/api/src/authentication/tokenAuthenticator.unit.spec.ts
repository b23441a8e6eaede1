import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from 'jose'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Authenticator } from './authenticator.ts'
import { challenge } from './authenticator.ts'
import { createTokenAuthenticator } from './tokenAuthenticator.ts'

const NOW = Date.parse('2026-11-23T21:18:00.000Z') / 1000
const CLAIMS = {
  sub: 'alice',
  kind: 'user',
  iss: 'portcullis',
  aud: 'portcullis-api',
  iat: NOW - 60,
  exp: NOW + 60,
}

let own: CryptoKey
let other: CryptoKey
let publicJwk: JWK
let authenticator: Authenticator
let ahead = 0

beforeAll(async () => {
  const pair = await generateKeyPair('EdDSA')
  own = pair.privateKey
  other = (await generateKeyPair('EdDSA')).privateKey
  publicJwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'EdDSA' }
  authenticator = await createTokenAuthenticator({
    clock: { now: () => new Date((NOW + ahead) * 1000).toISOString() },
    keys: { jwks: { keys: [publicJwk] } },
  })
})

afterEach(() => {
  ahead = 0
})

const sign = (claims: JWTPayload, key = own, header = { alg: 'EdDSA', kid: 'k1' }) =>
  new SignJWT(claims).setProtectedHeader(header).sign(key)

const refusalOf = async (authorization: string | undefined) => {
  const found = await authenticator.authenticate(authorization)
  if (found.ok) throw new Error('it was let in')
  return [found.error, found.message]
}

describe('a good token', () => {
  it('names a user; roles in it count for nothing', async () => {
    const token = await sign({ ...CLAIMS, roles: ['UserAdministrator'] })
    expect(await authenticator.authenticate(`Bearer ${token}`)).toMatchObject({
      ok: true,
      actor: { kind: 'user', id: 'alice' },
      directoryRoles: [],
    })
  })

  it('names a service with its roles; the scheme may be written in any case', async () => {
    const token = await sign({ ...CLAIMS, sub: 'hr', kind: 'service', roles: ['CatalogCreator'] })
    expect(await authenticator.authenticate(`bearer  ${token} `)).toMatchObject({
      ok: true,
      actor: { kind: 'service', id: 'hr' },
      directoryRoles: ['CatalogCreator'],
      claims: { sub: 'hr' },
    })
  })

  it('is let in up to 5 seconds after its end, for clocks differ', async () => {
    const found = await authenticator.authenticate(
      `Bearer ${await sign({ ...CLAIMS, exp: NOW - 4 })}`,
    )
    expect(found.ok).toBe(true)
  })
})

describe('a token that was verified before', () => {
  it('is let in again until its end, and not after', async () => {
    const token = `Bearer ${await sign(CLAIMS)}`
    expect(await authenticator.authenticate(token)).toEqual(await authenticator.authenticate(token))
    ahead = 64
    expect((await authenticator.authenticate(token)).ok).toBe(true)
    ahead = 65
    expect((await refusalOf(token))[0]).toBe('expired')
  })

  it('is refused again before its beginning, when the clock steps back', async () => {
    const token = `Bearer ${await sign({ ...CLAIMS, nbf: NOW })}`
    expect((await authenticator.authenticate(token)).ok).toBe(true)
    ahead = -60
    expect((await refusalOf(token))[0]).toBe('not-yet-valid')
  })

  it('with another signature is another token', async () => {
    const token = await sign(CLAIMS)
    expect((await authenticator.authenticate(`Bearer ${token}`)).ok).toBe(true)
    const forged = `${token.split('.').slice(0, 2).join('.')}.${(await sign(CLAIMS, other)).split('.')[2]}`
    expect((await refusalOf(`Bearer ${forged}`))[0]).toBe('signature')
  })
})

describe('a bad token is refused with the reason', () => {
  it.each([
    ['expired', { exp: NOW - 5 }, 'expired'],
    ['not valid yet', { nbf: NOW + 6 }, 'not-yet-valid'],
    ['for another audience', { aud: 'somebody-else' }, 'audience'],
    ['from another issuer', { iss: 'somebody-else' }, 'issuer'],
    ['without audience', { aud: undefined }, 'audience'],
    ['without issuer', { iss: undefined }, 'issuer'],
    ['without end', { exp: undefined }, 'claims'],
    ['without subject', { sub: undefined }, 'claims'],
    ['with a subject that is no id', { sub: 'a b' }, 'claims'],
    ['of an unknown kind', { kind: 'system' }, 'claims'],
    ['with unknown roles', { kind: 'service', roles: ['God'] }, 'claims'],
  ])('%s', async (_, claims, error) => {
    // What is undefined is left out of the JSON, as if it had never been there.
    const token = await sign(JSON.parse(JSON.stringify({ ...CLAIMS, ...claims })))
    expect((await refusalOf(`Bearer ${token}`))[0]).toBe(error)
  })

  it('signed with another key under our key id', async () => {
    expect((await refusalOf(`Bearer ${await sign(CLAIMS, other)}`))[0]).toBe('signature')
  })

  it('changed after signing', async () => {
    const [head, , signature] = (await sign(CLAIMS)).split('.')
    const claims = Buffer.from(JSON.stringify({ ...CLAIMS, sub: 'root' })).toString('base64url')
    expect((await refusalOf(`Bearer ${head}.${claims}.${signature}`))[0]).toBe('signature')
  })

  it('signed with a key that nobody knows', async () => {
    const token = await sign(CLAIMS, other, { alg: 'EdDSA', kid: 'k2' })
    expect((await refusalOf(`Bearer ${token}`))[0]).toBe('unknown-key')
  })

  it('not signed at all (alg none), with or without a signature', async () => {
    const token = new UnsecuredJWT(CLAIMS).encode()
    expect((await refusalOf(`Bearer ${token}`))[0]).toBe('algorithm')
    expect((await refusalOf(`Bearer ${token}AAAA`))[0]).toBe('algorithm')
  })

  it('signed with HMAC over the public key, the old confusion of algorithms', async () => {
    const secret = new TextEncoder().encode(JSON.stringify(publicJwk))
    const token = await new SignJWT(CLAIMS)
      .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
      .sign(secret)
    expect((await refusalOf(`Bearer ${token}`))[0]).toBe('algorithm')
  })

  it.each([undefined, '', '  '])('missing: %j', async (authorization) => {
    expect((await refusalOf(authorization))[0]).toBe('missing')
  })

  it.each([
    'x',
    'Basic YTpi',
    'Bearer',
    'Bearer ',
    'Bearer a b',
    'Bearer abc',
    'Bearer a.b.c',
    'Bearer ...',
    'Bearer e30.e30.e30',
    'Bearer eyJhbGciOiJFZERTQSIsImtpZCI6ImsxIn0.bm90IGpzb24.AA',
    `Bearer ${'a.'.repeat(5000)}`,
  ])('malformed: %j', async (authorization) => {
    expect(['malformed', 'signature', 'algorithm']).toContain((await refusalOf(authorization))[0])
  })
})

describe('the challenge', () => {
  it('has no error where no token came (RFC 6750 section 3.1)', () => {
    expect(challenge('missing', 'x')).toBe('Bearer realm="portcullis"')
  })

  it('holds the reason, in characters that a header may hold', () => {
    expect(challenge('expired', 'a "b"\r\nSet-Cookie: ü')).toBe(
      `Bearer realm="portcullis", error="invalid_token", error_description="a 'b'''Set-Cookie: '"`,
    )
  })
})
