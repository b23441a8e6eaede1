import { performance } from 'node:perf_hooks'
import type { Jobs } from '@portcullis/core'
import { createReactors, errorText, QUEUES } from '@portcullis/engine'
import { createFinishedRuns, createQueueReader } from '@portcullis/jobs'
import { createPool } from '@portcullis/postgres'
import { createSubscriptions } from '@portcullis/subscriptions'
import { createProjections } from '@portcullis/views'
import { shareConnections } from '../connectionShares.ts'
import type { Instruments } from '../metrics/instruments.ts'
import { jobsServerOf } from '../redis.ts'
import type { Runtime } from '../runtime.ts'
import { type EngineFacts, readEngineFacts } from './engineFacts.ts'
import { guarded } from './guarded.ts'
import { type SubscriptionLag, subscriptionLags } from './lags.ts'
import { type Check, createReadiness, NotReady, type Readiness } from './readiness.ts'
import { createSweepAge } from './sweepAge.ts'
import { olderThan, readTableVersions } from './tables.ts'

/** What a process shows of itself, without getting into its own way. */
export interface Monitor {
  readonly readiness: Readiness
  /** What this process has counted. */
  readonly instruments: Instruments
  /** What all processes share; kept for a few seconds. */
  facts(): Promise<EngineFacts>
  /** How far projections and reactors are behind; kept for a few seconds. */
  lags(): Promise<readonly SubscriptionLag[]>
  close(): Promise<void>
}

export interface MonitorOptions {
  /** What this process runs. */
  readonly serves: { readonly api: boolean; readonly worker: boolean }
  /** The worker's queues, once they are open; undefined before. */
  readonly jobs: () => Pick<Jobs, 'counts'> | undefined
}

/** The longest that one look may take, milliseconds: less than what probes wait. */
const LOOK_MILLIS = 2_000
/** How long an answer counts, milliseconds: the one who probes more often gets the same one. */
const KEEP_MILLIS = 1_000
/** The same for metrics, which are read rarely. */
const FACTS_MILLIS = 8_000
const KEEP_FACTS_MILLIS = 5_000

/** @throws what the database throws when its tables can't be read */
export const openMonitor = async (
  runtime: Pick<Runtime, 'config' | 'databaseUrl' | 'store' | 'clock' | 'log' | 'instruments'>,
  { serves, jobs }: MonitorOptions,
): Promise<Monitor> => {
  const { config, store, clock, log, instruments } = runtime
  const shares = shareConnections(config)
  // Connections of its own, so that it neither waits for the engine's nor takes them.
  const pool = createPool(runtime.databaseUrl, {
    max: shares.monitor,
    applicationName: 'portcullis monitor',
    queryMillis: FACTS_MILLIS,
    onError: (error) => log.debug({ error: errorText(error) }, 'a connection was lost'),
  })
  const queues = createQueueReader(
    jobsServerOf(config, runtime.databaseUrl, shares.queueLooks),
    (error) => log.debug({ error: errorText(error) }, 'the queue could not be looked at'),
  )
  const close = async (): Promise<void> => {
    await queues.close()
    await pool.end()
  }
  try {
    const needed = await readTableVersions(pool)
    const guard = {
      timeoutMillis: LOOK_MILLIS,
      keepMillis: KEEP_MILLIS,
      steadyMillis: () => performance.now(),
    }
    const lagSources = {
      store,
      clock,
      projections: createProjections({ pool, store, clock }),
      reactors: createReactors({ subscriptions: createSubscriptions(pool), store }),
      countsByPosition: config.eventStore === undefined,
    }
    const lags = guarded(() => subscriptionLags(lagSources), guard)
    const facts = guarded(() => readEngineFacts({ pool, clock, log, lags, queues }), {
      ...guard,
      timeoutMillis: FACTS_MILLIS,
      keepMillis: KEEP_FACTS_MILLIS,
    })
    const isBehind = (kind: SubscriptionLag['kind']) => async (): Promise<void> => {
      const late = (await lags()).filter((lag) => lag.kind === kind && isLate(lag, config))
      if (late.length > 0) throw new NotReady(`behind the log: ${late.map(wordsOf).join(', ')}`)
    }
    const runs = createFinishedRuns(pool)
    const sweepAge = createSweepAge(clock, config.sweepSeconds)
    const checks: readonly Check[] = [
      {
        name: 'store',
        look: async () => {
          await store.head()
        },
      },
      {
        name: 'database',
        look: async () => {
          await pool.query('select 1')
        },
      },
      {
        name: 'migrations',
        look: async () => {
          const older = olderThan(needed, await readTableVersions(pool))
          if (older.length > 0)
            throw new NotReady(`older than this release: ${older.join(', ')}; start again`)
        },
      },
      { name: 'projections', look: isBehind('projection') },
      ...(serves.worker
        ? [
            { name: 'reactors', look: isBehind('reactor') } as const,
            { name: 'queue', look: () => lookAtQueue(jobs()) } as const,
          ]
        : []),
      {
        name: 'sweep',
        // An API on its own can be asked and told to end access all the same; without it nobody could.
        aside: !serves.worker,
        look: async () => {
          const { seconds, late } = sweepAge(await runs.lastFinished('sweep'))
          if (late)
            throw new NotReady(
              `no sweep has ended for ${seconds} s: what is due may not happen, and access may outlive its end; is a worker running?`,
            )
        },
      },
    ]
    return {
      readiness: createReadiness(checks, { ...guard, log }),
      instruments,
      facts,
      lags,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const isLate = ({ seconds }: SubscriptionLag, { readyLagSeconds }: Runtime['config']): boolean =>
  readyLagSeconds > 0 && seconds > readyLagSeconds

const wordsOf = ({ name, seconds, events, paused }: SubscriptionLag): string =>
  `${name} by ${Math.round(seconds)} s and ${events} events${paused ? ' (paused)' : ''}`

const lookAtQueue = async (jobs: Pick<Jobs, 'counts'> | undefined): Promise<void> => {
  if (jobs === undefined) throw new NotReady('the worker is starting')
  await jobs.counts(QUEUES.deadlines)
}
