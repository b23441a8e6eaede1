import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { startEmbeddedPostgres } from '@portcullis/embedded-postgres'
import { startDoubleProcess } from '@portcullis/event-store/testing'
import { redisMissing, startRedis } from '@portcullis/jobs/testing'
import { createDatabase } from './createDatabase.ts'
import { type Comparison, type Contender, report, takeTurns } from './harness.ts'
import { nameOf, openInstallation } from './scaled/installation.ts'
import { openProjectionRuns } from './scaled/projections.ts'

/**
 * What more processes bring: commands a second with 1, 2 and 4 api processes, deliveries and jobs a second with 1, 2
 * and 4 workers, each with its events in PostgreSQL and in EventStoreDB's double; jobs on Redis. A delivery is one
 * assignment through reconcile, its target (in memory) and the views; a job holds up to 50 of them. The jobs that are
 * counted by themselves hold one each, which is settled: queue, worker and one look.
 * Before that, what a projection makes of a log in each of the two stores, into PostgreSQL, against loops of bare
 * unnest upserts.
 * Processes, servers and load share this machine's cores: past that many, more processes can't be faster here. The
 * double isn't EventStoreDB: its figures say what the engine's side of the protocol costs.
 */
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const CASES = Number(process.env.BENCH_CASES ?? 500)
const CALLERS = Number(process.env.BENCH_CALLERS ?? 32)
const ASSIGNMENTS = Number(process.env.BENCH_ASSIGNMENTS ?? 1_000)
const JOBS = Number(process.env.BENCH_JOBS ?? 2_000)
const EVENTS = Number(process.env.BENCH_EVENTS ?? 40_000)
const PROCESSES = (process.env.BENCH_PROCESSES ?? '1,2,4').split(',').map(Number)

const STORES = ['PostgreSQL', "EventStoreDB's double"] as const

const missing = redisMissing()
if (missing !== undefined) throw new Error(`jobs are on Redis here, and ${missing}`)
process.stdout.write(
  `${availableParallelism()} cores carry the engine's processes, PostgreSQL, Redis, the double and the load: they bound all that follows\n`,
)

await using opened = new AsyncDisposableStack()
const folder = await mkdtemp(path.join(tmpdir(), 'portcullis-bench-'))
opened.defer(() => rm(folder, { recursive: true, force: true }))
// A server run by root works under another account, which has to get in.
await chmod(folder, 0o755)
const postgres = await startEmbeddedPostgres({ dataDir: folder, log: () => {} })
opened.defer(() => postgres.stop())
const redis = await startRedis()
opened.defer(() => redis.stop())

const contenders: Contender[] = []
const measured = new Map<string, readonly number[]>()
const comparisons: Comparison[] = []

const measure = async (those: readonly Contender[]): Promise<void> => {
  for (const [name, values] of await takeTurns(those, ROUNDS)) measured.set(name, values)
  contenders.push(...those)
}

const startDouble = (name: string) => startDoubleProcess({ file: path.join(folder, name) })

for (const [number, label] of STORES.entries()) {
  process.stdout.write(`… projections, ${label}\n`)
  const server = number === 0 ? undefined : await startDouble('projections')
  const runs = await openProjectionRuns({
    label,
    events: EVENTS,
    databaseUrl: await createDatabase(postgres.url, `projections_${number}`),
    ...(server === undefined ? {} : { eventStoreUrl: server.url }),
  })
  try {
    await measure(runs.contenders)
    comparisons.push(...runs.comparisons)
  } finally {
    await runs.close()
    await server?.close()
  }
}

const double = await startDouble('double')
opened.defer(() => double.close())
for (const [number, label] of STORES.entries()) {
  process.stdout.write(`… processes, ${label}\n`)
  const installation = await openInstallation({
    label,
    folder: path.join(folder, `installation-${number}`),
    // Views and jobs belong to one log: each store gets a database of its own.
    databaseUrl: await createDatabase(postgres.url, `installation_${number}`),
    redisUrl: `${redis.url}/${number}`,
    ...(number === 0 ? {} : { eventStoreUrl: double.url }),
  })
  try {
    await measure(PROCESSES.map((workers) => installation.deliveries(workers, ASSIGNMENTS)))
    await measure(PROCESSES.map((workers) => installation.jobs(workers, JOBS)))
    await installation.startApis(Math.max(...PROCESSES))
    await measure(PROCESSES.map((apis) => installation.commands(apis, CASES, CALLERS)))
  } finally {
    await installation.close()
  }
  const [first = 1, ...more] = PROCESSES
  for (const what of ['deliveries', 'jobs', 'commands'])
    for (const processes of more)
      comparisons.push({
        of: nameOf(what, processes, label),
        against: nameOf(what, first, label),
      })
}
report('scaled', contenders, measured, comparisons)
