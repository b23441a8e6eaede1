import { setTimeout as delay } from 'node:timers/promises'
import { silentLog } from '@portcullis/engine'
import { dataPaths, openRuntime, type Runtime, readConfig } from '@portcullis/runtime'
import { createDriver, type Driver } from './driver.ts'
import { NOTHING_OPEN, whatIsOpen } from './ends.ts'
import { createEngineProcess, type EngineProcess, lastLines, runCli } from './engineProcess.ts'
import { createMoments, type Moments, type Sight } from './moments.ts'
import { packageBodies, roleChanges } from './organisation.ts'
import { createRandom, type Random } from './random.ts'
import { openStage, type Stage } from './stage.ts'
import { drawStories, SERVICE, type Story } from './stories.ts'

/** `kill`: -9 of the worker, or of the whole engine where it is one process. `wipe`: the queue is emptied under it. */
export type Disruption = 'kill' | 'wipe'

export interface CrashRunOptions {
  /** Everything that is drawn follows from it. */
  readonly seed: number
  readonly requests: number
  /** One a part of the run, in this order. */
  readonly disruptions: readonly Disruption[]
  /** `one`: api and worker in one process, with a PostgreSQL of its own. `two`: in two, on a PostgreSQL that stays. */
  readonly processes: 'one' | 'two'
  /** Jobs on this Redis; else in PostgreSQL. */
  readonly redis?: { readonly url: string; restartEmpty(): Promise<void> }
}

/** A run that has come to rest, with the engine still up. */
export interface CrashRun {
  readonly stage: Stage
  readonly runtime: Runtime
  readonly driver: Driver
  readonly moments: Moments
  readonly stories: readonly Story[]
  /** When the killed process was down. */
  readonly downtimes: readonly { readonly from: string; readonly to: string }[]
  /** Ids of the mails that were being sent, at each kill. */
  readonly inFlight: readonly (readonly string[])[]
  readonly wipes: number
  close(): Promise<void>
}

/** The first disruptions come while commands are sent; the others while the rest of the work is done. */
const WHILE_SENDING = 0.6
/** A disruption comes when up to so many more things have been seen for each request of its part; there are more than that, so that it does come. */
const SEEN_PER_REQUEST = 5
/** When no commands come any more, what remains lasts longer. */
const LATER = 2
/** Every other disruption among the commands comes when a mail arrives: one of the next so many. */
const MAILS = 20
/** A run where nothing has moved for so long has lost something: longer than any lease, back-off or end that is waited for. */
const STILL_MILLIS = 60_000
/** One that moves for ever does too, however slow the machine. */
const SETTLE_MILLIS = 240_000
const POLL_MILLIS = 250

export const runWithCrashes = async (options: CrashRunOptions): Promise<CrashRun> => {
  const { seed, processes, disruptions, redis } = options
  const random = createRandom(seed)
  const moments = createMoments()
  const stage = await openStage({
    database: processes === 'one' ? 'embedded' : 'server',
    ...(redis === undefined ? {} : { redisUrl: redis.url }),
    seen: moments.seen,
  })
  const processOf = (part: 'all' | 'api' | 'worker') =>
    createEngineProcess(part, stage.env, stage.logFile)
  const victim = processOf(processes === 'one' ? 'all' : 'worker')
  const others: readonly EngineProcess[] = processes === 'one' ? [] : [processOf('api')]
  const engine = [victim, ...others]
  let runtime: Runtime | undefined
  const close = async (): Promise<void> => {
    await runtime?.close()
    await Promise.all(engine.map((part) => part.stop()))
    await stage.close()
  }
  try {
    await Promise.all(engine.map((part) => part.start()))
    await runCli(['import', stage.organisation], stage.env)
    runtime = await openRuntime(readConfig(stage.env, stage.dataDir), {
      log: silentLog,
      database: 'attach',
    })
    const driver = await createDriver({
      url: stage.url,
      keyDir: dataPaths(stage.dataDir).keys,
      run: String(seed),
      seen: moments.seen,
    })
    const disrupted = { runtime, moments, victim, redis, downtimes: [], inFlight: [] }
    const stories = drawStories(random, options.requests)
    await Promise.race([
      tell(options, { random, driver, stories }, disrupted),
      ...engine.map(({ died }) => died),
    ])
    await settled(runtime)
    const { downtimes, inFlight } = disrupted
    const wipes = disruptions.filter((disruption) => disruption === 'wipe').length
    return { stage, runtime, driver, moments, stories, downtimes, inFlight, wipes, close }
  } catch (error) {
    const lines = await lastLines(stage.logFile)
    await close()
    throw new Error(
      `seed ${seed}, disruptions ${disruptions.join(', ')}; last log lines:\n${lines}`,
      {
        cause: error,
      },
    )
  }
}

interface Told {
  readonly random: Random
  readonly driver: Driver
  readonly stories: readonly Story[]
}

interface When {
  readonly more: number
  readonly of: Sight | 'anything'
}

interface Disrupted {
  readonly runtime: Runtime
  readonly moments: Moments
  readonly victim: EngineProcess
  readonly redis: CrashRunOptions['redis']
  readonly downtimes: { readonly from: string; readonly to: string }[]
  readonly inFlight: (readonly string[])[]
}

/** All stories, in parts; a part's stories may still be under way in the next one. */
const tell = async (
  options: CrashRunOptions,
  { random, driver, stories }: Told,
  disrupted: Disrupted,
): Promise<void> => {
  const { disruptions } = options
  for (const body of packageBodies)
    await driver.send(`create ${body.id}`, {
      as: SERVICE,
      method: 'POST',
      path: '/v1/access-packages',
      body: () => body,
    })
  const within = Math.ceil((SEEN_PER_REQUEST * options.requests) / disruptions.length)
  const parts = Math.ceil(disruptions.length * WHILE_SENDING)
  const size = Math.ceil(stories.length / parts)
  const told: Promise<void>[] = []
  for (const [part, disruption] of disruptions.entries()) {
    told.push(driver.tell(stories.slice(part * size, (part + 1) * size)))
    const sending = part < parts
    const when: When =
      sending && part % 2 === 1
        ? { more: random.int(1, MAILS), of: 'mail' }
        : { more: random.int(1, sending ? within : within * LATER), of: 'anything' }
    if (part === Math.floor(disruptions.length / 3)) told.push(changeRoles(driver))
    await Promise.race([disrupt(disruption, when, disrupted), failure(told)])
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
  { runtime, moments, victim, redis, downtimes, inFlight }: Disrupted,
): Promise<void> => {
  let done: Promise<void> | undefined
  let from = ''
  await moments.after(more, of, () => {
    from = runtime.clock.now()
    done = disruption === 'kill' ? victim.kill() : wipe(runtime, redis)
  })
  await done
  if (disruption === 'wipe') return
  inFlight.push(await mailsInFlight(runtime))
  await victim.start()
  downtimes.push({ from, to: runtime.clock.now() })
}

const mailsInFlight = async ({ pool }: Runtime): Promise<readonly string[]> => {
  const { rows } = await pool.query<{ id: string }>(
    "select id from portcullis_mail.outbox where status = 'sending'",
  )
  return rows.map(({ id }) => id)
}

/** Every table of the queue emptied, or its server lost with all that it held. */
const wipe = async ({ pool }: Runtime, redis: CrashRunOptions['redis']): Promise<void> => {
  if (redis !== undefined) return redis.restartEmpty()
  const { rows } = await pool.query<{ tables: string | null }>(
    `select string_agg(format('%I.%I', schemaname, tablename), ', ') as tables
       from pg_tables where schemaname = 'portcullis_jobs'`,
  )
  const tables = rows[0]?.tables ?? null
  // Dropped and not made again yet: as empty as can be.
  if (tables !== null) await pool.query(`truncate ${tables}`)
}

/** Waits until nothing is left to do. @throws Error that says what is, when nothing moves any more, or it never ends */
const settled = async (runtime: Runtime): Promise<void> => {
  const wanted = JSON.stringify(NOTHING_OPEN)
  const begun = Date.now()
  let open = ''
  let movedAt = begun
  while (Date.now() - movedAt < STILL_MILLIS && Date.now() - begun < SETTLE_MILLIS) {
    const now = JSON.stringify(await whatIsOpen(runtime))
    if (now === wanted) return
    if (now !== open) movedAt = Date.now()
    open = now
    await delay(POLL_MILLIS)
  }
  throw new Error(`doesn't come to rest; still open: ${open}`)
}
