import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import type { JWTPayload } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { type ForgedIssuer, openForgedIssuer } from './forgedIssuer.fixture.ts'
import {
  CLIENT_ID,
  type KnownPerson,
  openBrowser,
  openSignInApi,
  outcomeOf,
  type SignInApi,
} from './signInApi.fixture.ts'

/** The machine's: the library that reads tokens has no other. */
const clock = { now: () => new Date().toISOString() }
export const seconds = () => Math.floor(Date.now() / 1000)
/** The object id of Alice. */
export const ALICE = '2f1e7a52-5b0e-4b9e-8d0c-6a5f0f3d9c11'

interface ForgedSite {
  readonly issuer: ForgedIssuer
  readonly site: SignInApi
}

/**
 * For each test a forged issuer and a site that trusts it, which knows these people; one database for all of a file.
 * @param opened told of them before each test
 */
export const beforeForgedSite = (
  people: readonly KnownPerson[],
  opened: (forged: ForgedSite) => void,
): void => {
  let database: TestDatabase
  let forged: ForgedSite
  beforeAll(async () => {
    database = await testDatabase()
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    const issuer = await openForgedIssuer()
    forged = { issuer, site: await openSignInApi(database, issuer.url, { clock, people }) }
    opened(forged)
  })
  afterEach(async () => {
    await forged.site.close()
    await forged.issuer.close()
  })
}

export type Forge = (good: JWTPayload) => Promise<string | undefined> | string | undefined

/** Signs in with a token of the test's making. */
export const signInWith = async (
  { issuer, site }: ForgedSite,
  forge: Forge,
  callback: Readonly<Record<string, string>> = {},
) => {
  const browser = openBrowser(site)
  const { asked } = await browser.begin()
  const token = await forge({
    iss: issuer.url,
    aud: CLIENT_ID,
    sub: 'sub-alice',
    oid: ALICE,
    iat: seconds(),
    exp: seconds() + 300,
    ...(asked.nonce === undefined ? {} : { nonce: asked.nonce }),
  })
  issuer.wrong.token = token === undefined ? {} : { id_token: token }
  const query = new URLSearchParams({
    code: 'the-code',
    state: asked.state ?? '',
    iss: issuer.url,
    ...callback,
  })
  const answer = await browser.visit(`/auth/callback?${query}`)
  return { browser, outcome: outcomeOf(answer) }
}

export const without = (claims: JWTPayload, ...names: readonly string[]): JWTPayload =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name)))
