import type pg from 'pg'
import { type Migration, migrate } from '../migrate.ts'

const migrations: readonly Migration[] = [
  {
    id: '0001-subscription-checkpoints',
    sql: `
create schema if not exists portcullis;
create table portcullis.subscription_checkpoints (
  name text collate "C" primary key,
  position bigint not null,
  state text not null check (state in ('running', 'paused')),
  error text,
  error_position bigint,
  updated_at text not null
);`,
  },
]

/** Makes the table of checkpoints, when it isn't there. Before the first `runSubscription`. */
export const migrateSubscriptions = (pool: pg.Pool): Promise<void> =>
  migrate(pool, 'subscriptions', migrations)
