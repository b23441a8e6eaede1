import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testDatabase } from '@portcullis/postgres/testing'
import { openRuntime, readConfig } from '@portcullis/runtime'
import { expect, it, onTestFinished } from 'vitest'
import { createLogger } from '../logger.ts'
import { startApi } from '../startApi.ts'
import { openForgedIssuer } from './forgedIssuer.fixture.ts'
import { freePort } from './realProvider.fixture.ts'

it('the settings alone let people sign in, also while the issuer isn’t there yet', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-start-sign-in-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const database = await testDatabase()
  onTestFinished(() => database.close())
  const issuer = await openForgedIssuer()
  onTestFinished(() => issuer.close())
  const port = await freePort()
  const config = readConfig(
    {
      DATABASE_URL: database.url,
      PORTCULLIS_DATA: 'data',
      PORTCULLIS_PORT: String(port),
      PORTCULLIS_OIDC_ISSUER: issuer.url,
      PORTCULLIS_OIDC_CLIENT_ID: 'portcullis',
      PORTCULLIS_OIDC_SCOPES: 'openid',
    },
    folder,
  )
  const logger = createLogger('silent')
  const runtime = await openRuntime(config, { log: logger, database: 'attach' })
  onTestFinished(() => runtime.close())
  issuer.wrong.status = 503
  const api = await startApi(runtime, logger, undefined, {
    extend: (app, baseUrl) => void app.get('/sample', async () => ({ baseUrl })),
  })
  onTestFinished(() => api.close())

  const begin = () => fetch(`${api.url}/auth/sign-in`, { redirect: 'manual' })
  expect((await begin()).status).toBe(503)
  issuer.wrong.status = 200
  const begun = await begin()
  expect(begun.status).toBe(302)
  expect(begun.headers.get('set-cookie')).toMatch(/^portcullis_signin_.*HttpOnly; SameSite=Lax$/)
  const asked = new URL(begun.headers.get('location') ?? '')
  expect([asked.origin, asked.searchParams.get('redirect_uri')]).toEqual([
    issuer.url,
    `http://127.0.0.1:${port}/auth/callback`,
  ])
  expect((await fetch(`${api.url}/auth/session`)).status).toBe(401)
  expect(await (await fetch(`${api.url}/sample`)).json()).toEqual({
    baseUrl: `http://127.0.0.1:${port}`,
  })
})
