import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createLogger } from '@portcullis/api'
import { openRuntime, type Runtime, readConfig } from '@portcullis/runtime'
import { bareGrants } from './bareAppends.ts'
import {
  ADDED_ROLE,
  asAdministrator,
  ask,
  askerId,
  copyPattern,
  ORDINARY_PACKAGE,
  PACKAGE,
  PATTERN,
  settle,
} from './organisation.ts'
import { serverCpu } from './serverCpu.ts'
import type { WorkerReport } from './workerProcess.ts'

export interface RollOutFigures {
  /** From the command's answer until the views show everybody with the role. */
  readonly grantsPerSecond: number
  /** Grants a second that a bare append of the same events makes. */
  readonly bareGrantsPerSecond: number
  /** Of the worker, MB. */
  readonly peakMemory: number
  /** Of ordinary requests meanwhile, from the command until the views show it delivered, milliseconds. */
  readonly waits: readonly number[]
  /** CPU for each grant, microseconds, by who used it: the worker, and the server's processes by their connections. */
  readonly cpu: ReadonlyMap<string, number>
}

const ASKERS = 2000
/** Requests before the clock runs, so that everything is warm. */
const WARM_UP = 20
/** Between two ordinary requests. */
const ASK_MILLIS = 150
const LOOK_MILLIS = 20
const COUNT_MILLIS = 1000

/** Adds one role to a package with so many assignments, in a fresh database, and measures until everybody has it. */
export const measureRollOut = async (
  folder: string,
  assignments: number,
  redisUrl: string | undefined,
): Promise<RollOutFigures> => {
  const env = {
    PORTCULLIS_DATA: folder,
    PORTCULLIS_LOG_LEVEL: 'warn',
    PORTCULLIS_RATE_LIMIT_CALLER: '0',
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
  }
  const runtime = await openRuntime(readConfig(env, folder), {
    log: createLogger('warn'),
    database: 'own',
  })
  try {
    await settle(runtime, assignments, ASKERS)
    let worker = await startWorkerProcess(env)
    await ask(runtime, PACKAGE, PATTERN)
    await delivered(runtime, PACKAGE, PATTERN)
    await worker.stop()
    await copyPattern(runtime, assignments)
    worker = await startWorkerProcess(env)
    for (let number = ASKERS - WARM_UP; number < ASKERS; number += 1) {
      await ask(runtime, ORDINARY_PACKAGE, askerId(number))
      await delivered(runtime, ORDINARY_PACKAGE, askerId(number))
    }
    const before = await runtime.store.head()
    const cpuBefore = await cpuSoFar(runtime, worker.report())
    const begun = performance.now()
    await asAdministrator(runtime, { type: 'AddResourceRole', packageId: PACKAGE, ...ADDED_ROLE })
    // Counting costs the server much: only once the target has them all.
    const isOver = async (): Promise<boolean> =>
      worker.report().granted >= assignments && (await everybodyHasIt(runtime, assignments))
    const waits = await askUntil(runtime, isOver)
    const seconds = (performance.now() - begun) / 1000
    const { peakMemory } = worker.report()
    const cpu = await cpuSoFar(runtime, worker.report())
    await worker.stop()
    return {
      grantsPerSecond: assignments / seconds,
      bareGrantsPerSecond: await bareGrants(runtime, before),
      peakMemory,
      waits,
      cpu: new Map(
        [...cpu].map(([name, millis]) => [
          name,
          ((millis - (cpuBefore.get(name) ?? 0)) * 1000) / assignments,
        ]),
      ),
    }
  } finally {
    await runtime.close()
  }
}

const startWorkerProcess = async (env: Readonly<Record<string, string>>) => {
  const child = fork(fileURLToPath(new URL('workerProcess.ts', import.meta.url)), {
    env: { ...process.env, ...env },
  })
  const ended = once(child, 'exit')
  let last: WorkerReport = { granted: 0, peakMemory: 0, cpu: 0 }
  child.on('message', (report: WorkerReport) => {
    last = report
  })
  await Promise.race([
    once(child, 'message'),
    ended.then(([code]) => {
      throw new Error(`the worker ended with ${code}`)
    }),
  ])
  return {
    report: () => last,
    stop: async () => {
      child.disconnect()
      await ended
    },
  }
}

const cpuSoFar = async (
  runtime: Runtime,
  worker: WorkerReport,
): Promise<ReadonlyMap<string, number>> =>
  new Map([['worker', worker.cpu], ...(await serverCpu(runtime))])

const everybodyHasIt = async ({ pool }: Runtime, assignments: number): Promise<boolean> => {
  const { rows } = await pool.query<{ readonly done: number }>(
    `select count(*)::int as done from portcullis_views.assignments
      where package_id = $1 and roles_version = 2 and status = 'Delivered'`,
    [PACKAGE],
  )
  return rows[0]?.done === assignments
}

const isDelivered = async ({ pool }: Runtime, packageId: string, subjectId: string) => {
  const { rows } = await pool.query(
    `select from portcullis_views.assignments where id = $1 and status = 'Delivered'`,
    [`${packageId}.${subjectId}.a1`],
  )
  return rows.length > 0
}

const delivered = async (runtime: Runtime, packageId: string, subjectId: string): Promise<void> => {
  while (!(await isDelivered(runtime, packageId, subjectId))) await delay(LOOK_MILLIS)
}

/**
 * Ordinary requests, one after the other without waiting for each other, until it is over.
 * @returns how long each took, ms
 */
const askUntil = async (
  runtime: Runtime,
  isOver: () => Promise<boolean>,
): Promise<readonly number[]> => {
  const asked: Promise<number>[] = []
  const one = async (subjectId: string): Promise<number> => {
    const begun = performance.now()
    await ask(runtime, ORDINARY_PACKAGE, subjectId)
    await delivered(runtime, ORDINARY_PACKAGE, subjectId)
    return performance.now() - begun
  }
  let looked = performance.now()
  for (let number = 0; ; number += 1) {
    if (performance.now() - looked > COUNT_MILLIS) {
      if (await isOver()) break
      looked = performance.now()
    }
    if (number < ASKERS - WARM_UP) asked.push(one(askerId(number)))
    await delay(ASK_MILLIS)
  }
  return Promise.all(asked)
}
