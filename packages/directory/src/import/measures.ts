import type { Kind } from './kinds.ts'

const DIRECTORY = 'portcullis_directory'

/** What an import can take away: part of the command line's and the log's contract. */
export type RemovalKind =
  | 'people'
  | 'directoryRoles'
  | 'userNames'
  | 'addresses'
  | 'externalIds'
  | 'employeeNumbers'
  | 'objectIds'
  | 'homes'
  | 'memberships'
  | 'groups'
  | 'largeGroups'
  | 'resourceOwners'
  | 'externalDirectories'
  | 'domains'
  | 'resourceTargets'
  | 'roleTargets'

export interface Measure {
  readonly kind: RemovalKind
  /** Follows a number: `12 of 40 people would be disabled`. */
  readonly what: string
  /** The same once it has happened. */
  readonly done: string
  /** The files that can take some of it away. */
  readonly files: readonly Kind[]
  /**
   * Selects `key` and `name` of all that there is. What is there before and not after, goes. `$members` stands for the
   * memberships that count.
   */
  readonly sql: string
}

/**
 * A group that would be left without anybody is told of whatever the others come to, once it was as large as the
 * smallest number that counts as many.
 */
export const LARGE = '$large'

export const standing = (having: string) => `
  select g.id as key, g.display_name as name from ${DIRECTORY}.groups g
    join $members m on m.group_id = g.id
    join ${DIRECTORY}.people p on p.id = m.person_id and p.enabled
   group by g.id, g.display_name ${having}`

/**
 * Everything whose loss takes something from people, told by what is there before an import and what is there after.
 */
export const MEASURES: readonly Measure[] = [
  {
    kind: 'people',
    what: 'people would be disabled',
    done: 'people were disabled',
    files: ['people'],
    sql: `select id as key, display_name as name from ${DIRECTORY}.people where enabled`,
  },
  {
    kind: 'directoryRoles',
    what: 'roles of the directory would be taken from people',
    done: 'roles of the directory were taken from people',
    files: ['people'],
    sql: `select id || ' ' || role as key, display_name || ' (' || role || ')' as name
            from ${DIRECTORY}.people, unnest(directory_roles) as role`,
  },
  {
    kind: 'userNames',
    what: 'user names would change',
    done: 'user names changed',
    files: ['people'],
    sql: `select id || ' ' || lower(user_name) as key, display_name as name from ${DIRECTORY}.people`,
  },
  {
    kind: 'addresses',
    what: 'e-mail addresses would change',
    done: 'e-mail addresses changed',
    files: ['people'],
    sql: `select id || ' ' || lower(email) as key, display_name as name from ${DIRECTORY}.people`,
  },
  {
    kind: 'externalIds',
    what: 'external ids of people would change, or be none',
    done: 'external ids of people changed, or were taken away',
    files: ['people'],
    sql: `select id || ' ' || external_id as key, display_name as name
            from ${DIRECTORY}.people where external_id is not null`,
  },
  {
    kind: 'employeeNumbers',
    what: 'employee numbers would change, or be none',
    done: 'employee numbers changed, or were taken away',
    files: ['people'],
    sql: `select id || ' ' || employee_number as key, display_name as name
            from ${DIRECTORY}.people where employee_number is not null`,
  },
  {
    kind: 'objectIds',
    what: 'object ids of people would change, or be none',
    done: 'object ids of people changed, or were taken away',
    files: ['people'],
    sql: `select id || ' ' || object_id as key, display_name as name
            from ${DIRECTORY}.people where object_id is not null`,
  },
  {
    kind: 'homes',
    what: 'people would belong to another external directory, or no longer to one',
    done: 'people belong to another external directory, or no longer to one',
    files: ['people'],
    sql: `select id || ' ' || coalesce(external_directory_id, '') as key, display_name as name
            from ${DIRECTORY}.people`,
  },
  {
    kind: 'memberships',
    what: 'memberships of groups would end',
    done: 'memberships of groups ended',
    files: ['memberships'],
    sql: `select m.group_id || ' ' || m.person_id as key, g.display_name || ': ' || p.display_name as name
            from $members m join ${DIRECTORY}.groups g on g.id = m.group_id
            join ${DIRECTORY}.people p on p.id = m.person_id`,
  },
  {
    kind: 'groups',
    what: 'groups would be left without anybody enabled',
    done: 'groups were left without anybody enabled',
    files: ['people', 'memberships'],
    sql: standing(''),
  },
  {
    kind: 'resourceOwners',
    what: 'owners would be taken from resources',
    done: 'owners were taken from resources',
    files: ['resources', 'resource-owners'],
    sql: `select o.resource_id || ' ' || o.person_id as key, r.display_name || ': ' || p.display_name as name
            from ${DIRECTORY}.resource_owners o join ${DIRECTORY}.resources r on r.id = o.resource_id
            join ${DIRECTORY}.people p on p.id = o.person_id`,
  },
  {
    kind: 'externalDirectories',
    what: 'external directories would be refused',
    done: 'external directories were refused',
    files: ['external-directories', 'collaboration'],
    sql: `select e.id as key, e.display_name as name from ${DIRECTORY}.external_directories e
           where e.allowed and case coalesce((select restriction from ${DIRECTORY}.collaboration), 'none')
             when 'none' then true
             else exists (select 1 from ${DIRECTORY}.external_domains d
                            join ${DIRECTORY}.collaboration_domains l on l.ascii = d.ascii
                           where d.directory_id = e.id)
                  = ((select restriction from ${DIRECTORY}.collaboration) = 'allowOnly') end`,
  },
  {
    kind: 'domains',
    what: 'domains would be taken from external directories',
    done: 'domains were taken from external directories',
    files: ['external-directories'],
    sql: `select directory_id || ' ' || ascii as key, domain as name from ${DIRECTORY}.external_domains`,
  },
  {
    kind: 'resourceTargets',
    what: 'resources would be looked for elsewhere (another connector or external id)',
    done: 'resources were looked for elsewhere (another connector or external id)',
    files: ['resources'],
    sql: `select id || ' ' || connector || ' ' || external_id as key, display_name as name
            from ${DIRECTORY}.resources`,
  },
  {
    kind: 'roleTargets',
    what: 'resource roles would be looked for elsewhere (another external id)',
    done: 'resource roles were looked for elsewhere (another external id)',
    files: ['resources', 'resource-roles'],
    sql: `select resource_id || ' ' || id || ' ' || external_id as key, resource_id || ': ' || display_name as name
            from ${DIRECTORY}.resource_roles`,
  },
  {
    kind: 'largeGroups',
    what: 'groups with many people in them would be left without anybody',
    done: 'groups with many people in them were left without anybody',
    files: ['people', 'memberships'],
    sql: standing(`having count(*) > ${LARGE}`),
  },
]
