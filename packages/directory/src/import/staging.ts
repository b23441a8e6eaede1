import type { Sql } from '@portcullis/postgres'
import type { z } from 'zod'
import { asciiDomain } from '../domainName.ts'
import { foldedName } from '../foldedName.ts'
import { entrySchemas, type Kind } from './kinds.ts'

/**
 * The temporary tables that hold the files' rows until all of them are checked; columns with their SQL types, besides
 * `line`.
 */
const STAGES = {
  people: {
    id: 'text',
    user_name: 'text',
    display_name: 'text',
    folded_name: 'text',
    email: 'text',
    enabled: 'boolean',
    locale: 'text',
    zone: 'text',
    external_directory_id: 'text',
    directory_roles: 'text',
    external_id: 'text',
    employee_number: 'text',
    object_id: 'text',
    given_name: 'text',
    family_name: 'text',
  },
  groups: { id: 'text', display_name: 'text', folded_name: 'text' },
  memberships: { group_id: 'text', person_id: 'text', until: 'text' },
  resources: {
    id: 'text',
    kind: 'text',
    display_name: 'text',
    folded_name: 'text',
    description: 'text',
    connector: 'text',
    external_id: 'text',
  },
  resource_roles: {
    resource_id: 'text',
    id: 'text',
    display_name: 'text',
    external_id: 'text',
    place: 'int',
  },
  resource_owners: { resource_id: 'text', person_id: 'text' },
  external_directories: {
    id: 'text',
    display_name: 'text',
    folded_name: 'text',
    initial_domain: 'text',
    allowed: 'boolean',
  },
  external_domains: { directory_id: 'text', domain: 'text', ascii: 'text', place: 'int' },
  collaboration: { restriction: 'text' },
  collaboration_domains: { domain: 'text', ascii: 'text' },
} as const

export type StageName = keyof typeof STAGES
type Cell = string | number | boolean | null
/** Line, then the cells in the order of the stage's columns. */
type StagedRow = readonly [line: number, ...cells: Cell[]]

const BATCH = 5000

/** Makes the stages; they go with the transaction. */
export const createStages = async (sql: Sql): Promise<void> => {
  for (const [name, columns] of Object.entries(STAGES)) {
    const list = Object.entries(columns).map(([column, type]) => `${column} ${type}`)
    await sql.query(
      `create temp table stage_${name} (file text, line int, ${list.join(', ')}) on commit drop`,
    )
  }
}

/** So that the checks and the merge are planned for what is there. */
export const analyseStages = async (sql: Sql): Promise<void> => {
  for (const name of Object.keys(STAGES)) await sql.query(`analyze stage_${name}`)
}

export interface Stager {
  /**
   * Takes an entry; writes when enough have come together.
   * @returns what is wrong with it; then it isn't taken
   */
  add(kind: Kind, file: string, line: number, value: unknown): Promise<readonly z.core.$ZodIssue[]>
  /** Writes what is left. */
  flush(): Promise<void>
}

export const createStager = (sql: Sql): Stager => {
  const waiting = new Map<StageName, { file: string; rows: StagedRow[] }>()

  const write = async (stage: StageName): Promise<void> => {
    const batch = waiting.get(stage)
    if (batch === undefined || batch.rows.length === 0) return
    waiting.delete(stage)
    const types = ['int', ...Object.values(STAGES[stage])]
    const values = types.map((_, column) => batch.rows.map((row) => row[column] ?? null))
    const arrays = types.map((type, column) => `$${column + 2}::${type}[]`)
    await sql.query(`insert into stage_${stage} select $1, * from unnest(${arrays.join(', ')})`, [
      batch.file,
      ...values,
    ])
  }
  const put = async (stage: StageName, file: string, ...row: StagedRow): Promise<void> => {
    const batch = waiting.get(stage)
    if (batch?.file === file) {
      batch.rows.push(row)
      if (batch.rows.length >= BATCH) await write(stage)
      return
    }
    await write(stage)
    waiting.set(stage, { file, rows: [row] })
  }

  const takers: { readonly [K in Kind]: Taker } = {
    people: checked(entrySchemas.people, async (file, line, person) => {
      await put(
        'people',
        file,
        line,
        person.id,
        person.userName,
        person.displayName,
        foldedName(person.displayName),
        person.email,
        person.enabled,
        person.locale ?? null,
        person.zone ?? null,
        person.externalDirectoryId ?? null,
        person.directoryRoles.join(' '),
        person.externalId ?? null,
        person.employeeNumber ?? null,
        person.objectId ?? null,
        person.givenName ?? null,
        person.familyName ?? null,
      )
    }),
    groups: checked(entrySchemas.groups, (file, line, group) =>
      put('groups', file, line, group.id, group.displayName, foldedName(group.displayName)),
    ),
    memberships: checked(entrySchemas.memberships, (file, line, { groupId, personId, until }) =>
      put('memberships', file, line, groupId, personId, until ?? null),
    ),
    resources: checked(
      entrySchemas.resources,
      async (file, line, { id, roles, ownerIds, ...resource }) => {
        await put(
          'resources',
          file,
          line,
          id,
          resource.kind,
          resource.displayName,
          foldedName(resource.displayName),
          resource.description,
          resource.connector,
          resource.externalId ?? id,
        )
        for (const [place, role] of roles.entries()) {
          const externalId = role.externalId ?? role.id
          await put('resource_roles', file, line, id, role.id, role.displayName, externalId, place)
        }
        for (const owner of ownerIds) await put('resource_owners', file, line, id, owner)
      },
    ),
    'resource-roles': checked(
      entrySchemas['resource-roles'],
      (file, line, { resourceId, id, displayName, externalId }) =>
        put('resource_roles', file, line, resourceId, id, displayName, externalId ?? id, line),
    ),
    'resource-owners': checked(
      entrySchemas['resource-owners'],
      (file, line, { resourceId, personId }) =>
        put('resource_owners', file, line, resourceId, personId),
    ),
    'external-directories': checked(
      entrySchemas['external-directories'],
      async (file, line, directory) => {
        const { id, displayName, initialDomain, allowed } = directory
        const name = foldedName(displayName)
        await put('external_directories', file, line, id, displayName, name, initialDomain, allowed)
        for (const [place, domain] of [initialDomain, ...directory.domains].entries()) {
          const ascii = asciiDomain(domain) ?? domain
          await put('external_domains', file, line, id, domain, ascii, place)
        }
      },
    ),
    collaboration: checked(
      entrySchemas.collaboration,
      async (file, line, { restriction, domains }) => {
        await put('collaboration', file, line, restriction)
        for (const domain of domains)
          await put('collaboration_domains', file, line, domain, asciiDomain(domain) ?? domain)
      },
    ),
  }
  return {
    add: (kind, file, line, value) => takers[kind](file, line, value),
    flush: async () => {
      for (const stage of [...waiting.keys()]) await write(stage)
    },
  }
}

type Taker = (file: string, line: number, value: unknown) => Promise<readonly z.core.$ZodIssue[]>

const checked =
  <Schema extends z.ZodType>(
    schema: Schema,
    take: (file: string, line: number, entry: z.output<Schema>) => Promise<void>,
  ): Taker =>
  async (file, line, value) => {
    const read = schema.safeParse(value)
    if (!read.success) return read.error.issues
    await take(file, line, read.data)
    return []
  }
