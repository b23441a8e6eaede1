import type { Instant } from '@portcullis/core'
import type { Sql } from '@portcullis/postgres'
import type { Kind } from './kinds.ts'

const DIRECTORY = 'portcullis_directory'
/** How many are named of those that go. */
const NAMED = 5

/** What an import can take away: part of the command line's and the log's contract. */
export type RemovalKind =
  | 'people'
  | 'directoryRoles'
  | 'userNames'
  | 'addresses'
  | 'memberships'
  | 'groups'
  | 'largeGroups'
  | 'resourceOwners'
  | 'externalDirectories'
  | 'domains'
  | 'resourceTargets'
  | 'roleTargets'

interface Measure {
  readonly kind: RemovalKind
  /** Follows a number: `12 of 40 people would be disabled`. */
  readonly what: string
  /** The same once it has happened. */
  readonly done: string
  /** The files that can take some of it away. */
  readonly files: readonly Kind[]
  /** Selects `key` and `name` of all that there is. What is there before and not after, goes. `$now` is the time of the import. */
  readonly sql: string
}

/** A group that would be left without anybody is told of whatever the others come to, once it was as large as the smallest number that counts as many. */
const LARGE = '$large'

const standing = (having: string) => `
  select g.id as key, g.display_name as name from ${DIRECTORY}.groups g
    join ${DIRECTORY}.memberships m on m.group_id = g.id and (m.until is null or m.until > $now)
    join ${DIRECTORY}.people p on p.id = m.person_id and p.enabled
   group by g.id, g.display_name ${having}`

/** Everything whose loss takes something from people, told by what is there before an import and what is there after. */
const MEASURES: readonly Measure[] = [
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
    kind: 'memberships',
    what: 'memberships of groups would end',
    done: 'memberships of groups ended',
    files: ['memberships'],
    sql: `select m.group_id || ' ' || m.person_id as key, g.display_name || ': ' || p.display_name as name
            from ${DIRECTORY}.memberships m join ${DIRECTORY}.groups g on g.id = m.group_id
            join ${DIRECTORY}.people p on p.id = m.person_id
           where m.until is null or m.until > $now`,
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

/** What goes of one kind. */
export interface Removal {
  readonly kind: RemovalKind
  readonly what: string
  readonly done: string
  readonly count: number
  /** How many there were. */
  readonly of: number
  /** Of the first, in order. For whoever imports; never for the log. */
  readonly names: readonly string[]
  /** The files that it comes from. */
  readonly files: readonly Kind[]
}

export interface Stock {
  /** What has gone since, by kind; kinds of which nothing has gone are left out. */
  compare(): Promise<readonly Removal[]>
  /** How many enabled User administrators there were, and are now. */
  administrators(): Promise<{ readonly before: number; readonly after: number }>
}

/**
 * Notes what is there before an import writes, within its transaction.
 * @param now which memberships count
 * @param large from how many people on a group counts as large
 */
export const takeStock = async (
  sql: Sql,
  kinds: ReadonlySet<Kind>,
  now: Instant,
  large: number,
): Promise<Stock> => {
  const measures = MEASURES.filter(({ files }) => files.some((kind) => kinds.has(kind)))
  const textOf = ({ sql: text }: Measure): string =>
    text.replaceAll('$now', `'${new Date(now).toISOString()}'`).replace(LARGE, String(large))
  for (const measure of measures) {
    await sql.query(`create temp table before_${measure.kind} on commit drop as ${textOf(measure)}`)
    await sql.query(`analyze before_${measure.kind}`)
  }
  const countAdministrators = async (): Promise<number> => {
    const { rows } = await sql.query<{ count: number }>(
      `select count(*)::int as count from ${DIRECTORY}.people
        where enabled and 'UserAdministrator' = any(directory_roles)`,
    )
    return rows[0]?.count ?? 0
  }
  const before = await countAdministrators()
  // A large group that has become a small one isn't empty.
  const after = (measure: Measure): string =>
    measure.kind === 'largeGroups' ? textOf({ ...measure, sql: standing('') }) : textOf(measure)
  return {
    compare: async () => {
      const removals: Removal[] = []
      for (const measure of measures) {
        const { kind, what, done, files } = measure
        const { rows } = await sql.query<Pick<Removal, 'count' | 'of' | 'names'>>(
          `select count(*) filter (where gone)::int as count, count(*)::int as of,
                  coalesce((array_agg(name order by name, key) filter (where gone))[1:${NAMED}], '{}') as names
             from (select b.key, b.name, a.key is null as gone from before_${kind} b
                     left join (${after(measure)}) a on a.key = b.key) compared`,
        )
        const [row] = rows
        if (row !== undefined && row.count > 0) removals.push({ kind, what, done, files, ...row })
      }
      return removals
    },
    administrators: async () => ({ before, after: await countAdministrators() }),
  }
}
