import { type Migration, migrate } from '@portcullis/postgres'
import type pg from 'pg'

/**
 * How far the check of a live log has come, and what it found by group: a subject with all their entitlements and
 * grants, or one other stream.
 * No view and not in the log: lost, the next check begins anew.
 */
const MIGRATIONS: readonly Migration[] = [
  {
    id: '0001-promises',
    sql: `
      create schema portcullis_promises;
      create table portcullis_promises.state (
        one boolean primary key default true check (one),
        position bigint not null,
        events bigint not null,
        engine_at text,
        fired_until text,
        began_at text,
        ended_at text
      );
      create table portcullis_promises.groups (
        key text collate "C" primary key,
        streams text[] not null,
        dirty boolean not null,
        recheck_at text collate "C",
        checked integer[] not null default '{}',
        broken jsonb
      );
      create index groups_dirty on portcullis_promises.groups (key) where dirty;
      create index groups_recheck on portcullis_promises.groups (recheck_at) where recheck_at is not null;
      create index groups_broken on portcullis_promises.groups (key) where broken is not null;`,
  },
]

/** Creates or upgrades the tables of the check of promises, in schema `portcullis_promises`. */
export const migratePromises = (pool: pg.Pool): Promise<void> =>
  migrate(pool, 'promises', MIGRATIONS)
