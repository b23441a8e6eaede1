import { QUEUES } from '@portcullis/engine'
import { type OpenQueues, openQueues } from '@portcullis/jobs'
import { shareConnections } from './connectionShares.ts'
import { jobsServerOf } from './redis.ts'
import type { Runtime } from './runtime.ts'

/** The engine's queues, to look at where PORTCULLIS_QUEUE_BOARD says so; else undefined. */
export const openQueueBoard = async ({
  config,
  databaseUrl,
  log,
}: Pick<Runtime, 'config' | 'databaseUrl' | 'log'>): Promise<OpenQueues | undefined> =>
  config.queueBoard
    ? openQueues(
        jobsServerOf(config, databaseUrl, shareConnections(config).queueLooks),
        Object.values(QUEUES),
        log,
      )
    : undefined
