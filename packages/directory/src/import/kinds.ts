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
    locale: field.locale.default('en'),
    zone: field.zone.nullish(),
    externalDirectoryId: field.id.nullish(),
    directoryRoles: z
      .array(
        z.enum(['UserAdministrator', 'CatalogCreator'], 'is UserAdministrator or CatalogCreator'),
      )
      .max(2)
      .default([]),
  }),
  groups: z.strictObject({ id: field.id, displayName: field.name }),
  memberships: z.strictObject({ groupId: field.id, personId: field.id }),
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
} as const

export type Kind = keyof typeof entrySchemas

/** In the order in which they are read. */
export const KINDS: readonly Kind[] = [
  'external-directories',
  'people',
  'groups',
  'memberships',
  'resources',
  'resource-roles',
  'resource-owners',
]

/** How a column of a CSV file is read; lists are separated by spaces. */
export type ColumnType = 'text' | 'flag' | 'list'

/** The columns of each kind of CSV file; those with `required` must be there. */
export const columns: {
  readonly [K in Kind]: Readonly<Record<string, { type: ColumnType; required: boolean }>>
} = {
  people: {
    ...required('id', 'userName', 'displayName', 'email'),
    ...optional('text', 'locale', 'zone', 'externalDirectoryId'),
    ...optional('flag', 'enabled'),
    ...optional('list', 'directoryRoles'),
  },
  groups: required('id', 'displayName'),
  memberships: required('groupId', 'personId'),
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
