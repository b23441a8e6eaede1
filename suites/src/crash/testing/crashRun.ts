import { fromMillis } from '@portcullis/core'
import { silentLog } from '@portcullis/engine'
import { dataPaths, openRuntime, type Runtime, readConfig } from '@portcullis/runtime'
import { createDriver, type Driver } from './driver.ts'
import { lastLines, runCli } from './engineProcess.ts'
import type { Disruption, Installation } from './installation.ts'
import { createMoments, type Moments, type Sight } from './moments.ts'
import { packageBodies, roleChanges } from './organisation.ts'
import { createPace } from './pace.ts'
import { createRandom, type Random } from './random.ts'
import { settled } from './rest.ts'
import type { Stage } from './stage.ts'
import { drawStories, SERVICE, type Story } from './stories.ts'

export interface CrashRunOptions {
  /** Everything that is drawn follows from it. */
  readonly seed: number
  readonly requests: number
  /** One a part of the run, in this order. */
  readonly disruptions: readonly Disruption[]
  /**
   * The first disruptions come while commands are sent; the others while the rest of the work is done. This share is
   * first.
   */
  readonly whileSending: number
  readonly install: (seen: Moments['seen']) => Promise<Installation>
  /** Before the first command. */
  readonly begun?: (runtime: Runtime) => Promise<void>
}

/** A disruption that has happened. Milliseconds since the epoch. */
export interface Struck {
  readonly disruption: Disruption
  readonly at: number
  readonly mendedAt: number
  /** Of the worker that was killed. */
  readonly pid: number | undefined
  /** Ids of the mails that were being sent. */
  readonly inFlight: readonly string[]
}

/** A run that has come to rest, with the engine still up. */
export interface CrashRun {
  readonly stage: Stage
  readonly runtime: Runtime
  readonly driver: Driver
  readonly moments: Moments
  readonly stories: readonly Story[]
  readonly struck: readonly Struck[]
  /** When what timers need was away. */
  readonly downtimes: readonly { readonly from: string; readonly to: string }[]
  close(): Promise<void>
}

/**
 * A disruption comes when up to so many more things have been seen for each request of its part. A run sees five a
 * request, some of them while something is down.
 */
const SEEN_PER_REQUEST = 3
/** Every other disruption among the commands comes when a mail arrives: one of the next so many. */
const MAILS = 20
/** What is sent faster than it is worked off only waits: a run is about what goes away, not about overload. */
const LAG_MILLIS = 2_000
/** Timers wait for what these take away. */
const STOP_TIMERS: readonly Disruption[] = ['kill', 'lose store', 'restart database']

export const runWithCrashes = async (options: CrashRunOptions): Promise<CrashRun> => {
  const { seed, disruptions, requests } = options
  const random = createRandom(seed)
  const moments = createMoments()
  const installation = await options.install(moments.seen)
  const { stage, engine } = installation
  let runtime: Runtime | undefined
  const close = async (): Promise<void> => {
    await runtime?.close()
    await installation.close()
  }
  try {
    await Promise.all(engine.map((part) => part.start()))
    await runCli(['import', stage.organisation], stage.env)
    runtime = await openRuntime(readConfig(stage.env, stage.dataDir), {
      log: silentLog,
      database: 'attach',
    })
    await options.begun?.(runtime)
    const driver = await createDriver({
      urls: stage.urls,
      keyDir: dataPaths(stage.dataDir).keys,
      run: String(seed),
      seen: moments.seen,
      pace: createPace(runtime, LAG_MILLIS),
    })
    const stories = drawStories(random, requests)
    const struck: Struck[] = []
    const told = { options, installation, runtime, random, driver, moments, stories, struck }
    await Promise.race([tell(told), ...engine.map(({ died }) => died)])
    await settled(runtime, { requests })
    const downtimes = struck
      .filter(({ disruption }) => STOP_TIMERS.includes(disruption))
      .map(({ at, mendedAt }) => ({ from: fromMillis(at), to: fromMillis(mendedAt) }))
    return { stage, runtime, driver, moments, stories, struck, downtimes, close }
  } catch (error) {
    const lines = await lastLines(stage.logFile)
    await close()
    throw new Error(
      `seed ${seed}, disruptions ${disruptions.join(', ')}; last log lines:\n${lines}`,
      { cause: error },
    )
  }
}

interface Telling extends Pick<CrashRun, 'runtime' | 'driver' | 'moments' | 'stories'> {
  readonly options: CrashRunOptions
  readonly installation: Installation
  readonly random: Random
  readonly struck: Struck[]
}

interface When {
  readonly more: number
  readonly of: Sight | 'anything'
}

/** All stories, in parts; a part's stories may still be under way in the next one. */
const tell = async (telling: Telling): Promise<void> => {
  const { driver, random, stories } = telling
  const { disruptions, requests, whileSending } = telling.options
  for (const body of packageBodies)
    await driver.send(`create ${body.id}`, {
      as: SERVICE,
      method: 'POST',
      path: '/v1/access-packages',
      body: () => body,
    })
  const within = Math.ceil((SEEN_PER_REQUEST * requests) / disruptions.length)
  const parts = Math.ceil(disruptions.length * whileSending)
  const size = Math.ceil(stories.length / parts)
  const told: Promise<void>[] = []
  for (const [part, disruption] of disruptions.entries()) {
    told.push(driver.tell(stories.slice(part * size, (part + 1) * size)))
    const when: When =
      part < parts && part % 2 === 1
        ? { more: random.int(1, MAILS), of: 'mail' }
        : { more: random.int(1, within), of: 'anything' }
    if (part === Math.floor(disruptions.length / 3)) told.push(changeRoles(driver))
    await Promise.race([disrupt(disruption, when, told, telling), failure(told)])
  }
  await Promise.all(told)
}

/** A role goes to everybody who has the package, and another one goes away, while all is under way. */
const changeRoles = async (driver: Driver): Promise<void> => {
  const { add, remove } = roleChanges
  const path = (packageId: string) => `/v1/access-packages/${packageId}/resource-roles`
  const { packageId, ...role } = add
  await driver.send('add role', {
    as: SERVICE,
    method: 'POST',
    path: path(packageId),
    body: () => role,
  })
  await driver.send('remove role', {
    as: SERVICE,
    method: 'DELETE',
    path: `${path(remove.packageId)}/${remove.resourceId}/${remove.roleId}`,
  })
}

/** Never resolves; rejects as soon as one of them does. */
const failure = (running: readonly Promise<unknown>[]): Promise<never> =>
  new Promise((_, reject) => {
    for (const each of running) each.catch(reject)
  })

const disrupt = async (
  disruption: Disruption,
  { more, of }: When,
  told: readonly Promise<void>[],
  { options, installation, runtime, random, moments, struck }: Telling,
): Promise<void> => {
  const { pid, hit, mend } = installation.prepare(disruption, runtime, random)
  let done: Promise<void> | undefined
  let at = 0
  const come = new AbortController()
  // Nothing more would be seen: a moment that was drawn beyond it would never come.
  const rest = Promise.all(told).then(() =>
    settled(runtime, { requests: options.requests, signal: come.signal }),
  )
  const act = (): void => {
    come.abort()
    at = Date.now()
    done = hit()
  }
  await moments.after(more, of, act, rest)
  await done
  const inFlight = await mend()
  struck.push({ disruption, at, mendedAt: Date.now(), pid, inFlight })
}
