import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

const read = (env: Readonly<Record<string, string | undefined>> = {}) =>
  readConfig(env, '/srv/engine')

/** The lines of the error that these variables cause. */
const mistakes = (env: Readonly<Record<string, string>>): readonly string[] => {
  try {
    read(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n')
    throw error
  }
}

describe('configuration', () => {
  it('needs nothing', () => {
    expect(read()).toEqual({
      dataDir: '/srv/engine/data',
      host: '127.0.0.1',
      port: 8080,
      workerHost: '127.0.0.1',
      workerPort: 0,
      drainMillis: 0,
      readyLagSeconds: 300,
      publicUrl: undefined,
      zone: 'UTC',
      connectorsFile: undefined,
      mailFrom: 'Portcullis <portcullis@localhost>',
      locale: 'en',
      mailDigestMillis: 0,
      logLevel: 'info',
      removals: { most: 10, share: 0.05, withinMillis: 86_400_000 },
      leaversEndAfterMillis: 86_400_000,
      sweepSeconds: 60,
      staleMillis: 60_000,
      leaseMillis: 60_000,
      promisesEveryMillis: 86_400_000,
      databaseUrl: undefined,
      databaseConnections: 60,
      eventStore: undefined,
      redisUrl: undefined,
      redisPrefix: 'portcullis',
      rateLimits: { perCaller: 3000, perAddress: 12_000, exemptServices: [] },
      trustedProxies: [],
      portal: true,
      queueBoard: false,
      smtp: undefined,
      organisation: 'Portcullis',
    })
  })

  it('takes empty variables for ones that are not set, and trims the others', () => {
    const env = { PORTCULLIS_PORT: ' 81 ', REDIS_URL: '  ', SMTP_URL: '', UNKNOWN: 'x' }
    expect(read(env)).toEqual({ ...read(), port: 81 })
  })

  it('starts relative paths in the folder of the command', () => {
    const env = { PORTCULLIS_DATA: '../d', PORTCULLIS_CONNECTORS: 'c.json' }
    expect(read(env)).toMatchObject({ dataDir: '/srv/d', connectorsFile: '/srv/engine/c.json' })
    expect(read({ PORTCULLIS_DATA: '/srv/d' }).dataDir).toBe('/srv/d')
  })

  it('keeps the password of the mail server apart from its address', () => {
    const env = { SMTP_URL: 'smtps://mail', SMTP_USER: 'u', SMTP_PASSWORD: 'p' }
    expect(read(env).smtp).toEqual({ url: 'smtps://mail', auth: { user: 'u', pass: 'p' } })
    expect(read({ SMTP_URL: 'smtp://mail' }).smtp).toEqual({ url: 'smtp://mail', auth: undefined })
    for (const half of ['SMTP_USER', 'SMTP_PASSWORD'])
      expect(mistakes({ SMTP_URL: 'smtp://mail', [half]: 'x' })).toEqual([
        'SMTP_USER and SMTP_PASSWORD go together; set both or neither',
      ])
  })

  it.each([
    ['PORTCULLIS_PORT', '65536'],
    ['PORTCULLIS_PORT', '80.5'],
    ['PORTCULLIS_PORT', 'hidden'],
    ['PORTCULLIS_PUBLIC_URL', 'portcullis.example'],
    ['PORTCULLIS_ZONE', 'Mars/hidden'],
    ['PORTCULLIS_LOG_LEVEL', 'hidden'],
    ['PORTCULLIS_SWEEP_SECONDS', '0'],
    ['PORTCULLIS_STALE_SECONDS', '3601'],
    ['PORTCULLIS_LEASE_SECONDS', '1'],
    ['DATABASE_URL', 'mysql://user:hidden@db/x'],
    ['REDIS_URL', 'http://hidden'],
    ['REDIS_URL', 'redis://user:hidden@host/x'],
    ['REDIS_PREFIX', '{hidden}'],
    ['SMTP_URL', 'mail.hidden'],
    ['PORTCULLIS_ORGANISATION', 'x'.repeat(201)],
  ])('%s=%s is refused by name, without its value', (name, value) => {
    const lines = mistakes({ [name]: value })
    expect(lines).toEqual([expect.stringMatching(new RegExp(`^${name} `))])
    expect(lines.join()).not.toContain('hidden')
  })

  it('reads a secret from the file that its name with _FILE names', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-secrets-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'redis'), 'redis://:hidden@host\n')
    expect(readConfig({ REDIS_URL_FILE: 'redis' }, folder).redisUrl).toBe('redis://:hidden@host')
    expect(readConfig({ REDIS_URL_FILE: join(folder, 'redis') }, '/').redisUrl).toContain('host')
    expect(read({ REDIS_URL_FILE: '', REDIS_URL: 'redis://host' }).redisUrl).toBe('redis://host')
    const wrong = {
      REDIS_URL_FILE: 'redis',
      REDIS_URL: 'redis://hidden',
      DATABASE_URL_FILE: join(folder, 'none'),
      SMTP_PASSWORD_FILE: folder,
    }
    expect(mistakes(wrong)).toEqual([
      "DATABASE_URL_FILE names a file that can't be read (ENOENT)",
      'REDIS_URL and REDIS_URL_FILE are both set; keep one of them',
      "SMTP_PASSWORD_FILE names a file that can't be read (EISDIR)",
    ])
  })

  it('tells all mistakes at once', () => {
    expect(mistakes({ PORTCULLIS_PORT: 'x', REDIS_URL: 'x', PORTCULLIS_ZONE: 'x' })).toHaveLength(3)
  })

  it('reads rate limits, the services without one, and trusted proxies', () => {
    const config = read({
      PORTCULLIS_RATE_LIMIT_CALLER: '0',
      PORTCULLIS_RATE_LIMIT_ADDRESS: '600',
      PORTCULLIS_RATE_LIMIT_EXEMPT: 'hr, payroll',
      PORTCULLIS_TRUSTED_PROXIES: '10.0.0.0/8, ::1',
    })
    expect([config.rateLimits, config.trustedProxies]).toEqual([
      { perCaller: 0, perAddress: 600, exemptServices: ['hr', 'payroll'] },
      ['10.0.0.0/8', '::1'],
    ])
    expect(
      mistakes({
        PORTCULLIS_RATE_LIMIT_CALLER: '-1',
        PORTCULLIS_RATE_LIMIT_EXEMPT: 'hr payroll',
        PORTCULLIS_TRUSTED_PROXIES: '10.0.0.0/33',
      }).map((line) => line.split(' ')[0]),
    ).toEqual([
      'PORTCULLIS_RATE_LIMIT_CALLER',
      'PORTCULLIS_RATE_LIMIT_EXEMPT',
      'PORTCULLIS_TRUSTED_PROXIES',
    ])
  })
})
