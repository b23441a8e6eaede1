import { type Migration, migrate } from '@portcullis/postgres'
import type pg from 'pg'

const MIGRATIONS: readonly Migration[] = [
  {
    id: '0001-sessions',
    // Of a session's secret only the hash is kept: who can read the table can't use what they see.
    sql: `
      create schema if not exists portcullis_sign_in;
      create table portcullis_sign_in.sessions (
        secret_hash text collate "C" primary key,
        id uuid not null unique,
        person_id text not null,
        issuer text not null,
        subject text not null,
        sid text,
        started_at text collate "C" not null,
        seen_at text collate "C" not null,
        idle_until text collate "C" not null,
        ends_at text collate "C" not null,
        auth_time text collate "C",
        acr text,
        amr text[] not null,
        user_agent text not null,
        id_token text
      );
      create index sessions_of_person on portcullis_sign_in.sessions (person_id, started_at);
      create index sessions_of_subject on portcullis_sign_in.sessions (issuer, subject);
      create index sessions_of_sid on portcullis_sign_in.sessions (issuer, sid) where sid is not null;
      create index sessions_by_idle_end on portcullis_sign_in.sessions (idle_until);`,
  },
  {
    id: '0002-identities',
    // Which account at an issuer is whose, and what must not come twice (by its hash).
    sql: `
      create table portcullis_sign_in.identities (
        id uuid primary key,
        issuer text not null,
        subject text not null,
        person_id text not null,
        linked_at text collate "C" not null,
        linked_by text not null,
        -- The person, where the account was found by a name: of those a person has one.
        first_of text,
        unique (issuer, subject),
        unique (issuer, first_of)
      );
      create index identities_of_person on portcullis_sign_in.identities (person_id);
      create table portcullis_sign_in.used (
        kind text not null,
        key text collate "C" not null,
        until text collate "C" not null,
        primary key (kind, key)
      );
      create index used_by_end on portcullis_sign_in.used (until);`,
  },
]

/** Creates or upgrades the tables of sign-in, in schema `portcullis_sign_in`. */
export const migrateSignIn = (pool: pg.Pool): Promise<void> => migrate(pool, 'sign-in', MIGRATIONS)
