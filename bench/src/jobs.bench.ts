import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startEmbeddedPostgres } from '@portcullis/embedded-postgres'
import { createBullJobs, type JobsServer } from '@portcullis/jobs'
import { redisMissing, startRedis } from '@portcullis/jobs/testing'
import { type Contender, report, takeTurns } from './harness.ts'

/** What a job costs that does nothing, on each of the queue's servers: why jobs are made big. */
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const CONCURRENCY = 20

const clock = { now: () => new Date().toISOString() }
const log = { info: () => {}, warn: console.error, error: console.error }

let runs = 0

/** Adds `total` jobs in one call, then runs them all; a second for each part. */
const measure = async (server: JobsServer, total: number) => {
  runs += 1
  const queue = `bench-${runs}`
  const jobs = createBullJobs(server, { clock, log })
  let begun = performance.now()
  await jobs.enqueue(
    Array.from({ length: total }, (_, n) => ({ queue, name: 'noop', data: { n }, key: `k-${n}` })),
  )
  const added = (total * 1000) / (performance.now() - begun)
  let left = total
  begun = performance.now()
  await new Promise<void>((resolve, reject) => {
    const handler = async () => {
      left -= 1
      if (left === 0) resolve()
    }
    jobs.work({ queue, concurrency: CONCURRENCY, handler }).catch(reject)
  })
  const ran = (total * 1000) / (performance.now() - begun)
  await jobs.close(1000)
  return { added, ran }
}

const contendersFor = (label: string, server: JobsServer, total: number): Contender[] => {
  let last: Awaited<ReturnType<typeof measure>> | undefined
  return [
    {
      name: `run no-op jobs, ${label}`,
      unit: 'jobs/s',
      run: async () => {
        last = await measure(server, total)
        return last.ran
      },
    },
    {
      name: `add jobs in bulk, ${label}`,
      unit: 'jobs/s',
      run: async () => (last ?? (await measure(server, total))).added,
    },
  ]
}

const folder = await mkdtemp(path.join(tmpdir(), 'portcullis-bench-'))
// A server run by root works under another account, which has to get in.
await chmod(folder, 0o755)
const postgres = await startEmbeddedPostgres({ dataDir: folder, log: () => {} })
const missing = redisMissing()
const redis = missing === undefined ? await startRedis() : undefined
try {
  const contenders = contendersFor('PostgreSQL', { kind: 'postgres', url: postgres.url }, 3000)
  if (redis !== undefined) {
    contenders.push(...contendersFor('Redis', { kind: 'redis', url: redis.url }, 20_000))
  } else process.stdout.write(`Redis is left out: ${missing}\n`)
  report('jobs', contenders, await takeTurns(contenders, ROUNDS), [])
} finally {
  await redis?.stop()
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
}
