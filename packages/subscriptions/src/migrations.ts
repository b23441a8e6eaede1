import { type Migration, migrate } from '@portcullis/postgres'
import type pg from 'pg'

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
  {
    id: '0002-log-of-the-checkpoints',
    sql: `
create table portcullis.log_of_checkpoints (
  single boolean primary key default true check (single),
  log text not null
);
insert into portcullis.log_of_checkpoints (log)
  select 'postgresql' where exists (select from portcullis.subscription_checkpoints);`,
  },
  {
    id: '0003-leases',
    sql: `
create table portcullis.subscription_runners (
  id uuid primary key,
  label text not null,
  offers jsonb not null,
  proven boolean not null,
  expires_at timestamptz not null
);
create table portcullis.subscription_leases (
  name text collate "C" primary key,
  runner uuid,
  epoch bigint not null default 0,
  since timestamptz
);
alter table portcullis.subscription_checkpoints add column epoch bigint not null default 0;`,
  },
  {
    id: '0004-skipped-events',
    sql: `
create table portcullis.skipped_events (
  number bigint generated always as identity primary key,
  subscription text collate "C" not null,
  position bigint not null,
  event_id uuid not null,
  type text not null,
  stream text not null,
  error text not null,
  skipped_by text not null,
  reason text not null,
  at text not null
);
create function portcullis.refuse_change() returns trigger language plpgsql as $body$
begin
  raise exception 'what was skipped stays recorded (% of portcullis.skipped_events)', tg_op
    using errcode = 'restrict_violation';
end
$body$;
create trigger skips_are_kept before update or delete or truncate on portcullis.skipped_events
  for each statement execute function portcullis.refuse_change();`,
  },
]

/** Makes the tables of checkpoints and leases, when they aren't there. Before the first `runSubscription`. */
export const migrateSubscriptions = (pool: pg.Pool): Promise<void> =>
  migrate(pool, 'subscriptions', migrations)
