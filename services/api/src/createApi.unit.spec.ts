import { problemSchema } from '@portcullis/api-contract'
import { describe, expect, it } from 'vitest'
import { createLogger } from './logger.ts'
import { fakeApplication, person } from './testing/fakeApplication.ts'
import { testApi } from './testing/testApi.ts'

const alice = { authorization: 'user alice' }
const json = { 'content-type': 'application/json' }

describe('callers', () => {
  it('without a token get 401 and a challenge, before their body is read', async () => {
    const answer = await testApi().inject({
      method: 'POST',
      url: '/v1/catalogs',
      headers: json,
      payload: '{"broken',
    })
    expect(answer.statusCode).toBe(401)
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="portcullis"')
    expect(problemSchema.parse(answer.json()).code).toBe('authentication.missing')
  })

  it('with a bad token get the reason in the challenge too', async () => {
    const answer = await testApi().inject({
      url: '/v1/me',
      headers: { authorization: 'x' },
    })
    expect(answer.statusCode).toBe(401)
    expect(answer.headers['www-authenticate']).toBe(
      `Bearer realm="portcullis", error="invalid_token", error_description="not a 'token'"`,
    )
  })

  it.each([
    ['not in the directory', null],
    ['disabled', { ...person('alice'), enabled: false }],
  ])('%s get 403 actor.unknown', async (_, found) => {
    const application = fakeApplication({ whoAmI: async () => ({ person: found, groupIds: [] }) })
    const answer = await testApi(application).inject({ url: '/v1/catalogs', headers: alice })
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'actor.unknown'])
  })

  it('are looked up again after 3 seconds, and at once when they were not found', async () => {
    let enabled = false
    let asked = 0
    let now = '2026-11-23T21:18:00.000Z'
    const application = fakeApplication({
      whoAmI: async () => {
        asked += 1
        return { person: { ...person('alice'), enabled }, groupIds: [] }
      },
    })
    const api = testApi(application, { clock: { now: () => now } })
    const status = async () =>
      (await api.inject({ url: '/v1/catalogs', headers: alice })).statusCode
    expect(await status()).toBe(403)
    enabled = true
    expect([await status(), await status()]).toEqual([200, 200])
    expect(asked).toBe(2)
    enabled = false
    now = '2026-11-23T21:18:02.999Z'
    expect(await status()).toBe(200)
    now = '2026-11-23T21:18:03.000Z'
    expect(await status()).toBe(403)
  })
})

describe('bodies', () => {
  const post = (payload: string | Buffer, headers: Record<string, string> = json) =>
    testApi().inject({
      method: 'POST',
      url: '/v1/catalogs',
      headers: { ...alice, ...headers },
      payload,
    })

  it.each([
    ['broken JSON', '{"displayName": ', json, 400, 'http.broken-json'],
    ['a prototype', '{"__proto__": {"displayName": "x"}}', json, 400, 'http.broken-json'],
    ['bytes that are not UTF-8', Buffer.from('7b22ff22', 'hex'), json, 400, 'http.not-utf8'],
    ['XML', '<a/>', { 'content-type': 'application/xml' }, 415, 'http.content-type'],
    ['nothing named', 'x', {}, 415, 'http.content-type'],
    ['a nonsense type', '{}', { 'content-type': ';;' }, 415, 'http.content-type'],
    ['more than 1 MiB', `"${'x'.repeat(1024 * 1024)}"`, json, 413, 'http.body-too-large'],
    ['a list nested 100,000 deep', '['.repeat(1e5) + ']'.repeat(1e5), json, 400, 'input.invalid'],
  ])('%s', async (_, payload, headers, status, code) => {
    const answer = await post(payload, headers as Record<string, string>)
    expect([answer.statusCode, answer.json().code]).toEqual([status, code])
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
  })

  it('broken JSON is not quoted in the answer', async () => {
    const answer = await post('{"displayName": secret}')
    expect(answer.json().detail).not.toContain('secret')
  })

  it('may name their charset', async () => {
    const type = { 'content-type': 'application/json; charset=utf-8' }
    expect((await post('{"displayName":"Prénom 名前"}', type)).statusCode).toBe(201)
  })
})

describe('addresses', () => {
  it.each([
    ['GET', '/nope', 404, 'http.no-such-address', undefined],
    ['GET', '/v1/catalogs/', 400, 'input.invalid', undefined],
    ['DELETE', '/v1/catalogs', 405, 'http.method-not-allowed', 'POST, GET'],
    ['PUT', '/v1/requests/a.b.r1/approve?x=1', 405, 'http.method-not-allowed', 'POST'],
    ['GET', '/v1/catalogs/%zz', 400, 'http.bad-url', undefined],
    ['GET', '/v1/catalogs/%ff', 400, 'http.bad-url', undefined],
    ['GET', `/v1/catalogs/${'a'.repeat(5000)}`, 400, 'input.invalid', undefined],
    ['GET', '/v1/catalogs/a%00b', 400, 'input.invalid', undefined],
    ['GET', '/v1/requests/a.b.a1', 400, 'input.invalid', undefined],
    ['GET', '/v1/catalogs/%2e%2e%2fetc', 400, 'input.invalid', undefined],
  ] as const)('%s %s is %i', async (method, url, status, code, allow) => {
    const answer = await testApi().inject({ method, url, headers: alice })
    expect([answer.statusCode, answer.json().code]).toEqual([status, code])
    expect(answer.headers.allow).toBe(allow)
  })
})

describe('faults of ours', () => {
  const failing = (error: unknown, lines: string[] = []) =>
    testApi(
      fakeApplication({
        catalogs: async () => {
          throw error
        },
      }),
      { logger: createLogger('info', { write: (line) => lines.push(line) }) },
    ).inject({ url: '/v1/catalogs', headers: alice })

  it('answer 500 with nothing but a reference, which the log explains', async () => {
    const lines: string[] = []
    const secret = Object.assign(new Error('column x of row'), { detail: 'alice@example.org' })
    const answer = await failing(secret, lines)
    expect(answer.statusCode).toBe(500)
    const problem = problemSchema.parse(answer.json())
    expect(problem.detail).toBe(
      `something went wrong on our side; report it with the request id ${problem.requestId}`,
    )
    expect(answer.headers['x-request-id']).toBe(problem.requestId)
    const line = lines.map((text) => JSON.parse(text)).find((each) => each.level === 50)
    expect(line).toMatchObject({ reqId: problem.requestId, error: { message: 'column x of row' } })
    expect(lines.join('')).not.toContain('alice')
  })

  it.each([
    [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'store.unavailable'],
    [Object.assign(new Error('x'), { code: '57P01' }), 'store.unavailable'],
    [new Error('Connection terminated unexpectedly'), 'store.unavailable'],
    [
      new Error('Client has encountered a connection error and is not queryable'),
      'store.unavailable',
    ],
    [
      new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })]),
      'store.unavailable',
    ],
    [
      new Error('x', { cause: Object.assign(new Error('y'), { code: '08006' }) }),
      'store.unavailable',
    ],
    [Object.assign(new Error('x'), { code: 'event-store.unavailable' }), 'store.unavailable'],
    [Object.assign(new Error('x'), { code: 'event-store.closed' }), 'store.unavailable'],
    [Object.assign(new Error('deadlock detected'), { code: '40P01' }), 'store.busy'],
    [Object.assign(new Error('could not extend file'), { code: '53100' }), 'store.busy'],
    [new Error('x', { cause: Object.assign(new Error('y'), { code: '57014' }) }), 'store.busy'],
    [
      Object.assign(new Error('x'), { code: 'command.too-many-conflicts' }),
      'command.too-many-conflicts',
    ],
  ])('answer 503 when it may work in a moment: %s', async (error, code) => {
    const answer = await failing(error)
    expect([answer.statusCode, answer.json().code]).toEqual([503, code])
    expect(answer.headers['retry-after']).toBe('1')
  })

  it('say that the event store is away where it is the event store', async () => {
    const error = Object.assign(new Error('x'), { code: 'event-store.unavailable' })
    expect((await failing(error)).json().detail).toMatch(/^the event store cannot be reached/)
    const large = Object.assign(new Error('too large'), { code: 'event-store.append-too-large' })
    expect((await failing(large)).statusCode).toBe(413)
  })

  it('answer 500 for anything that is thrown', async () => {
    expect((await failing('a text')).statusCode).toBe(500)
    expect((await failing(undefined)).statusCode).toBe(500)
  })
})

describe('answers and logs', () => {
  it('every answer carries the security headers', async () => {
    for (const url of ['/healthz', '/v1/me', '/nope', '/docs']) {
      const { headers } = await testApi().inject({ url })
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
      })
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'/)
      expect(headers['access-control-allow-origin']).toBeUndefined()
    }
    const https = await testApi(fakeApplication(), { baseUrl: 'https://x' }).inject('/healthz')
    expect(https.headers['strict-transport-security']).toContain('max-age=')
  })

  it('a request is logged without ids of people, tokens or addresses', async () => {
    const lines: string[] = []
    const logger = createLogger('trace', { write: (line) => lines.push(line) })
    const api = testApi(fakeApplication(), { logger })
    const url = '/v1/access-packages/k/why?subjectId=carol'
    await api.inject({ url, headers: { ...alice, 'x-request-id': 'r-1' } })
    const answered = lines.map((line) => JSON.parse(line)).find((line) => line.msg === 'answered')
    expect(answered).toMatchObject({
      reqId: 'r-1',
      method: 'GET',
      route: '/v1/access-packages/:packageId/why',
      status: 404,
    })
    expect(lines.join('')).not.toMatch(/carol|alice|127\.0\.0\.1/)
  })

  it('tokens are blanked wherever they are logged', () => {
    const lines: string[] = []
    const logger = createLogger('info', { write: (line) => lines.push(line) })
    logger.info({ headers: { authorization: 'secret' }, request: { token: 'secret' } }, 'x')
    expect(lines.join('')).not.toContain('secret')
  })

  it('health, the OpenAPI document and the reference page need no token', async () => {
    expect((await testApi().inject('/healthz')).json()).toEqual({ status: 'ok' })
    expect((await testApi().inject('/openapi.json')).json().openapi).toBe('3.1.0')
    const page = await testApi().inject('/docs')
    expect(page.headers['content-type']).toMatch(/^text\/html/)
    expect(page.body).toContain('POST /v1/access-packages/{packageId}/requests')
    expect(page.body).not.toMatch(/<script|src=|https?:\/\/(?!json-schema)/)
  })
})
