import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeQueueContract } from '@portcullis/core/contracts'
import { Queue } from 'bullmq'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { prefixOf } from '../redis/prefix.ts'
import {
  type RedisSetUp,
  startRedisCluster,
  startRedisSentinel,
  startRedisTls,
} from '../redis/servers.fixture.ts'
import { redisMissing } from '../testing/index.ts'
import { type RedisServer, startRedisServer } from '../testing/redisServer.ts'
import { bullUnderTest, PATIENCE, testJobs } from './bull.fixture.ts'

const missing = redisMissing()
const open: { close(graceMillis?: number): Promise<void> }[] = []
afterEach(async () => {
  for (const jobs of open.splice(0)) await jobs.close(0)
})

/** Jobs on a server of somebody's choice, closed after the test. */
const jobsOn = (url: string, prefix?: string) => {
  const jobs = testJobs({ kind: 'redis', url, ...(prefix === undefined ? {} : { prefix }) })
  open.push(jobs)
  return jobs
}
const job = (name: string, queue = 'q') => ({ queue, name, key: name, data: {} })
const flush = async (servers: readonly RedisServer[]): Promise<void> => {
  for (const { client } of servers) await client.flushall()
}

describe.skipIf(missing !== undefined)(
  `Redis of each kind${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    describe('a cluster of three nodes', () => {
      let cluster: RedisSetUp
      beforeAll(async () => {
        cluster = await startRedisCluster(3)
      })
      afterAll(() => cluster?.stop())

      describeQueueContract('BullMQ on a Redis cluster, flushed', async () => {
        await flush(cluster.servers)
        return bullUnderTest(
          { kind: 'redis', url: cluster.url },
          () => flush(cluster.servers),
          async () => {},
        )
      })

      it('spreads the queues over the nodes, each queue on one', async () => {
        await flush(cluster.servers)
        const jobs = jobsOn(cluster.url)
        const queues = Array.from({ length: 12 }, (_, index) => `q${index}`)
        await jobs.enqueue(queues.map((queue) => job('waits', queue)))
        const nodesOf = new Map<string, Set<number>>()
        for (const { client, port } of cluster.servers)
          for (const key of await client.keys('*')) {
            const queue = /^\{portcullis:(q\d+)\}:\1:/.exec(key)?.[1]
            expect([key, queue]).toEqual([key, expect.any(String)])
            nodesOf.set(queue ?? '', (nodesOf.get(queue ?? '') ?? new Set()).add(port))
          }
        expect([...nodesOf.keys()].sort()).toEqual([...queues].sort())
        expect([...nodesOf.values()].map((nodes) => nodes.size)).toEqual(queues.map(() => 1))
        expect(new Set([...nodesOf.values()].flatMap((nodes) => [...nodes])).size).toBeGreaterThan(
          1,
        )
      })

      it('goes on after one of its nodes was killed and came back empty', async () => {
        await flush(cluster.servers)
        const jobs = jobsOn(cluster.url)
        const ran = new Set<string>()
        const queues = ['q0', 'q1', 'q2', 'q3']
        for (const queue of queues)
          await jobs.work({
            queue,
            concurrency: 1,
            handler: async ({ name }) => void ran.add(name),
          })
        const [node] = cluster.servers
        await node?.kill()
        await node?.start()
        for (const queue of queues)
          await vi.waitFor(() => jobs.enqueue([job(`after ${queue}`, queue)]), PATIENCE)
        await vi.waitFor(() => expect(ran.size).toBe(4), PATIENCE)
      })
    })

    it('a Sentinel makes the replica master in the middle of jobs: all of them run', async () => {
      const sentinel = await startRedisSentinel()
      open.push({ close: sentinel.stop })
      const jobs = testJobs({ kind: 'redis', url: sentinel.url })
      open.unshift(jobs)
      const ran = new Set<string>()
      let halfway: () => void = () => {}
      const half = new Promise<void>((resolve) => {
        halfway = resolve
      })
      const names = Array.from({ length: 200 }, (_, index) => `job ${index}`)
      const all = names.map((name) => job(name))
      await jobs.enqueue(all)
      await jobs.work({
        queue: 'q',
        concurrency: 4,
        handler: async ({ name }) => {
          ran.add(name)
          if (ran.size === 100) halfway()
        },
      })
      await half
      const [master, replica] = sentinel.servers
      await master?.kill()
      await vi.waitFor(
        async () => expect(await sentinel.masterPort()).toBe(replica?.port),
        PATIENCE,
      )
      // As the sweep does: what a replica hadn't heard of yet is gone with its master.
      await vi.waitFor(() => jobs.enqueue([...all, job('after')]), PATIENCE)
      await vi.waitFor(() => expect(ran.size).toBe(201), PATIENCE)
      await vi.waitFor(
        async () => expect(await jobs.counts('q')).toMatchObject({ waiting: 0, active: 0 }),
        PATIENCE,
      )
    })

    it('over TLS, with certificates on both sides', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'portcullis-tls-'))
      const tls = await startRedisTls(folder)
      const jobs = jobsOn(`${tls.url}?${tls.options}&${tls.own}`)
      open.push({ close: tls.stop }, { close: () => rm(folder, { recursive: true }) })
      const ran = vi.fn(async () => {})
      await jobs.work({ queue: 'q', concurrency: 1, handler: ran })
      await jobs.enqueue([job('secret')])
      await vi.waitFor(() => expect(ran).toHaveBeenCalledOnce(), PATIENCE)
    })

    describe('a server that others use too', () => {
      let server: RedisServer
      beforeAll(async () => {
        server = await startRedisServer({
          config: [
            'user portcullis on >p%ss ~{acme:* resetchannels +@all -@dangerous -@admin +info',
          ],
        })
      })
      afterAll(() => server?.stop())
      const url = (): string => `redis://portcullis:p%25ss@127.0.0.1:${server.port}/0`

      describeQueueContract(
        'BullMQ on Redis, as a user with the permissions of the how-to page',
        async () => {
          await flush([server])
          return bullUnderTest(
            { kind: 'redis', url: url(), prefix: 'acme' },
            () => flush([server]),
            async () => {},
          )
        },
      )

      it('takes no jobs that a version before 0.2 left, whose keys had no braces, and leaves them there', async () => {
        await flush([server])
        const at = { host: '127.0.0.1', port: server.port }
        const before = new Queue('q', { connection: at, prefix: 'portcullis' })
        await before.add('left', { data: {} }, { jobId: 'left' })
        const jobs = jobsOn(`redis://127.0.0.1:${server.port}`)
        const ran: string[] = []
        const handler = async ({ name }: { name: string }) => void ran.push(name)
        await jobs.work({ queue: 'q', concurrency: 1, handler })
        // As the sweep does at the start: whatever is due is queued again.
        await jobs.enqueue([job('queued again')])
        await vi.waitFor(() => expect(ran).toEqual(['queued again']), PATIENCE)
        expect(await before.getWaitingCount()).toBe(1)
        await before.close()
      })

      it('leaves the keys of others alone, and takes no jobs of another installation', async () => {
        await flush([server])
        await server.client.set('theirs', '1')
        const ran: string[] = []
        const work = (prefix: string) => {
          const jobs = jobsOn(`redis://127.0.0.1:${server.port}`, prefix)
          const handler = async ({ name }: { name: string }) => void ran.push(`${prefix} ${name}`)
          return jobs.work({ queue: 'q', concurrency: 1, handler }).then(() => jobs)
        }
        const [acme, other] = await Promise.all([work('acme'), work('other')])
        await acme.enqueue([job('one')])
        await other.enqueue([job('two')])
        await vi.waitFor(() => expect(ran.sort()).toEqual(['acme one', 'other two']), PATIENCE)
        const keys = (await server.client.keys('*')).filter((key) => key !== 'theirs')
        const ours = [prefixOf('acme', 'q'), prefixOf('other', 'q')]
        expect(keys.filter((key) => !ours.some((prefix) => key.startsWith(prefix)))).toEqual([])
        expect(await server.client.get('theirs')).toBe('1')
      })
    })
  },
)
