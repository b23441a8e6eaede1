import type { Clock } from '@portcullis/core'
import { errorText, type Log, type MetricFacts, metricFacts, QUEUES } from '@portcullis/engine'
import { createFinishedRuns, type QueueReader, type QueueState } from '@portcullis/jobs'
import { countUnsent, type UnsentMails } from '@portcullis/notifications'
import { createPromiseRecords, createViews } from '@portcullis/views'
import type pg from 'pg'
import type { SubscriptionLag } from './lags.ts'

/**
 * What all processes share, as one of them sees it. A part that can't be had is undefined; the others are told all the
 * same.
 */
export interface EngineFacts {
  readonly at: string
  readonly views: MetricFacts | undefined
  readonly subscriptions: readonly SubscriptionLag[] | undefined
  /** By queue. */
  readonly queues: ReadonlyMap<string, QueueState> | undefined
  readonly mails: UnsentMails | undefined
  /** When the last sweep ended; undefined also when none ever has. */
  readonly sweptAt: string | undefined
  /** When the last check of the promises ended; undefined also when none ever has. */
  readonly promisesCheckedAt: string | undefined
}

export interface EngineFactSources {
  readonly pool: pg.Pool
  readonly clock: Clock
  readonly log: Log
  readonly lags: () => Promise<readonly SubscriptionLag[]>
  readonly queues: Pick<QueueReader, 'read'>
}

/** Never throws. */
export const readEngineFacts = async (sources: EngineFactSources): Promise<EngineFacts> => {
  const { pool, clock, log, lags, queues } = sources
  const unlessFails = async <Part>(
    part: string,
    look: () => Promise<Part>,
  ): Promise<Part | undefined> => {
    try {
      return await look()
    } catch (error) {
      log.warn({ part, error: errorText(error) }, 'metrics could not be looked up')
      return undefined
    }
  }
  const [views, subscriptions, states, mails, sweptAt, promises] = await Promise.all([
    unlessFails('views', () => metricFacts({ clock, views: createViews(pool) })),
    unlessFails('subscriptions', lags),
    unlessFails('queues', () => readQueues(queues)),
    unlessFails('mails', () => countUnsent(pool)),
    unlessFails('sweep', () => createFinishedRuns(pool).lastFinished('sweep')),
    unlessFails('promises', () => createPromiseRecords(pool).state()),
  ])
  return {
    at: clock.now(),
    views,
    subscriptions,
    queues: states,
    mails,
    sweptAt,
    promisesCheckedAt: promises?.endedAt ?? undefined,
  }
}

const readQueues = async (
  queues: Pick<QueueReader, 'read'>,
): Promise<ReadonlyMap<string, QueueState>> =>
  new Map(
    await Promise.all(
      Object.values(QUEUES).map(async (name) => [name, await queues.read(name)] as const),
    ),
  )
