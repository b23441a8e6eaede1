import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@portcullis/core/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redisMissing } from '../testing/index.ts'
import { type RedisServer, startRedisServer } from '../testing/redisServer.ts'
import { RedisUnreachable, RedisUnusable } from './errors.ts'
import { inspectRedis } from './inspect.ts'
import { startRedisCluster, startRedisSentinel, startRedisTls } from './servers.fixture.ts'

const missing = redisMissing()
const USERS = [
  'requirepass hidden',
  'user lookless on >hidden ~{acme:* resetchannels +@all -@dangerous -@admin +info',
  'user writeless on >hidden ~* resetchannels +info +ping +@connection',
]
/** What the look found wrong, which never holds a password. */
const problemOf = async (url: string, prefix?: string): Promise<unknown> => {
  const failure = await inspectRedis(url, prefix).catch((error: unknown) => error)
  expect(String(failure)).not.toContain('hidden')
  return failure
}
const unusable = (reason: RegExp) => ({
  name: RedisUnusable.name,
  message: expect.stringMatching(reason),
})

describe.skipIf(missing !== undefined)(
  `a look at Redis${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    let server: RedisServer
    const at = (user: string, host = '127.0.0.1') => `redis://${user}@${host}:${server.port}`
    beforeAll(async () => {
      server = await startRedisServer({
        config: [...USERS, 'maxmemory 200mb', 'maxmemory-policy allkeys-lru'],
        client: { password: 'hidden' },
      })
    })
    afterAll(() => server?.stop())

    it('warns of jobs that are thrown away and of an empty Redis after a restart, and leaves nothing behind', async () => {
      expect(await inspectRedis(at(':hidden'))).toEqual({
        version: expect.stringMatching(/^\d+\.\d+/),
        warnings: [
          expect.stringContaining('maxmemory-policy is allkeys-lru'),
          expect.stringContaining('neither appendonly nor save is set'),
        ],
      })
      expect(await server.client.dbsize()).toBe(0)
    })

    it('asks INFO where CONFIG is forbidden, as on managed servers', async () => {
      const { warnings } = await inspectRedis(at('lookless:hidden'), 'acme')
      expect(warnings).toEqual([
        expect.stringContaining('maxmemory-policy is allkeys-lru'),
        expect.stringContaining("whether snapshots are kept can't be seen"),
      ])
    })

    it.each([
      ['a wrong password', 'lookless:wrong', /refuses the user or the password/],
      ['no password', '', /asks for a password/],
      [
        'keys that the user may not touch',
        'lookless:hidden',
        /lacks a permission at Redis: NOPERM/,
      ],
      [
        'commands that the user may not use',
        'writeless:hidden',
        /lacks a permission at Redis: NOPERM/,
      ],
    ])('refuses %s', async (_, user, reason) => {
      const url = user === '' ? at('').replace('@', '') : at(user)
      expect(await problemOf(url)).toMatchObject(unusable(reason))
    })

    it('says what of the address is for another kind of server', async () => {
      const cluster = at(':hidden').replace('redis:', 'redis+cluster:')
      expect(await problemOf(cluster)).toMatchObject(
        unusable(/not part of a cluster; write redis:/),
      )
    })

    it('says that nothing answers, which may pass', async () => {
      const port = await freePort()
      for (const kind of ['redis', 'redis+cluster'])
        expect(await problemOf(`${kind}://127.0.0.1:${port}`)).toMatchObject({
          name: RedisUnreachable.name,
          message: expect.stringContaining('ECONNREFUSED'),
        })
      expect(await problemOf(`redis+sentinel://127.0.0.1:${port}/main`)).toMatchObject({
        name: RedisUnreachable.name,
        message: expect.stringMatching(/^the Sentinel can't be used now: .*ECONNREFUSED/),
      })
    })

    it('looks at every node of a cluster, one of which is enough to find it', async () => {
      const cluster = await startRedisCluster(3)
      try {
        const [first, , last] = cluster.servers
        await last?.client.config('SET', 'appendonly', 'yes')
        await last?.client.config('SET', 'maxmemory-policy', 'volatile-ttl')
        const url = `redis+cluster://127.0.0.1:${first?.port}`
        expect((await inspectRedis(url)).warnings).toEqual([
          expect.stringContaining('neither appendonly nor save is set'),
          expect.stringContaining('maxmemory-policy is volatile-ttl'),
        ])
        expect(await problemOf(`redis://127.0.0.1:${first?.port}`)).toMatchObject(
          unusable(/node of a cluster; write redis\+cluster:/),
        )
        await last?.kill()
        expect(await problemOf(url)).toMatchObject({ name: RedisUnreachable.name })
      } finally {
        await cluster.stop()
      }
    })

    it('asks Sentinels for the master', async () => {
      const { url, servers, stop } = await startRedisSentinel()
      try {
        expect((await inspectRedis(url)).warnings).toHaveLength(1)
        const [, replica, sentinel] = servers
        const of = (change: (text: string) => string) => problemOf(change(url))
        expect(await of((text) => text.replace('/main', '/other'))).toMatchObject(
          unusable(/watch no master of the name/),
        )
        expect(await of((text) => text.replace('=of-sentinel', '=wrong'))).toMatchObject(
          unusable(/^the Sentinel refuses the user or the password/),
        )
        expect(await of((text) => text.replace(':of-redis', ':wrong'))).toMatchObject(
          unusable(/^Redis refuses the user or the password/),
        )
        expect(await problemOf(`redis://:of-redis@127.0.0.1:${replica?.port}`)).toMatchObject(
          unusable(/this is a replica/),
        )
        expect(await problemOf(`redis://:of-sentinel@127.0.0.1:${sentinel?.port}`)).toMatchObject(
          unusable(/this is a Sentinel/),
        )
      } finally {
        await stop()
      }
    })

    it('looks at certificates', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'portcullis-tls-'))
      const { url, options, own, stop } = await startRedisTls(folder)
      try {
        expect((await inspectRedis(`${url}?${options}&${own}`)).warnings).toHaveLength(1)
        expect((await inspectRedis(`${url}?ssl_cert_reqs=none&${own}`)).warnings).toHaveLength(1)
        const byAddress = url.replace('localhost', '127.0.0.1')
        const nameless = `${byAddress}?${options}&${own}&ssl_check_hostname=false`
        expect((await inspectRedis(nameless)).warnings).toHaveLength(1)
        expect(await problemOf(`${url}?${own}`)).toMatchObject(
          unusable(/certificate of Redis is not accepted .*ssl_ca_certs/),
        )
        expect(await problemOf(`${byAddress}?${options}&${own}`)).toMatchObject(
          unusable(/not accepted \(ERR_TLS_CERT_ALTNAME_INVALID\)/),
        )
        // Told, or just hung up on: with TLS 1.3 the refusal races our first words.
        expect(String(await problemOf(`${url}?${options}`))).toMatch(/ssl_certfile/)
        expect(await problemOf(`${url}?ssl_ca_certs=${folder}/none.pem`)).toMatchObject(
          unusable(/file of ssl_ca_certs can't be read \(ENOENT\)/),
        )
      } finally {
        await stop()
        await rm(folder, { recursive: true })
      }
    })
  },
)
