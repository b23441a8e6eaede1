import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readConfig } from './config.ts'

const SET = {
  PORTCULLIS_PUBLIC_URL: 'https://access.example',
  PORTCULLIS_OIDC_ISSUER: 'https://id.example/realms/staff',
  PORTCULLIS_OIDC_CLIENT_ID: 'portcullis',
}
const signIn = (more: Readonly<Record<string, string>> = {}) =>
  readConfig({ ...SET, ...more }, '/').signIn

describe('how people sign in', () => {
  it('is not at all without an issuer', () => {
    expect(readConfig({}, '/').signIn).toBeUndefined()
  })

  it('has what counts where nothing else is said', () => {
    expect(signIn()).toEqual({
      issuer: SET.PORTCULLIS_OIDC_ISSUER,
      clientId: 'portcullis',
      clientSecret: undefined,
      scopes: 'openid profile email',
      match: [
        { claim: 'oid', field: 'objectId' },
        { claim: 'preferred_username', field: 'userName' },
        { claim: 'upn', field: 'userName' },
        { claim: 'email', field: 'email' },
      ],
      idleMillis: 1_800_000,
      absoluteMillis: 43_200_000,
      perAddress: 20,
    })
  })

  it('takes rules, times and a secret from a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-oidc-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    writeFileSync(join(folder, 'secret'), 'of the file\n')
    const config = signIn({
      PORTCULLIS_OIDC_CLIENT_SECRET_FILE: join(folder, 'secret'),
      PORTCULLIS_OIDC_MATCH: 'sub:externalId, https://example.org/number:employeeNumber',
      PORTCULLIS_SESSION_IDLE_MINUTES: '5',
      PORTCULLIS_SESSION_HOURS: '1',
    })
    expect(config).toMatchObject({ clientSecret: 'of the file', idleMillis: 300_000 })
    expect(config?.match).toEqual([
      { claim: 'sub', field: 'externalId' },
      { claim: 'https://example.org/number', field: 'employeeNumber' },
    ])
    expect(config?.absoluteMillis).toBe(3_600_000)
  })

  it.each([
    ['https://id.example', 'https://access.example'],
    ['http://localhost:8080/sample', 'http://127.0.0.1:8080'],
    ['http://127.0.0.1:8080', 'http://localhost:8080'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ])('takes the issuer %s with the portal at %s', (issuer, portal) => {
    const config = signIn({ PORTCULLIS_OIDC_ISSUER: issuer, PORTCULLIS_PUBLIC_URL: portal })
    expect(config?.issuer).toBe(issuer)
  })

  it.each([
    'http://id.example',
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example',
    'http://10.0.0.1',
    'http://0.0.0.0',
    'ftp://id.example',
    'https://user:pass@id.example',
    'https://id.example?x=1',
    'https://id.example#x',
    'id.example',
  ])('refuses the issuer %s', (issuer) => {
    expect(() => signIn({ PORTCULLIS_OIDC_ISSUER: issuer })).toThrow(
      /PORTCULLIS_OIDC_ISSUER is not an https:\/\/ address/,
    )
  })

  it.each(['http://access.example', 'http://10.0.0.1:8080', 'http://localhost.evil.example'])(
    'refuses a portal at %s: cookies would travel in the clear',
    (portal) => {
      expect(() => signIn({ PORTCULLIS_PUBLIC_URL: portal })).toThrow(
        /PORTCULLIS_PUBLIC_URL must be the https:\/\/ address/,
      )
    },
  )

  it('refuses one that listens to every network and has no address', () => {
    const { PORTCULLIS_PUBLIC_URL: _, ...rest } = SET
    expect(() => readConfig({ ...rest, PORTCULLIS_HOST: '0.0.0.0' }, '/')).toThrow(
      /PORTCULLIS_PUBLIC_URL must be/,
    )
  })

  it.each(['PORTCULLIS_OIDC_ISSUER', 'PORTCULLIS_OIDC_CLIENT_ID'])(
    'refuses to be without %s',
    (name) => {
      expect(() => signIn({ [name]: '' })).toThrow(/go together/)
    },
  )

  it.each(['oid', 'oid:', ':objectId', 'oid:nothing', 'oid:objectId,', 'a b:userName'])(
    'refuses the rules %j, and says which there are',
    (rules) => {
      expect(() => signIn({ PORTCULLIS_OIDC_MATCH: rules })).toThrow(
        /PORTCULLIS_OIDC_MATCH is not a list .* objectId, externalId, employeeNumber, id, userName, email/,
      )
    },
  )

  it.each(['profile', 'openidx', 'openid  profile', 'openid "x"'])(
    'refuses the scopes %j',
    (scopes) => {
      expect(() => signIn({ PORTCULLIS_OIDC_SCOPES: scopes })).toThrow(
        /PORTCULLIS_OIDC_SCOPES is not/,
      )
    },
  )

  it('never shows the secret', () => {
    const secret = 'x'.repeat(5000)
    const read = () => signIn({ PORTCULLIS_OIDC_CLIENT_SECRET: secret })
    expect(read).toThrow(/PORTCULLIS_OIDC_CLIENT_SECRET/)
    expect(read).not.toThrow(/xxx/)
  })
})
