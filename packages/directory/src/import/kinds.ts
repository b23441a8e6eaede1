import { z } from 'zod'
import * as field from './fields.ts'

const role = z.strictObject({
  id: field.id,
  displayName: field.name,
  externalId: field.externalId.optional(),
})

/** An entry of each kind of file, as in JSON. CSV has the same names as columns, but for what is nested. */
export const entrySchemas = {
  people: z.strictObject({
    id: field.id,
    userName: field.name,
    displayName: field.name,
    email: field.email,
    enabled: field.flag.default(true),
    locale: field.locale.nullish(),
    zone: field.zone.nullish(),
    externalDirectoryId: field.id.nullish(),
    externalId: field.externalId.nullish(),
    employeeNumber: field.name.nullish(),
    objectId: field.objectId.nullish(),
    givenName: field.name.nullish(),
    familyName: field.name.nullish(),
    directoryRoles: z
      .array(
        z.enum(
          ['UserAdministrator', 'CatalogCreator', 'MetricsReader'],
          'is UserAdministrator, CatalogCreator or MetricsReader',
        ),
      )
      .max(3)
      .default([]),
  }),
  groups: z.strictObject({ id: field.id, displayName: field.name }),
  memberships: z.strictObject({
    groupId: field.id,
    personId: field.id,
    until: field.instant.nullish(),
  }),
  resources: z.strictObject({
    id: field.id,
    kind: z.enum(
      ['group', 'application', 'sharepointSite'],
      'is group, application or sharepointSite',
    ),
    displayName: field.name,
    description: field.description,
    connector: field.connector,
    externalId: field.externalId.optional(),
    roles: z.array(role).max(1000).default([]),
    ownerIds: z.array(field.id).max(1000).default([]),
  }),
  'resource-roles': role.extend({ resourceId: field.id }),
  'resource-owners': z.strictObject({ resourceId: field.id, personId: field.id }),
  'external-directories': z.strictObject({
    id: field.id,
    displayName: field.name,
    initialDomain: field.domain,
    domains: z.array(field.domain).max(1000).default([]),
    allowed: field.flag.default(true),
  }),
  /** S8. A single object, not a list. */
  collaboration: z
    .strictObject({
      restriction: z.enum(['none', 'allowOnly', 'deny'], 'is none, allowOnly or deny'),
      domains: z.array(field.domain).max(10_000).default([]),
    })
    .refine(({ restriction, domains }) => restriction !== 'none' || domains.length === 0, {
      path: ['domains'],
      error: 'are listed, but restriction is none: choose allowOnly or deny, or leave them out',
    }),
} as const

export type Kind = keyof typeof entrySchemas

/** In the order in which they are read. */
export const KINDS: readonly Kind[] = [
  'external-directories',
  'collaboration',
  'people',
  'groups',
  'memberships',
  'resources',
  'resource-roles',
  'resource-owners',
]

/** How a column of a CSV file is read; lists are separated by spaces. */
export type ColumnType = 'text' | 'flag' | 'list'

/** A kind whose file is one object, in JSON. */
export const SINGLE = 'collaboration' satisfies Kind
/** A kind that has a list of entries, in CSV or JSON. */
export type ListKind = Exclude<Kind, typeof SINGLE>

/** The columns of each kind of CSV file; those with `required` must be there. */
export const columns: {
  readonly [K in ListKind]: Readonly<Record<string, { type: ColumnType; required: boolean }>>
} = {
  people: {
    ...required('id', 'userName', 'displayName', 'email'),
    ...optional('text', 'locale', 'zone', 'externalDirectoryId'),
    ...optional('text', 'externalId', 'employeeNumber', 'objectId', 'givenName', 'familyName'),
    ...optional('flag', 'enabled'),
    ...optional('list', 'directoryRoles'),
  },
  groups: required('id', 'displayName'),
  memberships: { ...required('groupId', 'personId'), ...optional('text', 'until') },
  resources: {
    ...required('id', 'kind', 'displayName', 'connector'),
    ...optional('text', 'description', 'externalId'),
    ...optional('list', 'ownerIds'),
  },
  'resource-roles': {
    ...required('resourceId', 'id', 'displayName'),
    ...optional('text', 'externalId'),
  },
  'resource-owners': required('resourceId', 'personId'),
  'external-directories': {
    ...required('id', 'displayName', 'initialDomain'),
    ...optional('list', 'domains'),
    ...optional('flag', 'allowed'),
  },
}

function required(...names: string[]) {
  return Object.fromEntries(names.map((name) => [name, { type: 'text' as const, required: true }]))
}

function optional(type: ColumnType, ...names: string[]) {
  return Object.fromEntries(names.map((name) => [name, { type, required: false }]))
}
