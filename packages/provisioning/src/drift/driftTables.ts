import { type Migration, migrate } from '@portcullis/postgres'
import type pg from 'pg'

/**
 * What scans of targets saw. Not in the log, and no view of it: a copy of what a target said at a time, with names of
 * people whom we don't know. Lost, the next scan brings it back; what became of anybody's access is in the log
 * (`DriftFound`).
 */
const MIGRATIONS: readonly Migration[] = [
  {
    id: '0001-drift',
    sql: `
      create schema portcullis_drift;
      create table portcullis_drift.scans (
        id uuid primary key,
        seq bigint generated always as identity unique,
        resource_id text not null,
        dry_run boolean not null,
        requested_by text,
        requested_at text not null,
        status text not null check (status in ('waiting', 'running', 'completed', 'failed')),
        starts integer not null default 0,
        started_at text,
        ended_at text collate "C",
        counts jsonb,
        held_back boolean not null default false,
        error jsonb
      );
      create index scans_resource on portcullis_drift.scans (resource_id, seq);
      create index scans_unfinished on portcullis_drift.scans (resource_id) where ended_at is null;
      create table portcullis_drift.findings (
        seq bigint generated always as identity primary key,
        scan_id uuid not null,
        role_id text not null,
        kind text not null check (kind in ('missing', 'unexpected', 'unmatched', 'gone')),
        subject_id text,
        label text not null,
        candidates jsonb not null,
        action text not null check (action in ('grant', 'revoke', 'none'))
      );
      create index findings_scan on portcullis_drift.findings (scan_id, seq);
      -- Who the target named, while a scan is under way; after a crash of the server it starts anew.
      create unlogged table portcullis_drift.seen (
        scan_id uuid not null,
        role_id text not null,
        subject_id text collate "C" not null,
        label text not null,
        primary key (scan_id, role_id, subject_id)
      );`,
  },
  {
    id: '0002-accounts',
    // By which names the target has whom it named: a removal goes by them.
    sql: `
      alter table portcullis_drift.seen add column account jsonb;
      alter table portcullis_drift.findings add column account jsonb;`,
  },
]

/** Creates or upgrades the tables of drift scans, in schema `portcullis_drift`. */
export const migrateDrift = (pool: pg.Pool): Promise<void> => migrate(pool, 'drift', MIGRATIONS)
