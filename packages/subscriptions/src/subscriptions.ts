import type { Clock, EventStore, Position } from '@portcullis/core'
import type pg from 'pg'
import { createCheckpoint } from './checkpoints.ts'
import { runLeased } from './leases/index.ts'
import { runSubscription, type SubscriptionOptions } from './runSubscription.ts'
import { type SubscriptionStatus, subscriptionStatus } from './status.ts'

/** Subscriptions whose checkpoints and leases lie in one database, which who runs them needn't know. */
export interface Subscriptions {
  /** @see runSubscription */
  run(options: Omit<SubscriptionOptions, 'pool'>): Promise<void>
  /** @see runLeased */
  runLeased(options: Omit<Parameters<typeof runLeased>[0], 'pool'>): Promise<void>
  /** @see createCheckpoint */
  createCheckpoint(name: string, start: () => Promise<Position>, clock: Clock): Promise<void>
  /** @see subscriptionStatus */
  status(
    store: Pick<EventStore, 'head'>,
    names: readonly string[],
  ): Promise<readonly SubscriptionStatus[]>
}

export const createSubscriptions = (pool: pg.Pool): Subscriptions => ({
  run: (options) => runSubscription({ ...options, pool }),
  runLeased: (options) => runLeased({ ...options, pool }),
  createCheckpoint: async (name, start, clock) => {
    await createCheckpoint(pool, name, start, clock)
  },
  status: (store, names) => subscriptionStatus({ pool, store }, names),
})
