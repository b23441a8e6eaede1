import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { silentLog } from '@portcullis/engine'
import { createBullJobs } from '@portcullis/jobs'
import { redisMissing, startRedis, type TestRedis } from '@portcullis/jobs/testing'
import { jobsServerOf, systemClock } from '@portcullis/runtime'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRealEngine, type RealEngine } from '../testing/realEngine.ts'

const SLOW = 120_000
const isOfTheAsker = (status: unknown): boolean => status === 404 || status === 400
const missing = redisMissing()

const describeBoard = (startServer: () => Promise<TestRedis | undefined>): void => {
  let redis: TestRedis | undefined
  let engine: RealEngine

  beforeAll(async () => {
    redis = await startServer()
    engine = await openRealEngine(undefined, {
      PORTCULLIS_QUEUE_BOARD: 'on',
      ...(redis === undefined ? {} : { REDIS_URL: redis.url }),
    })
    const { config, databaseUrl } = engine.runtime
    const jobs = createBullJobs(jobsServerOf(config, databaseUrl), {
      clock: systemClock,
      log: silentLog,
    })
    await jobs.enqueue([
      { queue: 'provision', name: 'reconcile', data: { entitlementIds: ['web-team.bob'] } },
    ])
    await jobs.close()
  }, SLOW)
  afterAll(async () => {
    await engine?.close()
    await redis?.stop()
  }, SLOW)

  const ask = async (
    url: string,
    headers: Readonly<Record<string, string>> = {},
    method: 'GET' | 'POST' | 'PUT' = 'GET',
  ) => engine.api.inject({ method, url, headers })
  const as = async (sub: string) => ({ authorization: await engine.tokenFor(sub) })
  /** As a browser comes in by the link: its cookie. */
  const enter = async (): Promise<string> => {
    const made = await ask('/queues/links', await as('alice'), 'POST')
    expect(made.statusCode).toBe(201)
    const entered = await ask(made.json<{ path: string }>().path)
    expect(entered.statusCode).toBe(200)
    return String(entered.headers['set-cookie'])
  }

  it('nobody without a token, and nobody without the role, sees anything of it', async () => {
    const addresses = ['/queues/', '/queues/api/queues', '/queues/static/css/x.css'] as const
    for (const address of addresses) {
      expect((await ask(address)).statusCode).toBe(401)
      expect((await ask(address, { cookie: 'portcullis_queues=guessed' })).statusCode).toBe(401)
      const refused = await ask(address, await as('bob'))
      expect([refused.statusCode, refused.json().code]).toEqual([403, 'queues.forbidden'])
    }
    expect((await ask('/queues/links', {}, 'POST')).statusCode).toBe(401)
    expect((await ask('/queues/links', await as('bob'), 'POST')).statusCode).toBe(403)
    expect((await ask('/queues/enter?link=guessed')).json().code).toBe('queues.link-used')
  })

  it('an administrator sees every queue and what waits in it, with ids alone', async () => {
    const answer = await ask(
      '/queues/api/queues?activeQueue=provision&status=waiting&page=1&jobsPerPage=10',
      await as('alice'),
    )
    expect(answer.statusCode).toBe(200)
    const { queues } = answer.json<{
      queues: { name: string; readOnlyMode: boolean; jobs: { name: string; data: object }[] }[]
    }>()
    expect(queues.map(({ name }) => name).sort()).toEqual(
      ['provision', 'roll-out', 'fan-out', 'mail', 'deadlines', 'drift'].sort(),
    )
    expect(new Set(queues.map(({ readOnlyMode }) => readOnlyMode))).toEqual(new Set([true]))
    const shown = queues.find(({ name }) => name === 'provision')?.jobs
    expect(shown?.map(({ name, data }) => [name, data])).toEqual([
      ['reconcile', { data: { entitlementIds: ['web-team.bob'] } }],
    ])
  })

  it('a browser comes in by a link, once, and keeps a cookie that only this page can use', async () => {
    const cookie = await enter()
    expect(cookie).toMatch(
      /^portcullis_queues=[\w-]{43}; Path=\/queues; Max-Age=1800; HttpOnly; SameSite=Strict$/,
    )
    const page = await ask('/queues/', { cookie: cookie.split(';')[0] ?? '' })
    expect(page.statusCode).toBe(200)
    expect(page.body).toContain('<base href="/queues/"')
    const policy = String(page.headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'; script-src 'self';")
    expect(policy).toContain("frame-ancestors 'none'")
    const [script] = /static\/js\/main\.\w+\.js/.exec(page.body) ?? []
    const loaded = await ask(`/queues/${script}`, { cookie: cookie.split(';')[0] ?? '' })
    expect([loaded.statusCode, loaded.headers['content-type']]).toEqual([
      200,
      expect.stringContaining('javascript'),
    ])
    const other = await ask('/v1/me', { cookie: cookie.split(';')[0] ?? '' })
    expect(other.statusCode).toBe(401)
  })

  it('an address that leads out of its files is not there', async () => {
    const headers = await as('alice')
    await engine.api.listen({ host: '127.0.0.1', port: 0 })
    const address = engine.api.server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    for (const path of [
      '/queues/static/../../package.json',
      '/queues/static/..%2f..%2fpackage.json',
      '/queues/static/%2e%2e/package.json',
      '/queues/static/a%00b.js',
      '/queues/static/..%5cpackage.json',
      '/queues/static/%zz',
      '/queues/../v1/me%00',
    ]) {
      const asked = request({ host: '127.0.0.1', port, path, headers }).end()
      const [answer] = (await once(asked, 'response')) as [IncomingMessage]
      answer.resume()
      expect([path, answer.statusCode]).toEqual([path, expect.toSatisfy(isOfTheAsker)])
    }
  })

  it('changes nothing, whoever asks', async () => {
    const cookie = (await enter()).split(';')[0] ?? ''
    for (const headers of [{ cookie }, await as('alice')]) {
      const answer = await ask('/queues/api/queues/provision/pause', headers, 'PUT')
      expect([answer.statusCode, answer.json().code]).toEqual([405, 'queues.read-only'])
    }
  })
}

describe('the queue board on PostgreSQL', () => describeBoard(async () => undefined))

describe.skipIf(missing !== undefined)(
  `the queue board on Redis${missing ? ` (skipped: ${missing})` : ''}`,
  () => describeBoard(startRedis),
)

it('is not there unless it is turned on', { timeout: SLOW }, async () => {
  const engine = await openRealEngine()
  try {
    const headers = { authorization: await engine.tokenFor('alice') }
    const answer = await engine.api.inject({ method: 'GET', url: '/queues/', headers })
    expect(answer.statusCode).toBe(404)
  } finally {
    await engine.close()
  }
})
