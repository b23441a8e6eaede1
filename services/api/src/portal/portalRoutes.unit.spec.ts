import { fastify } from 'fastify'
import { describe, expect, it } from 'vitest'
import { answerFaults } from '../errorAnswers.ts'
import { securityHeaders } from '../transport.ts'
import type { PortalFile } from './portalFiles.ts'
import { addPortal } from './portalRoutes.ts'

const file = (type: string, text: string, compressed = false): PortalFile => ({
  type,
  etag: `"${text}"`,
  body: Buffer.from(text),
  ...(compressed ? { brotli: Buffer.from(`br ${text}`), gzip: Buffer.from(`gz ${text}`) } : {}),
})

const portal = () => {
  const app = fastify()
  const headers = securityHeaders('http://127.0.0.1')
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(headers)
  })
  answerFaults(app)
  app.get('/v1/me', async () => ({ me: true }))
  addPortal(
    app,
    new Map([
      ['/index.html', file('text/html; charset=utf-8', 'index')],
      ['/icon.svg', file('image/svg+xml', 'icon')],
      ['/assets/a-1.js', file('text/javascript; charset=utf-8', 'script', true)],
    ]),
  )
  return app
}
const html = { accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' }

describe('the portal', () => {
  it.each([
    '/',
    '/packages',
    '/packages/v1',
    '/approvals/web-team.alice.r1?x=1',
    '/index.html',
    '/requests/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  ])('answers %s to a browser with its one page, to be asked for each time', async (url) => {
    const answer = await portal().inject({ url, headers: html })
    expect([answer.statusCode, answer.body]).toEqual([200, 'index'])
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(answer.headers['cache-control']).toBe('no-cache')
  })

  it('lets its page run nothing but what this server gives it, and nobody frame it', async () => {
    const { headers } = await portal().inject({ url: '/', headers: html })
    const policy = String(headers['content-security-policy']).split('; ')
    expect(policy).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      "connect-src 'self'",
      "manifest-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
      'report-uri /csp-reports',
      'report-to csp',
    ])
    expect(headers['reporting-endpoints']).toBe('csp="/csp-reports"')
    expect(headers['cross-origin-opener-policy']).toBe('same-origin')
    expect(headers['permissions-policy']).toMatch(/camera=\(\).*geolocation=\(\).*usb=\(\)/)
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['referrer-policy']).toBe('no-referrer')
  })

  it('lets assets be kept for ever, and other files be asked for each time', async () => {
    const app = portal()
    const asset = await app.inject({ url: '/assets/a-1.js' })
    expect([asset.body, asset.headers['cache-control']]).toEqual([
      'script',
      'public, max-age=31536000, immutable',
    ])
    const icon = await app.inject({ url: '/icon.svg' })
    expect([icon.body, icon.headers['cache-control']]).toEqual(['icon', 'no-cache'])
    expect(icon.headers['content-security-policy']).toBe(
      "default-src 'none'; frame-ancestors 'none'",
    )
  })

  it.each([
    ['br, gzip', 'br', 'br script'],
    ['gzip, deflate', 'gzip', 'gz script'],
    ['br;q=0, gzip;q=0.5', 'gzip', 'gz script'],
    ['br;q=1.0', 'br', 'br script'],
    ['identity', undefined, 'script'],
    [undefined, undefined, 'script'],
  ])('answers Accept-Encoding %s with %s', async (accepted, encoding, body) => {
    const answer = await portal().inject({
      url: '/assets/a-1.js',
      headers: accepted === undefined ? {} : { 'accept-encoding': accepted },
    })
    expect([answer.headers['content-encoding'], answer.body]).toEqual([encoding, body])
    expect(answer.headers.vary).toBe('Accept-Encoding')
  })

  it('says that nothing has changed to whoever has it', async () => {
    const answer = await portal().inject({
      url: '/',
      headers: { ...html, 'if-none-match': '"old", W/"index"' },
    })
    expect([answer.statusCode, answer.body]).toEqual([304, ''])
  })

  it.each([
    '/v1/nothing',
    '/v1',
    '/v1.0/users',
    '/beta/x',
    '/scim/v2/Users',
    '/auth/nothing',
    '/assets/gone-2.js',
    '/queues',
    '/.well-known/x',
    '/oauth2/token',
    '/sample-identity/x',
  ])('leaves %s to others, whatever a browser accepts', async (url) => {
    const answer = await portal().inject({ url, headers: html })
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'http.no-such-address'])
  })

  it.each([
    ['GET', '/packages', { accept: 'application/json' }],
    ['GET', '/packages', {}],
    ['POST', '/packages', html],
    ['DELETE', '/', html],
  ] as const)('is not there for %s %s with %j', async (method, url, headers) => {
    const answer = await portal().inject({ method, url, headers })
    expect(answer.json().code).toBe('http.no-such-address')
  })

  it('answers HEAD without a body, and takes no operation’s place', async () => {
    const app = portal()
    const head = await app.inject({ method: 'HEAD', url: '/', headers: html })
    expect([head.statusCode, head.body]).toEqual([200, ''])
    expect((await app.inject({ url: '/v1/me', headers: html })).json()).toEqual({ me: true })
    const wrong = await app.inject({
      method: 'GET',
      url: '/v1/requests/a.b.r1/approve',
      headers: html,
    })
    expect([wrong.statusCode, wrong.headers.allow]).toEqual([405, 'POST'])
  })
})
