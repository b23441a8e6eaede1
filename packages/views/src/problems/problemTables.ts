import { type Migration, migrate } from '@portcullis/postgres'
import type pg from 'pg'

/**
 * Where findings begin in the list's order: behind every position that a log can have, so that no grant and no finding
 * share a place.
 */
const FIRST_SEQ = '5000000000000000000'

/**
 * What checks have found beside what the grants themselves show. No view of the log, and not in it: each check says
 * anew what there is, so that what is lost comes back with its next run, only with a later `since` where nothing but
 * the check knew it.
 */
const MIGRATIONS: readonly Migration[] = [
  {
    id: '0001-findings',
    sql: `
      create schema portcullis_problems;
      create table portcullis_problems.findings (
        kind text not null,
        key text not null,
        seq bigint generated always as identity (start with ${FIRST_SEQ}) unique,
        since text collate "C" not null,
        package_id text,
        subject_id text,
        resource_id text,
        role_id text,
        assignment_ids jsonb not null,
        request_ids jsonb not null,
        code text not null,
        message text not null,
        primary key (kind, key)
      );`,
  },
]

/**
 * Creates or upgrades the table of findings, in schema `portcullis_problems`; before anybody asks for open problems.
 */
export const migrateProblems = (pool: pg.Pool): Promise<void> =>
  migrate(pool, 'problems', MIGRATIONS)
