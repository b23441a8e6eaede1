import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Jobs } from '@portcullis/core'
import { entitlementId, requestId } from '@portcullis/domain'
import { DEFAULT_WORKER_SETTINGS, QUEUES } from '@portcullis/engine'
import { openRuntime, type RunningParts, type Runtime, readConfig } from '@portcullis/runtime'
import { ADMINISTRATOR, freshCases, settle } from '../commands/organisation.ts'
import { tokens } from '../commands/tokens.ts'
import { type Contender, perSecond } from '../harness.ts'
import { type Child, startChild } from './child.ts'
import type { Load } from './loadProcess.ts'

export interface InstallationOptions {
  /** For people: the event store. */
  readonly label: string
  /** Of this installation alone. */
  readonly folder: string
  readonly databaseUrl: string
  readonly redisUrl: string
  /** In PostgreSQL when absent. */
  readonly eventStoreUrl?: string
}

/** One installation on servers that run: its processes are started as they are measured. */
export interface Installation {
  /** Commands a second of so many api processes; no worker runs. */
  commands(apis: number, cases: number, callers: number): Contender
  /** Assignments delivered a second by so many workers, from the one command that makes them all; no API runs. */
  deliveries(workers: number, assignments: number): Contender
  /** Jobs a second by so many workers: each looks at one settled assignment and finds nothing to do. No API runs. */
  jobs(workers: number, count: number): Contender
  /** Starts the api processes that are measured; call it when all deliveries are measured. */
  startApis(most: number): Promise<void>
  close(): Promise<void>
}

export const nameOf = (what: string, processes: number, label: string): string =>
  `${what}, ${processes} ${processes === 1 ? 'process' : 'processes'}, ${label}`

const COMMANDS_OF_A_CASE = 2
const POLL_MILLIS = 20

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: console.error }

export const openInstallation = async (options: InstallationOptions): Promise<Installation> => {
  const { label, folder } = options
  await mkdir(folder)
  const env = {
    PORTCULLIS_DATA: path.join(folder, 'data'),
    PORTCULLIS_PORT: '0',
    PORTCULLIS_LOG_LEVEL: 'error',
    PORTCULLIS_RATE_LIMIT_CALLER: '0',
    DATABASE_URL: options.databaseUrl,
    REDIS_URL: options.redisUrl,
    ...(options.eventStoreUrl === undefined ? {} : { EVENTSTORE_URL: options.eventStoreUrl }),
  }
  await mkdir(env.PORTCULLIS_DATA)
  const runtime = await openRuntime(readConfig(env, folder), { log: quiet, database: 'attach' })
  const children: Child[] = []
  let queue: RunningParts | undefined
  const close = async (): Promise<void> => {
    await Promise.all(children.map((child) => child.stop()))
    await queue?.close()
    await runtime.close()
  }
  try {
    await settle(runtime, path.join(folder, 'directory'))
    // Nothing runs here: it only queues jobs and counts them.
    queue = await runtime.worker(DEFAULT_WORKER_SETTINGS)
  } catch (error) {
    await close()
    throw error
  }
  const tokenOf = await tokens(runtime)
  const { jobs } = queue
  const withWorkers = async (count: number, work: () => Promise<number>): Promise<number> => {
    const workers = await Promise.all(
      Array.from({ length: count }, () =>
        startChild(new URL('workerProcess.ts', import.meta.url), env),
      ),
    )
    try {
      return await work()
    } finally {
      await Promise.all(workers.map((worker) => worker.stop()))
    }
  }
  let urls: readonly string[] = []
  let send = (_load: Load): Promise<unknown> => Promise.reject(new Error('no API runs'))
  return {
    startApis: async (most) => {
      const loader = await startChild(new URL('loadProcess.ts', import.meta.url), env)
      children.push(loader)
      send = loader.ask
      const apis = await Promise.all(
        Array.from({ length: most }, () =>
          startChild(new URL('../commands/apiProcess.ts', import.meta.url), env),
        ),
      )
      children.push(...apis)
      urls = apis.map(({ first }) => String(first))
    },
    commands: (apis, cases, callers) => ({
      name: nameOf('commands', apis, label),
      unit: 'commands/s',
      run: async () => {
        const load: Load = {
          urls: urls.slice(0, apis),
          callers,
          cases: await Promise.all(
            freshCases(cases).map(async ({ packageId, subjectId, approverId }) => ({
              packageId,
              requestId: requestId(entitlementId(packageId, subjectId), 1),
              // Made before the clock runs: people come with their tokens.
              subjectToken: await tokenOf(subjectId),
              approverToken: await tokenOf(approverId),
            })),
          ),
        }
        const { millis } = (await send(load)) as { readonly millis: number }
        return (cases * COMMANDS_OF_A_CASE * 1000) / millis
      },
    }),
    deliveries: (workers, assignments) => ({
      name: nameOf('deliveries', workers, label),
      unit: 'deliveries/s',
      run: () =>
        withWorkers(workers, () => perSecond(assignments, () => deliver(runtime, assignments))),
    }),
    jobs: (workers, count) => ({
      name: nameOf('jobs', workers, label),
      unit: 'jobs/s',
      run: () => withWorkers(workers, () => perSecond(count, () => workOff(runtime, jobs, count))),
    }),
    close,
  }
}

/** Assigns packages to so many and waits until all of them are shown as delivered. */
const deliver = async (runtime: Runtime, assignments: number): Promise<void> => {
  const before = await delivered(runtime)
  const byPackage = Map.groupBy(freshCases(assignments), ({ packageId }) => packageId)
  for (const [packageId, cases] of byPackage) {
    const answer = await runtime.application.assignMany(
      {
        packageId,
        subjectIds: cases.map(({ subjectId }) => subjectId),
        policyId: 'standard',
        startAt: null,
        endAt: null,
        justification: null,
      },
      {
        commandId: randomUUID(),
        caller: { actor: { kind: 'user', id: ADMINISTRATOR }, directoryRoles: [] },
      },
    )
    if (!answer.ok || answer.refused > 0) throw new Error('somebody was refused')
  }
  while ((await delivered(runtime)) < before + assignments) await delay(POLL_MILLIS)
}

/** Queues a job for each of so many assignments, and waits until none is left. */
const workOff = async ({ pool }: Runtime, jobs: Jobs, count: number): Promise<void> => {
  const { rows } = await pool.query<{ package_id: string; subject_id: string }>(
    "select package_id, subject_id from portcullis_views.assignments where status = 'Delivered' limit $1",
    [count],
  )
  if (rows.length < count) throw new Error(`only ${rows.length} of ${count} assignments are there`)
  await jobs.enqueue(
    rows.map((row) => ({
      queue: QUEUES.provision,
      name: 'reconcile',
      data: { entitlementIds: [entitlementId(row.package_id, row.subject_id)] },
    })),
  )
  for (;;) {
    const { waiting, active } = await jobs.counts(QUEUES.provision)
    if (waiting + active === 0) return
    await delay(POLL_MILLIS)
  }
}

const delivered = async ({ pool }: Runtime): Promise<number> => {
  const { rows } = await pool.query<{ count: string }>(
    "select count(*) from portcullis_views.assignments where status = 'Delivered'",
  )
  return Number(rows[0]?.count)
}
