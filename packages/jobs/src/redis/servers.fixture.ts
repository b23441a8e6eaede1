import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '@portcullis/core/testing'
import type { Redis } from 'ioredis'
import { vi } from 'vitest'
import { type RedisServer, startRedisServer } from '../testing/redisServer.ts'

const PATIENCE = { timeout: 60_000, interval: 20 }
const SLOTS = 16_384

export interface RedisSetUp {
  readonly url: string
  readonly servers: readonly RedisServer[]
  stop(): Promise<void>
}

const stopAll = async (servers: readonly RedisServer[]): Promise<void> => {
  for (const server of servers) await server.stop()
}

/** A cluster of as many masters, without replicas. */
export const startRedisCluster = async (size: number): Promise<RedisSetUp> => {
  const servers: RedisServer[] = []
  const buses: number[] = []
  for (let node = 0; node < size; node += 1) {
    const bus = await freePort()
    buses.push(bus)
    servers.push(
      await startRedisServer({
        config: ['cluster-enabled yes', `cluster-port ${bus}`, 'cluster-node-timeout 2000'],
      }),
    )
  }
  const [first] = servers
  for (const [index, { client, port }] of servers.entries()) {
    const from = Math.floor((SLOTS * index) / size)
    const to = Math.floor((SLOTS * (index + 1)) / size) - 1
    await client.call('CLUSTER', 'ADDSLOTSRANGE', from, to)
    await first?.client.call('CLUSTER', 'MEET', '127.0.0.1', port, buses[index] ?? 0)
  }
  for (const { client } of servers)
    await vi.waitFor(async () => {
      const state = String(await client.call('CLUSTER', 'INFO'))
      if (!state.includes('cluster_state:ok') || !state.includes(`known_nodes:${size}`))
        throw new Error(state)
    }, PATIENCE)
  const hosts = servers.map(({ port }) => `127.0.0.1:${port}`)
  return { url: `redis+cluster://${hosts.join(',')}`, servers, stop: () => stopAll(servers) }
}

/** A master, its replica, and the Sentinel that makes one of the other; users of their own on both. */
export const startRedisSentinel = async (): Promise<
  RedisSetUp & { masterPort(): Promise<number> }
> => {
  const config = ['requirepass of-redis', 'masterauth of-redis']
  const client = { password: 'of-redis' }
  const master = await startRedisServer({ config, client })
  const replica = await startRedisServer({
    config: [...config, `replicaof 127.0.0.1 ${master.port}`],
    client,
  })
  await vi.waitFor(async () => {
    if (!(await replica.client.info('replication')).includes('master_link_status:up'))
      throw new Error('not in step yet')
  }, PATIENCE)
  const sentinel = await startRedisServer({
    mode: 'sentinel',
    client: { password: 'of-sentinel' },
    config: [
      'requirepass of-sentinel',
      `sentinel monitor main 127.0.0.1 ${master.port} 1`,
      'sentinel auth-pass main of-redis',
      'sentinel down-after-milliseconds main 300',
      'sentinel failover-timeout main 2000',
    ],
  })
  // Without having heard of the replica, it has nobody to turn to.
  await vi.waitFor(async () => {
    const [replicas] = await asked(sentinel.client, 'REPLICAS', 'main')
    if (replicas === undefined) throw new Error('knows no replica yet')
  }, PATIENCE)
  const nobody = await freePort()
  const servers = [master, replica, sentinel]
  return {
    url: `redis+sentinel://:of-redis@127.0.0.1:${nobody},127.0.0.1:${sentinel.port}/main?sentinel_password=of-sentinel`,
    servers,
    masterPort: async () =>
      Number((await asked(sentinel.client, 'GET-MASTER-ADDR-BY-NAME', 'main'))[1]),
    stop: () => stopAll(servers),
  }
}

const asked = async (client: Redis, ...words: readonly string[]): Promise<readonly unknown[]> => {
  const answer = await client.call('SENTINEL', ...words)
  return Array.isArray(answer) ? answer : []
}

/** A server that speaks TLS only, with an authority of its own, and asks for a certificate too. */
export const startRedisTls = async (
  folder: string,
): Promise<RedisSetUp & { readonly options: string; readonly own: string }> => {
  const path = (name: string): string => join(folder, name)
  const openssl = (...words: readonly string[]) =>
    execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=ca')
  const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-subj', '/CN=localhost']
  const name = ['-addext', 'subjectAltName=DNS:localhost']
  openssl('req', '-x509', ...key, ...by, ...name, '-keyout', 'redis.key', '-out', 'redis.pem')
  const server = await startRedisServer({
    tls: true,
    config: [
      `tls-cert-file ${path('redis.pem')}`,
      `tls-key-file ${path('redis.key')}`,
      `tls-ca-cert-file ${path('ca.pem')}`,
    ],
    client: {
      tls: {
        ca: await readFile(path('ca.pem'), 'utf8'),
        cert: await readFile(path('redis.pem'), 'utf8'),
        key: await readFile(path('redis.key'), 'utf8'),
        checkServerIdentity: () => undefined,
      },
    },
  })
  const own = `ssl_certfile=${path('redis.pem')}&ssl_keyfile=${path('redis.key')}`
  return {
    url: `rediss://localhost:${server.port}`,
    options: `ssl_ca_certs=${path('ca.pem')}`,
    own,
    servers: [server],
    stop: () => stopAll([server]),
  }
}
