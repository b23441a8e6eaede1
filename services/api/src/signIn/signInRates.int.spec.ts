import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ForgedIssuer, openForgedIssuer } from './forgedIssuer.fixture.ts'
import { openSignInApi, outcomeOf, type SignInApi } from './signInApi.fixture.ts'

let database: TestDatabase
let issuer: ForgedIssuer
let site: SignInApi
beforeAll(async () => {
  database = await testDatabase()
  issuer = await openForgedIssuer()
  site = await openSignInApi(database, issuer.url, {
    clock: { now: () => new Date().toISOString() },
    config: { perAddress: 3 },
  })
})
afterAll(async () => {
  await site.close()
  await issuer.close()
  await database.close()
})

const from = (remoteAddress: string, url: string) => site.api.inject({ url, remoteAddress })

it('one address begins and ends so many sign-ins a minute, and no other one pays for it', async () => {
  const outcomes: string[] = []
  for (const url of ['/auth/sign-in', '/auth/callback?state=x', '/auth/sign-in', '/auth/sign-in'])
    outcomes.push(outcomeOf(await from('203.0.113.7', url)).replace(/ http.*/, ''))
  expect(outcomes).toEqual(['302', '400 sign-in.expired', '302', '429 sign-in.too-many'])
  const refused = await from('203.0.113.7', '/auth/callback?state=x')
  expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '60'])
  expect((await from('203.0.113.8', '/auth/sign-in')).statusCode).toBe(302)
  // Pages ask this all the time.
  expect((await from('203.0.113.7', '/auth/session')).statusCode).toBe(401)
})

it('this machine itself is not counted', async () => {
  for (let time = 0; time < 6; time += 1)
    expect((await from('127.0.0.1', '/auth/sign-in')).statusCode).toBe(302)
})
