import { type Migration, migrate } from '@portcullis/postgres'
import type pg from 'pg'

/**
 * No foreign keys: the tables are written by the import only, which checks references over whole files at once and
 * names the line of each bad one.
 * Nothing is ever deleted from people, groups, resources, roles and external directories: access that is to be revoked
 * must still find its way.
 */
const MIGRATIONS: readonly Migration[] = [
  {
    id: '0001-directory',
    sql: `
      create schema if not exists portcullis_directory;
      create table portcullis_directory.people (
        id text primary key,
        user_name text not null,
        display_name text not null,
        email text not null,
        enabled boolean not null,
        locale text not null,
        zone text,
        external_directory_id text,
        directory_roles text[] not null
      );
      create table portcullis_directory.groups (id text primary key, display_name text not null);
      create table portcullis_directory.memberships (
        group_id text not null,
        person_id text not null,
        primary key (group_id, person_id)
      );
      create index memberships_person on portcullis_directory.memberships (person_id, group_id);
      create table portcullis_directory.resources (
        id text primary key,
        kind text not null,
        display_name text not null,
        description text not null,
        connector text not null,
        external_id text not null
      );
      create table portcullis_directory.resource_roles (
        resource_id text not null,
        id text not null,
        display_name text not null,
        external_id text not null,
        place int not null,
        primary key (resource_id, id)
      );
      create table portcullis_directory.resource_owners (
        resource_id text not null,
        person_id text not null,
        primary key (resource_id, person_id)
      );
      create table portcullis_directory.external_directories (
        id text primary key,
        display_name text not null,
        initial_domain text not null,
        allowed boolean not null
      );
      create table portcullis_directory.external_domains (
        -- As looked up: lower case, punycode.
        ascii text primary key,
        domain text not null,
        directory_id text not null,
        place int not null
      );
      create index external_domains_directory on portcullis_directory.external_domains (directory_id, place);
    `,
  },
  {
    id: '0002-lists-collaboration-and-ends-of-memberships',
    // The import writes folded names (foldedName.ts); until the next one, lower case has to do.
    sql: `
      alter table portcullis_directory.memberships add column until text collate "C";
      create table portcullis_directory.collaboration (
        only_row boolean primary key default true check (only_row),
        restriction text not null
      );
      create table portcullis_directory.collaboration_domains (
        ascii text primary key,
        domain text not null
      );
      ${['people', 'groups', 'resources', 'external_directories']
        .map(
          (table) => `
      alter table portcullis_directory.${table} add column folded_name text collate "C" not null default '';
      update portcullis_directory.${table} set folded_name = left(lower(display_name), 150);
      create index ${table}_by_name on portcullis_directory.${table} (folded_name, id collate "C");`,
        )
        .join('')}
    `,
  },
  {
    id: '0003-people-without-a-language',
    sql: 'alter table portcullis_directory.people alter column locale drop not null',
  },
  {
    id: '0004-people-by-user-name-and-address',
    // Whatever their case: how target systems name people.
    sql: `
      create index people_by_user_name on portcullis_directory.people (lower(user_name));
      create index people_by_email on portcullis_directory.people (lower(email));`,
  },
  {
    id: '0005-disabled-since-and-imports',
    // Of those who are disabled by now nobody knows since when. What an import did waits here until it is in the log.
    sql: `
      alter table portcullis_directory.people add column disabled_at text collate "C";
      create table portcullis_directory.imports (
        id uuid primary key,
        at text collate "C" not null,
        actor jsonb not null,
        facts jsonb not null,
        logged boolean not null default false
      );
      create index imports_to_log on portcullis_directory.imports (at) where not logged;`,
  },
  {
    id: '0006-whose-an-account-is',
    // What tells a person's account in a target from that of somebody else with the same names, and what new accounts
    // are made with.
    sql: `
      alter table portcullis_directory.people
        add column external_id text,
        add column employee_number text,
        add column given_name text,
        add column family_name text;
      create index people_by_external_id on portcullis_directory.people (external_id) where external_id is not null;
      create index people_by_employee_number on portcullis_directory.people (employee_number) where employee_number is not null;`,
  },
  {
    id: '0007-removals-of-late',
    // What went by imports of late, as digests: many that take a little count as one that takes much.
    sql: `
      create table portcullis_directory.removals (
        kind text not null,
        key bytea not null,
        at text collate "C" not null,
        primary key (kind, key)
      );`,
  },
  {
    id: '0008-object-ids',
    // What an identity provider knows somebody by.
    sql: `
      alter table portcullis_directory.people add column object_id text collate "C";
      create index people_by_object_id on portcullis_directory.people (object_id) where object_id is not null;`,
  },
]

/** Creates or upgrades the directory's tables, in schema `portcullis_directory`. */
export const migrateDirectory = (pool: pg.Pool): Promise<void> =>
  migrate(pool, 'directory', MIGRATIONS)
