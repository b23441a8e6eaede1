import type { Instant } from '@portcullis/core'
import type { Sql } from '@portcullis/postgres'
import type { Kind } from './kinds.ts'

const DIRECTORY = 'portcullis_directory'

/** Inserts what is new and updates what differs; rows that are the same aren't touched. */
const upsert = (table: string, key: readonly string[], rest: readonly string[], from: string) => {
  const set = rest.map((column) => `${column} = excluded.${column}`).join(', ')
  const differ = (of: string) => rest.map((column) => `${of}.${column}`).join(', ')
  return `insert into ${DIRECTORY}.${table} as t (${[...key, ...rest].join(', ')}) ${from}
    on conflict (${key.join(', ')}) do update set ${set}
    where (${differ('t')}) is distinct from (${differ('excluded')})`
}

const PERSON = [
  'user_name',
  'display_name',
  'folded_name',
  'email',
  'enabled',
  'locale',
  'zone',
  'external_directory_id',
  'directory_roles',
  'external_id',
  'employee_number',
  'object_id',
  'given_name',
  'family_name',
]
const RESOURCE = ['kind', 'display_name', 'folded_name', 'description', 'connector', 'external_id']
const ROLE = ['display_name', 'external_id', 'place']

const absentFrom = (stage: string, key: string) =>
  `not exists (select 1 from stage_${stage} s where s.${key} = t.${key})`

const deleteAbsent = (table: string, first: string, second: string) =>
  `delete from ${DIRECTORY}.${table} t where not exists (
     select 1 from stage_${table} s where s.${first} = t.${first} and s.${second} = t.${second})`

const replacePairs = (table: string, first: string, second: string) => [
  deleteAbsent(table, first, second),
  `insert into ${DIRECTORY}.${table} (${first}, ${second})
     select distinct ${first}, ${second} from stage_${table} on conflict do nothing`,
]

const OWNERS = replacePairs('resource_owners', 'resource_id', 'person_id')

/**
 * What each kind of file does to the directory. Nobody and nothing is deleted but links; what is missing gives nobody
 * anything any more: people missing from `people` are disabled, external directories missing from theirs aren't allowed
 * any longer.
 */
const STATEMENTS: { readonly [K in Kind]: readonly string[] } = {
  people: [
    upsert(
      'people',
      ['id'],
      PERSON,
      `select id, user_name, display_name, folded_name, email, enabled, locale, zone, external_directory_id,
              string_to_array(directory_roles, ' '), external_id, employee_number, object_id, given_name, family_name
         from stage_people`,
    ),
    `update ${DIRECTORY}.people t set enabled = false where enabled and ${absentFrom('people', 'id')}`,
    // Since when somebody is disabled: what leavers keep ends a while after it.
    `update ${DIRECTORY}.people set disabled_at = case when enabled then null else $1 end
      where enabled = (disabled_at is not null)`,
  ],
  groups: [
    upsert(
      'groups',
      ['id'],
      ['display_name', 'folded_name'],
      'select id, display_name, folded_name from stage_groups',
    ),
  ],
  memberships: [
    deleteAbsent('memberships', 'group_id', 'person_id'),
    // Of two lines about the same the one that lasts longer counts, no end being the longest.
    upsert(
      'memberships',
      ['group_id', 'person_id'],
      ['until'],
      `select group_id, person_id, case when bool_and(until is not null) then max(until) end
         from stage_memberships group by group_id, person_id`,
    ),
  ],
  resources: [
    upsert('resources', ['id'], RESOURCE, `select id, ${RESOURCE.join(', ')} from stage_resources`),
  ],
  'resource-roles': [],
  'resource-owners': [],
  'external-directories': [
    upsert(
      'external_directories',
      ['id'],
      ['display_name', 'folded_name', 'initial_domain', 'allowed'],
      'select id, display_name, folded_name, initial_domain, allowed from stage_external_directories',
    ),
    `update ${DIRECTORY}.external_directories t set allowed = false
      where allowed and ${absentFrom('external_directories', 'id')}`,
    `delete from ${DIRECTORY}.external_domains t
      where exists (select 1 from stage_external_directories s where s.id = t.directory_id)
        and ${absentFrom('external_domains', 'ascii')}`,
    upsert(
      'external_domains',
      ['ascii'],
      ['domain', 'directory_id', 'place'],
      `select distinct on (ascii) ascii, domain, directory_id, place
         from stage_external_domains order by ascii, place`,
    ),
  ],
  collaboration: [
    upsert(
      'collaboration',
      ['only_row'],
      ['restriction'],
      'select true, restriction from stage_collaboration limit 1',
    ),
    `delete from ${DIRECTORY}.collaboration_domains t where ${absentFrom('collaboration_domains', 'ascii')}`,
    upsert(
      'collaboration_domains',
      ['ascii'],
      ['domain'],
      'select distinct on (ascii) ascii, domain from stage_collaboration_domains order by ascii, domain',
    ),
  ],
}

const ROLES = upsert(
  'resource_roles',
  ['resource_id', 'id'],
  ROLE,
  `select resource_id, id, ${ROLE.join(', ')} from stage_resource_roles`,
)

/** Writes the checked stages into the directory. @param now since when those are disabled who go by it */
export const mergeStages = async (
  sql: Sql,
  kinds: ReadonlySet<Kind>,
  now: Instant,
): Promise<void> => {
  for (const kind of kinds) {
    for (const statement of STATEMENTS[kind])
      await sql.query(statement, statement.includes('$1') ? [now] : [])
  }
  const nested = kinds.has('resources')
  if (nested || kinds.has('resource-roles')) await sql.query(ROLES)
  if (nested || kinds.has('resource-owners')) {
    for (const statement of OWNERS) await sql.query(statement)
  }
}
