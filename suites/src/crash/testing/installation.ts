import { codeOf } from '@portcullis/core'
import type { Runtime } from '@portcullis/runtime'
import { createEngineProcess, type EngineProcess } from './engineProcess.ts'
import type { Moments } from './moments.ts'
import type { Random } from './random.ts'
import { openStage, type Stage } from './stage.ts'

/**
 * `kill`: -9 of a worker, or of the whole engine where it is one process. `kill api`: -9 of an api process. `wipe`: the
 * queue is emptied under it.
 * `cut store`: every connection to the event store. `lose store`: its node dies, and one with its log takes its place.
 * `restart database`: at once, as after a crash.
 */
export type Disruption =
  | 'kill'
  | 'wipe'
  | 'kill api'
  | 'cut store'
  | 'lose store'
  | 'restart database'

/** A disruption that is ready to happen. */
export interface Strike {
  /** Of the process that dies by it. */
  readonly pid?: number | undefined
  /** In the very moment; resolves when it has happened. */
  hit(): Promise<void>
  /**
   * Brings back what is gone; resolves when it serves again.
   * @returns ids of the mails that were being sent when it happened: those may come twice
   */
  mend(): Promise<readonly string[]>
}

/** The engine's processes and all that they work with. */
export interface Installation {
  readonly stage: Stage
  readonly engine: readonly EngineProcess[]
  /** @param random draws which process it is */
  prepare(disruption: Disruption, runtime: Runtime, random: Random): Strike
  close(): Promise<void>
}

export interface SmallOptions {
  /** `one`: api and worker in one process, with a PostgreSQL of its own. `two`: in two, on a PostgreSQL that stays. */
  readonly processes: 'one' | 'two'
  /** Jobs on this Redis; else in PostgreSQL. */
  readonly redis?: { readonly url: string; restartEmpty(): Promise<void> }
}

/** One machine's engine. It isn't started yet. */
export const installSmall = async (
  { processes, redis }: SmallOptions,
  seen: Moments['seen'],
): Promise<Installation> => {
  const stage = await openStage({
    database: processes === 'one' ? 'embedded' : 'server',
    ...(redis === undefined ? {} : { redisUrl: redis.url }),
    seen,
  })
  const processOf = (part: 'all' | 'api' | 'worker') =>
    createEngineProcess(part, stage.env, stage.logFile)
  const victim = processOf(processes === 'one' ? 'all' : 'worker')
  const engine = processes === 'one' ? [victim] : [victim, processOf('api')]
  return {
    stage,
    engine,
    prepare: (disruption, runtime) => {
      if (disruption === 'kill') return killOf(victim, runtime)
      if (disruption === 'wipe') return instant(() => redis?.restartEmpty() ?? emptyTables(runtime))
      throw new Error(`there is no ${disruption} here`)
    },
    close: async () => {
      await Promise.all(engine.map((part) => part.stop()))
      await stage.close()
    },
  }
}

/** What is over as soon as it has happened, and stops no mail. */
export const instant = (hit: () => Promise<void>): Strike => ({ hit, mend: async () => [] })

/** `kill -9` of a process that sends mails. */
export const killOf = (victim: EngineProcess, runtime: Runtime): Strike => ({
  pid: victim.pid,
  hit: () => victim.kill(),
  mend: async () => {
    const inFlight = await mailsInFlight(runtime)
    await victim.start()
    return inFlight
  },
})

const mailsInFlight = async ({ pool }: Runtime): Promise<readonly string[]> => {
  const { rows } = await pool.query<{ id: string }>(
    "select id from portcullis_mail.outbox where status = 'sending'",
  )
  return rows.map(({ id }) => id)
}

/** Every table of the queue emptied. */
const emptyTables = async (runtime: Runtime): Promise<void> => {
  const { pool } = runtime
  const { rows } = await pool.query<{ tables: string | null }>(
    `select string_agg(format('%I.%I', schemaname, tablename), ', ') as tables
       from pg_tables where schemaname = 'portcullis_jobs'`,
  )
  const tables = rows[0]?.tables ?? null
  if (tables === null) return
  try {
    await pool.query(`truncate ${tables}`)
  } catch (error) {
    // The worker was in the middle of something, and the server let the worker go on.
    if (codeOf(error) === DEADLOCK) return emptyTables(runtime)
    // Dropped by a worker that makes an emptied queue anew: as empty as can be.
    if (!GONE.includes(codeOf(error) ?? '')) throw error
  }
}

const DEADLOCK = '40P01'
/** A schema, and a table, that are no longer there. */
const GONE = ['3F000', '42P01']
