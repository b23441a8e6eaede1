import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DEFAULT_WORKER_SETTINGS, QUEUES } from '@portcullis/engine'
import { openRuntime, type RunningParts, type Runtime, readConfig } from '@portcullis/runtime'
import { settle } from './commands/organisation.ts'
import { type Contender, perSecond, report, takeTurns } from './harness.ts'
import { fillDeadlines } from './manyDeadlines.ts'
import { fillAssignments } from './manyRows.ts'
import { createOverdue } from './overdue.ts'

/**
 * A sweep with little and with much that isn't due, side by side in two installations; what it puts into the queue; and
 * how fast a downtime is caught up.
 */
const MANY = Number(process.env.BENCH_DEADLINES ?? 1_000_000)
const FEW = MANY / 100
const ASSIGNMENTS = MANY * 0.3
/** Enough that a sweep looks at as many holds as it ever does. */
const FEW_ASSIGNMENTS = 15_000
const OVERDUE = Number(process.env.BENCH_OVERDUE ?? 10_000)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5)
const SWEEPS = 5
const HOUR = 3600
const DAY = 24 * HOUR
/** Due within the next hour in both, so that there are alarms to set. */
const SOON = 600
/** It stands still, so that nothing of this comes to be due. */
const clock = { now: () => '2027-03-01T08:00:00.000Z' }
const never = new AbortController().signal

const folder = await mkdtemp(path.join(tmpdir(), 'portcullis-bench-'))
// As root the server runs under another user, who must get in.
await chmod(folder, 0o755)
const log = { debug: () => {}, info: () => {}, warn: console.error, error: console.error }

interface Installation {
  readonly runtime: Runtime
  readonly parts: RunningParts
  close(): Promise<void>
}

const open = async (name: string): Promise<Installation> => {
  const own = path.join(folder, name)
  const config = readConfig({ PORTCULLIS_DATA: own, PORTCULLIS_PORT: '0' }, folder)
  const runtime = await openRuntime(config, { log, clock, database: 'own' })
  await settle(runtime, path.join(folder, `${name}-directory`))
  const stop = new AbortController()
  const projecting = runtime.projections.run(stop.signal)
  await runtime.projections.waitFor(await runtime.store.head(), 60_000)
  const parts = await runtime.worker(DEFAULT_WORKER_SETTINGS)
  return {
    runtime,
    parts,
    close: async () => {
      stop.abort()
      await projecting
      await parts.close()
      await runtime.close()
    },
  }
}

const sweeps = (name: string, { parts }: Installation): Contender => ({
  name,
  unit: 'sweeps/s',
  run: () =>
    perSecond(SWEEPS, async () => {
      for (let sweep = 0; sweep < SWEEPS; sweep += 1) await parts.worker.sweep(never)
    }),
})

const queueOf = (name: string, { parts }: Installation): Contender => ({
  name,
  unit: 'alarms in the queue',
  run: async () => {
    const { waiting, delayed } = await parts.jobs.counts(QUEUES.deadlines)
    return waiting + delayed
  },
})

const [small, large] = [await open('small'), await open('large')]
try {
  for (const [{ runtime }, deadlines, assignments] of [
    [small, FEW, FEW_ASSIGNMENTS],
    [large, MANY, ASSIGNMENTS],
  ] as const) {
    await fillAssignments(runtime, assignments)
    // Every package has lost a role at some time, so that what is held is compared with what is conferred.
    await runtime.pool.query(
      `update portcullis_views.all_packages set roles_version = 3, started_version = 3, started_roles = resource_roles`,
    )
    await runtime.pool.query('update portcullis_views.assignments set roles_version = 3')
    await runtime.pool.query('vacuum analyze')
    await fillDeadlines(runtime, SOON, 0, HOUR)
    await fillDeadlines(runtime, deadlines, DAY, 400 * DAY)
  }
  const [few, many] = [
    `${FEW.toLocaleString('en')} deadlines`,
    `${MANY.toLocaleString('en')} deadlines`,
  ]
  const { catchUp, bare } = createOverdue(small, OVERDUE)
  const contenders: readonly Contender[] = [
    sweeps(few, small),
    sweeps(many, large),
    queueOf(`queue, ${few}`, small),
    queueOf(`queue, ${many}`, large),
    bare,
    catchUp,
  ]
  const measured = new Map(await takeTurns(contenders, ROUNDS))

  const close = queueOf(`queue, ${many} within the hour`, large)
  await large.runtime.pool.query(
    `update portcullis_views.deadlines set due_at = to_char(timestamptz '${clock.now()}' at time zone 'UTC'
       + (1 + (abs(hashtext(key)) % 3599000)) * interval '1 millisecond', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  )
  await large.runtime.pool.query('vacuum analyze portcullis_views.deadlines_v3')
  await large.parts.worker.sweep(never)
  measured.set(close.name, [await close.run()])
  report('deadlines', [...contenders, close], measured, [
    { of: many, against: few, aim: 0.8 },
    { of: catchUp.name, against: bare.name },
  ])
} finally {
  await small.close()
  await large.close()
  await rm(folder, { recursive: true, force: true })
}
