import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRealEngine, type RealEngine, sendAs } from '../testing/realEngine.ts'

describe('metrics over HTTP', () => {
  let engine: RealEngine
  beforeAll(async () => {
    engine = await openRealEngine()
  })
  afterAll(() => engine.close())

  it('tell User administrators, and services that may read metrics and nothing else', async () => {
    const send = sendAs(engine)
    const look = () => send('alice', 'GET', '/metrics/engine')
    let { status, headers, body } = await look()
    // The queue's tables are made at the first look, which may take longer than a look may.
    while (!body.includes('portcullis_look_success{part="queues"} 1'))
      ({ status, headers, body } = await look())
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(body).toContain('# TYPE portcullis_removal_lag_seconds histogram')
    for (const part of ['views', 'subscriptions', 'queues', 'mails'])
      expect(body).toContain(`portcullis_look_success{part="${part}"} 1`)
    expect(body).toContain('portcullis_queue_jobs{queue="provision",state="waiting"} 0')
    const authorization = await engine.tokenFor('prometheus', 'service', ['MetricsReader'])
    const scraped = await engine.api.inject({ url: '/metrics', headers: { authorization } })
    expect(scraped.statusCode).toBe(200)
    expect(scraped.body).toContain('# TYPE portcullis_command_duration_seconds histogram')
    const asked = await engine.api.inject({ url: '/v1/projections', headers: { authorization } })
    expect(asked.statusCode).toBe(403)
  })

  it('tell nobody else', async () => {
    const send = sendAs(engine)
    for (const url of ['/metrics', '/metrics/engine']) {
      expect(await send('bob', 'GET', url)).toMatchObject({
        status: 403,
        body: { code: 'metrics.forbidden' },
      })
      expect((await engine.api.inject({ url })).statusCode).toBe(401)
    }
  })

  it('count what a process does, by kind', async () => {
    const send = sendAs(engine)
    const body = { displayName: 'Team', description: '' }
    await send('alice', 'POST', '/v1/catalogs', { id: 'team', ...body })
    await send('bob', 'POST', '/v1/catalogs', { id: 'mine', ...body })
    const { body: text } = await send('alice', 'GET', '/metrics')
    for (const line of [
      'portcullis_command_duration_seconds_count{command="CreateCatalog",outcome="accepted"} 1',
      'portcullis_command_duration_seconds_count{command="CreateCatalog",outcome="refused"} 1',
      'portcullis_http_request_duration_seconds_count{method="POST",route="/v1/catalogs",status="201"} 1',
    ])
      expect(text).toContain(line)
    expect(text).toMatch(/^portcullis_append_duration_seconds_count\{outcome="done"\} [1-9]/m)
  })
})
