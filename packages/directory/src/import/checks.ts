import type { Sql } from '@portcullis/postgres'
import type { Kind } from './kinds.ts'
import { LISTED_PROBLEMS, type Problems } from './problems.ts'

interface Check {
  /** Selects file, line and message of each mistake, from the stages. */
  readonly sql: string
}

/** Two lines with the same key; the first of them is right. Lines without one are no two with the same. */
const unique = (stage: string, key: string, what: string, shown = key): Check => ({
  sql: `select file, line, '${what}: ' || ${shown} || ' is already on line ' || first as message
          from (select *, min(line) over same as first, row_number() over (same order by line) as nth
                  from stage_${stage}
                 where coalesce(${shown}, '') <> ''
                window same as (partition by ${key})) d
         where nth > 1`,
})

/** A reference to something that is neither in these files nor, when its kind isn't among them, in the directory. */
const known = (
  stage: string,
  column: string,
  target: 'people' | 'groups' | 'resources' | 'external_directories',
  field: string,
  imported: boolean,
): Check => {
  const table = imported ? `stage_${target}` : `portcullis_directory.${target}`
  const where = imported ? 'in this import' : 'in the directory'
  return {
    sql: `select file, line, '${field}: ' || ${column} || ' is not among the ${NAMES[target]} ${where}' as message
            from stage_${stage} s
           where ${column} is not null
             and not exists (select 1 from ${table} t where t.id = s.${column})`,
  }
}

const NAMES = {
  people: 'people',
  groups: 'groups',
  resources: 'resources',
  external_directories: 'external directories',
}

const checksFor = (kinds: ReadonlySet<Kind>): readonly Check[] => {
  const people = kinds.has('people')
  const resources = kinds.has('resources')
  return [
    unique('external_directories', 'id', 'id'),
    unique('people', 'id', 'id'),
    unique('people', 'lower(user_name)', 'userName', 'user_name'),
    unique('people', 'object_id', 'objectId'),
    unique('groups', 'id', 'id'),
    unique('resources', 'id', 'id'),
    unique('resource_roles', 'resource_id, id', 'role', `resource_id || '.' || id`),
    {
      sql: `select file, line, 'domains: ' || domain || ' is already with ' || owner as message
              from (select *, first_value(directory_id) over (partition by ascii order by line) as owner
                      from stage_external_domains) d
             where directory_id <> owner`,
    },
    known(
      'people',
      'external_directory_id',
      'external_directories',
      'externalDirectoryId',
      kinds.has('external-directories'),
    ),
    known('memberships', 'group_id', 'groups', 'groupId', kinds.has('groups')),
    known('memberships', 'person_id', 'people', 'personId', people),
    known('resource_roles', 'resource_id', 'resources', 'resourceId', resources),
    known('resource_owners', 'resource_id', 'resources', 'resourceId', resources),
    known('resource_owners', 'person_id', 'people', 'ownerIds', people),
  ]
}

/** What only shows when all files are read: ids that are there twice, references to nothing. */
export const checkStages = async (
  sql: Sql,
  kinds: ReadonlySet<Kind>,
  problems: Problems,
): Promise<void> => {
  for (const check of checksFor(kinds)) {
    const { rows } = await sql.query<{
      file: string
      line: number
      message: string
      total: number
    }>(
      `select *, count(*) over ()::int as total from (${check.sql}) problems
        order by file, line limit ${LISTED_PROBLEMS}`,
    )
    const rest = (rows[0]?.total ?? 0) - rows.length
    for (const { file, line, message } of rows) problems.add({ file, line, message })
    const last = rows.at(-1)
    // Beyond what is listed anyway: only the number counts.
    if (rest > 0 && last !== undefined) problems.add(last, rest)
  }
}
