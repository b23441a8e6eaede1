import { askTogether } from '@portcullis/postgres'
import type pg from 'pg'
import type { Directory, ExternalDirectory, Group, Person, Resource } from './directory.ts'
import { asciiDomain } from './domainName.ts'

const PERSON = `p.id, p.user_name as "userName", p.display_name as "displayName", p.email, p.enabled,
  p.locale, p.zone, p.external_directory_id as "externalDirectoryId", p.directory_roles as "directoryRoles"`

const RESOURCE = `r.id, r.kind, r.display_name as "displayName", r.description, r.connector,
  r.external_id as "externalId",
  coalesce((select json_agg(json_build_object('id', o.id, 'displayName', o.display_name, 'externalId', o.external_id)
      order by o.place, o.id)
    from portcullis_directory.resource_roles o where o.resource_id = r.id), '[]') as roles,
  array(select w.person_id from portcullis_directory.resource_owners w
    where w.resource_id = r.id order by w.person_id) as "ownerIds"`

const EXTERNAL = `e.id, e.display_name as "displayName", e.initial_domain as "initialDomain", e.allowed,
  array(select d.domain from portcullis_directory.external_domains d
    where d.directory_id = e.id order by d.place, d.domain) as domains`

const byId = <Row extends { readonly id: string }>(
  rows: readonly Row[],
): ReadonlyMap<string, Row> => new Map(rows.map((row) => [row.id, row]))

interface MembershipAsk {
  readonly personId: string
  readonly groupIds: readonly string[]
}

const entryOf = (person: Person | undefined): readonly (readonly [string, Person])[] =>
  person === undefined ? [] : [[person.id, person]]

const union = (lists: readonly (readonly string[])[]): string[] => [...new Set(lists.flat())]

/** Look-ups in the imported directory; see {@link Directory}. The tables are made by `migrateDirectory`. Those that every command needs go together when callers are many. */
export const createDirectory = (pool: pg.Pool): Directory => {
  const rows = async <Row extends pg.QueryResultRow>(
    sql: string,
    values: readonly unknown[],
  ): Promise<readonly Row[]> => (await pool.query<Row>(sql, [...values])).rows

  const people = askTogether(async (asks: readonly (readonly string[])[]) => {
    const found = byId(
      await rows<Person>(
        `select ${PERSON} from portcullis_directory.people p where p.id = any($1)`,
        [union(asks)],
      ),
    )
    return asks.map((ids) => new Map(ids.flatMap((id) => entryOf(found.get(id)))))
  })
  const groupsOf = askTogether(async (personIds: readonly string[]) => {
    const found = await rows<{ person: string; group: string }>(
      `select person_id as person, group_id as group from portcullis_directory.memberships
        where person_id = any($1) order by group_id`,
      [union([personIds])],
    )
    const byPerson = Map.groupBy(found, ({ person }) => person)
    return personIds.map((id) => (byPerson.get(id) ?? []).map(({ group }) => group))
  })
  const memberOfAny = askTogether(async (asks: readonly MembershipAsk[]) => {
    const found = await rows<{ person: string; group: string }>(
      `select person_id as person, group_id as group from portcullis_directory.memberships
        where person_id = any($1) and group_id = any($2) order by group_id`,
      [union(asks.map(({ personId }) => [personId])), union(asks.map(({ groupIds }) => groupIds))],
    )
    const byPerson = Map.groupBy(found, ({ person }) => person)
    return asks.map(({ personId, groupIds }) =>
      (byPerson.get(personId) ?? [])
        .map(({ group }) => group)
        .filter((group) => groupIds.includes(group)),
    )
  })
  return {
    person: async (id) => (await people([id])).get(id),
    people,
    groupsOf,
    membersOf: (groupId) =>
      rows<Person>(
        `select ${PERSON} from portcullis_directory.memberships m
           join portcullis_directory.people p on p.id = m.person_id
          where m.group_id = $1 and p.enabled order by p.id`,
        [groupId],
      ),
    memberOfAny: (personId, groupIds) => memberOfAny({ personId, groupIds }),
    groups: async (ids) =>
      byId(
        await rows<Group>(
          `select id, display_name as "displayName" from portcullis_directory.groups where id = any($1)`,
          [ids],
        ),
      ),
    resources: async (ids) =>
      byId(
        await rows<Resource>(
          `select ${RESOURCE} from portcullis_directory.resources r where r.id = any($1)`,
          [ids],
        ),
      ),
    externalDirectories: async (ids) =>
      byId(
        await rows<ExternalDirectory>(
          `select ${EXTERNAL} from portcullis_directory.external_directories e where e.id = any($1)`,
          [ids],
        ),
      ),
    externalDirectoryByDomain: async (domain) => {
      const ascii = asciiDomain(domain)
      if (ascii === undefined) return undefined
      const [found] = await rows<ExternalDirectory>(
        `select ${EXTERNAL} from portcullis_directory.external_domains k
           join portcullis_directory.external_directories e on e.id = k.directory_id
          where k.ascii = $1`,
        [ascii],
      )
      return found
    },
    counts: async () => {
      const [counts] = await rows<Awaited<ReturnType<Directory['counts']>>>(
        `select (select count(*)::int from portcullis_directory.people) as people,
                (select count(*)::int from portcullis_directory.groups) as groups,
                (select count(*)::int from portcullis_directory.memberships) as memberships,
                (select count(*)::int from portcullis_directory.resources) as resources,
                (select count(*)::int from portcullis_directory.external_directories) as "externalDirectories"`,
        [],
      )
      if (counts === undefined) throw new Error('select without from gave no row')
      return counts
    },
  }
}
