import { identitySchema } from '@portcullis/api-contract'
import { expect, it } from 'vitest'
import type { ForgedIssuer } from './forgedIssuer.fixture.ts'
import { beforeForgedSite } from './forgedSignIn.fixture.ts'
import { CLIENT_ID, openBrowser, outcomeOf, type SignInApi } from './signInApi.fixture.ts'

let issuer: ForgedIssuer
let site: SignInApi
beforeForgedSite([{ id: 'alice' }], (opened) => {
  ;({ issuer, site } = opened)
})

/** Alice signs in with an account of hers. */
const signIn = async (sub: string) => {
  const browser = openBrowser(site)
  const { asked } = await browser.begin()
  const iat = Math.floor(Date.now() / 1000)
  const names = { sub, preferred_username: 'alice', nonce: asked.nonce ?? '' }
  issuer.wrong.token = {
    id_token: await issuer.sign({ iss: issuer.url, aud: CLIENT_ID, iat, exp: iat + 60, ...names }),
  }
  const query = new URLSearchParams({ code: 'c', state: asked.state ?? '', iss: issuer.url })
  return { browser, outcome: outcomeOf(await browser.visit(`/auth/callback?${query}`)) }
}
const as = async (authorization: string, method: 'GET' | 'DELETE', url: string) => {
  const answer = await site.api.inject({ method, url, headers: { authorization } })
  return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() }
}
const ADMINISTRATOR = 'service hr UserAdministrator'

it('an account that was made anew is let in once the old one was taken back', async () => {
  const { browser } = await signIn('old')
  expect((await signIn('new')).outcome).toBe('403 sign-in.conflict')
  const { body } = await as(ADMINISTRATOR, 'GET', '/auth/identities?personId=alice')
  const [link, ...others] = identitySchema.array().parse(body.items)
  expect([link?.subject, link?.linkedBy, others]).toEqual([
    'old',
    'preferred_username:userName',
    [],
  ])
  const url = `/auth/identities/${link?.id}`
  expect((await as(ADMINISTRATOR, 'DELETE', url)).status).toBe(204)
  expect(await browser.whoAmI()).toBeUndefined()
  expect((await as(ADMINISTRATOR, 'DELETE', url)).body.code).toBe('identity.not-found')
  expect((await signIn('new')).outcome).toBe(`303 ${site.baseUrl}/`)
  expect((await signIn('old')).outcome).toBe('403 sign-in.conflict')
})

it('nobody else sees or takes back accounts, not even their own', async () => {
  await signIn('old')
  for (const who of ['user alice', 'service hr']) {
    const listed = await as(who, 'GET', '/auth/identities?personId=alice')
    expect([who, listed.status, listed.body.code]).toEqual([who, 403, 'permission.denied'])
    const url = '/auth/identities/2f1e7a52-5b0e-4b9e-8d0c-6a5f0f3d9c11'
    expect((await as(who, 'DELETE', url)).status).toBe(403)
  }
  const all = await as(ADMINISTRATOR, 'GET', '/auth/identities')
  expect([all.status, all.body.code]).toEqual([400, 'input.invalid'])
})
