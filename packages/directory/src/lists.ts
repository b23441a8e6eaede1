import type pg from 'pg'
import type {
  DirectoryLists,
  GroupSummary,
  ListPage,
  ListRequest,
  Person,
  Resource,
} from './directory.ts'
import { folded } from './foldedName.ts'
import { EXTERNAL, type ExternalRow, externalDirectory, PERSON, RESOURCE } from './select.ts'

/** The cursor isn't one that this list gave. */
export class BadDirectoryCursor extends Error {
  readonly code = 'directory.bad-cursor'
  constructor() {
    super('the cursor is not one that this list gave: leave it out to start from the first page')
    this.name = 'BadDirectoryCursor'
  }
}

type Place = readonly [foldedName: string, id: string]

const encode = (list: string, place: Place): string =>
  Buffer.from([list, ...place].join('\n'), 'utf8').toString('base64url')

// A display name has no line ends, nor has an id.
const decode = (list: string, cursor: string): Place => {
  const [from, name, id, ...rest] = Buffer.from(cursor, 'base64url').toString('utf8').split('\n')
  if (from !== list || name === undefined || id === undefined || rest.length > 0)
    throw new BadDirectoryCursor()
  if (name.includes('\0') || id.includes('\0')) throw new BadDirectoryCursor()
  return [name, id]
}

/** Text that stands for itself in a `like`, anywhere. */
const containing = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`

interface List {
  readonly name: string
  readonly table: string
  /** The table's name in what is selected. */
  readonly alias: string
  readonly select: string
}

type Row<Item> = Item & { readonly foldedName: string }

/** Collects the values of a statement; gives each its place. */
const valueList = () => {
  const values: unknown[] = []
  return { values, put: (value: unknown): string => `$${values.push(value)}` }
}
type Put = ReturnType<typeof valueList>['put']

/** Lists in order of folded name and id, each page from one statement. */
export const createLists = (pool: pg.Pool): DirectoryLists => {
  const pageOf = async <Item extends { readonly id: string }>(
    { name, table, alias, select }: List,
    { limit, cursor }: ListRequest,
    conditionsFor: (put: Put) => readonly (string | undefined)[],
    selectMore: (put: Put) => string = () => '',
  ): Promise<ListPage<Omit<Row<Item>, 'foldedName'>>> => {
    const { values, put } = valueList()
    const key = `${alias}.folded_name, ${alias}.id collate "C"`
    const conditions = conditionsFor(put).filter((condition) => condition !== undefined)
    if (cursor !== undefined) {
      const [from, id] = decode(name, cursor)
      conditions.push(`(${key}) > (${put(from)}, ${put(id)})`)
    }
    const { rows } = await pool.query<Row<Item>>(
      `select ${select}${selectMore(put)}, ${alias}.folded_name as "foldedName"
         from portcullis_directory.${table} ${alias}
        ${conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`}
        order by ${key} limit ${put(limit + 1)}`,
      values,
    )
    const shown = rows.slice(0, limit)
    const last = rows.length > limit ? shown.at(-1) : undefined
    return {
      items: shown.map(withoutName),
      next: last === undefined ? null : encode(name, [last.foldedName, last.id]),
    }
  }
  const named = (alias: string, { search }: ListRequest, put: Put, ...more: readonly string[]) => {
    const text = search?.trim() ?? ''
    if (text === '') return undefined
    const byName = `${alias}.folded_name like ${put(containing(folded(text)))}`
    if (more.length === 0) return byName
    const asWritten = put(containing(text.toLowerCase()))
    return `(${[byName, ...more.map((other) => `${other} like ${asWritten}`)].join(' or ')})`
  }

  return {
    listPeople: (page) =>
      pageOf<Person>(PEOPLE, page, (put) => [
        named('p', page, put, 'lower(p.user_name)', 'lower(p.email)'),
      ]),
    listGroups: (page, now) =>
      pageOf<GroupSummary>(
        GROUPS,
        page,
        (put) => [named('g', page, put)],
        (put) => `, (select count(*)::int from portcullis_directory.memberships m
             join portcullis_directory.people p on p.id = m.person_id
            where m.group_id = g.id and p.enabled and (m.until is null or m.until > ${put(now)})) as "memberCount"`,
      ),
    listResources: (page, { kind, ids, ownerId, idsOrOwned } = {}) =>
      pageOf<Resource>(RESOURCES, page, (put) => [
        named('r', page, put),
        kind && `r.kind = ${put(kind)}`,
        ids && `r.id = any(${put(ids)}::text[])`,
        ownerId === undefined ? undefined : ownedBy(put(ownerId)),
        idsOrOwned &&
          `(r.id = any(${put(idsOrOwned.ids)}::text[]) or ${ownedBy(put(idsOrOwned.ownerId))})`,
      ]),
    listExternalDirectories: async (page) => {
      const { items, next } = await pageOf<ExternalRow>(EXTERNAL_DIRECTORIES, page, (put) => [
        named('e', page, put, DOMAINS),
      ])
      return { items: items.map(externalDirectory), next }
    },
  }
}

const withoutName = <Item>({ foldedName: _, ...item }: Row<Item>) => item

const ownedBy = (person: string): string =>
  `exists (select 1 from portcullis_directory.resource_owners o
            where o.resource_id = r.id and o.person_id = ${person})`

const DOMAINS = `(select string_agg(d.ascii || ' ' || lower(d.domain), ' ')
   from portcullis_directory.external_domains d where d.directory_id = e.id)`

const PEOPLE: List = { name: 'people', table: 'people', alias: 'p', select: PERSON }
const GROUPS: List = {
  name: 'groups',
  table: 'groups',
  alias: 'g',
  select: 'g.id, g.display_name as "displayName"',
}
const RESOURCES: List = { name: 'resources', table: 'resources', alias: 'r', select: RESOURCE }
const EXTERNAL_DIRECTORIES: List = {
  name: 'external-directories',
  table: 'external_directories',
  alias: 'e',
  select: EXTERNAL,
}
