import type { Instant } from '@portcullis/core'
import { batchConcurrent } from '@portcullis/postgres'
import type pg from 'pg'
import type { Directory, Group, Membership, Person, Resource } from './directory.ts'
import { asciiDomain } from './domainName.ts'
import { createLists } from './lists.ts'
import { identities, matchPeople, peopleWith, stableKeys } from './matchPeople.ts'
import { EXTERNAL, type ExternalRow, externalDirectory, PERSON, RESOURCE } from './select.ts'

const byId = <Row extends { readonly id: string }>(
  rows: readonly Row[],
): ReadonlyMap<string, Row> => new Map(rows.map((row) => [row.id, row]))

interface GroupsAsk {
  readonly personId: string
  readonly now: Instant
}

interface MembershipAsk {
  readonly personId: string
  readonly groupIds: readonly string[]
}

interface StoredMembership {
  readonly person: string
  readonly groupId: string
  readonly until: Instant | null
}

/** A membership counts while now is before its end. Callers who are asked together may each have their own now. */
const counting = (
  memberships: readonly Pick<Membership, 'groupId' | 'until'>[],
  now: Instant,
): readonly string[] =>
  memberships.filter(({ until }) => until === null || now < until).map(({ groupId }) => groupId)

const entryOf = (person: Person | undefined): readonly (readonly [string, Person])[] =>
  person === undefined ? [] : [[person.id, person]]

const union = (lists: readonly (readonly string[])[]): string[] => [...new Set(lists.flat())]

/**
 * Look-ups in the imported directory; see {@link Directory}. The tables are made by `migrateDirectory`. Those that
 * every command needs go together when callers are many.
 */
export const createDirectory = (pool: pg.Pool): Directory => {
  const rows = async <Row extends pg.QueryResultRow>(
    sql: string,
    values: readonly unknown[],
  ): Promise<readonly Row[]> => (await pool.query<Row>(sql, [...values])).rows

  const people = batchConcurrent(async (asks: readonly (readonly string[])[]) => {
    const found = byId(
      await rows<Person>(
        `select ${PERSON} from portcullis_directory.people p where p.id = any($1)`,
        [union(asks)],
      ),
    )
    return asks.map((ids) => new Map(ids.flatMap((id) => entryOf(found.get(id)))))
  })
  const groupsOf = batchConcurrent(async (asks: readonly GroupsAsk[]) => {
    const found = await rows<StoredMembership>(
      `select person_id as person, group_id as "groupId", until from portcullis_directory.memberships
        where person_id = any($1) order by group_id`,
      [union([asks.map(({ personId }) => personId)])],
    )
    const byPerson = Map.groupBy(found, ({ person }) => person)
    return asks.map(({ personId, now }) => counting(byPerson.get(personId) ?? [], now))
  })
  const membershipsIn = batchConcurrent(async (asks: readonly MembershipAsk[]) => {
    const found = await rows<Membership & { readonly person: string }>(
      `select m.person_id as person, m.group_id as "groupId", m.until, g.display_name as "groupName"
         from portcullis_directory.memberships m
         join portcullis_directory.groups g on g.id = m.group_id
        where m.person_id = any($1) and m.group_id = any($2) order by m.group_id`,
      [union([asks.map(({ personId }) => personId)]), union(asks.map(({ groupIds }) => groupIds))],
    )
    const byPerson = Map.groupBy(found, ({ person }) => person)
    return asks.map(({ personId, groupIds }) =>
      (byPerson.get(personId) ?? [])
        .filter(({ groupId }) => groupIds.includes(groupId))
        .map(({ person: _, ...membership }) => membership),
    )
  })
  const externals = async (sql: string, values: readonly unknown[]) =>
    (await rows<ExternalRow>(sql, values)).map(externalDirectory)
  return {
    ...createLists(pool),
    person: async (id) => (await people([id])).get(id),
    people,
    matchPeople: (descriptions) => matchPeople(pool, descriptions),
    peopleWith: (field, value) => peopleWith(pool, field, value),
    stableKeys: (id) => stableKeys(pool, id),
    identities: async (ids) => byId(await identities(pool, ids)),
    leftAmong: async (ids) => {
      const found = await rows<{ readonly id: string; readonly since: Instant | null }>(
        `select i.id, p.disabled_at as since from unnest($1::text[]) as i (id)
           left join portcullis_directory.people p on p.id = i.id
          where p.enabled is not true`,
        [ids],
      )
      return new Map(found.map(({ id, since }) => [id, since]))
    },
    groupsOf: (personId, now) => groupsOf({ personId, now }),
    administrators: () =>
      rows<Person>(
        `select ${PERSON} from portcullis_directory.people p
          where p.enabled and 'UserAdministrator' = any(p.directory_roles) order by p.id`,
        [],
      ),
    membersOf: (groupId, now) =>
      rows<Person>(
        `select ${PERSON} from portcullis_directory.memberships m
           join portcullis_directory.people p on p.id = m.person_id
          where m.group_id = $1 and p.enabled and (m.until is null or m.until > $2) order by p.id`,
        [groupId, now],
      ),
    memberOfAny: async (personId, groupIds, now) =>
      counting(await membershipsIn({ personId, groupIds }), now),
    membershipsIn: (personId, groupIds) => membershipsIn({ personId, groupIds }),
    groupsWithoutMembers: async (groupIds, now) => {
      const empty = await rows<{ id: string }>(
        `select g.id from portcullis_directory.groups g
          where g.id = any($1) and not exists (
            select 1 from portcullis_directory.memberships m
              join portcullis_directory.people p on p.id = m.person_id
             where m.group_id = g.id and p.enabled and (m.until is null or m.until > $2))
          order by g.id`,
        [groupIds, now],
      )
      return empty.map(({ id }) => id)
    },
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
    resourceIdsOf: async (connector) => {
      const found = await rows<{ readonly id: string }>(
        'select id from portcullis_directory.resources where connector = $1 order by id',
        [connector],
      )
      return found.map(({ id }) => id)
    },
    externalDirectories: async (ids) =>
      byId(
        await externals(
          `select ${EXTERNAL} from portcullis_directory.external_directories e where e.id = any($1)`,
          [ids],
        ),
      ),
    externalDirectoryByDomain: async (domain) => {
      const ascii = asciiDomain(domain)
      if (ascii === undefined) return undefined
      const [found] = await externals(
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
