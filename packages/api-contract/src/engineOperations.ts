import { z } from 'zod'
import { noBody, noParams, noQuery, type Operation, oneQuery, query } from './operation.ts'
import { exampleInstant } from './policyTerms.ts'
import { instantSchema } from './primitives.ts'

const tag = 'Engine'

export const directoryRoleSchema = z.enum(['UserAdministrator', 'CatalogCreator', 'MetricsReader'])

export const meSchema = z
  .object({
    actor: z.object({ kind: z.enum(['user', 'service', 'system']), id: z.string() }),
    directoryRoles: z.array(directoryRoleSchema),
    person: z
      .object({
        id: z.string(),
        userName: z.string(),
        displayName: z.string(),
        email: z.string(),
        enabled: z.boolean(),
        locale: z.string().nullable(),
        zone: z.string().nullable(),
        externalDirectoryId: z.string().nullable(),
        directoryRoles: z.array(directoryRoleSchema),
      })
      .nullable()
      .describe('Null for a service.'),
    groupIds: z.array(z.string()),
  })
  .meta({ id: 'Me' })

const subscriptionStatus = {
  position: z.string(),
  head: z.string(),
  error: z.string().nullable(),
  owner: z
    .string()
    .nullable()
    .describe('Host and process id of the worker that runs it; null while none does.'),
  ownedSince: instantSchema.nullable(),
  updatedAt: instantSchema,
}

export const projectionStatusSchema = z
  .object({
    name: z.string(),
    version: z.int(),
    partitions: z
      .int()
      .describe('In how many parts it is kept up to date; `owner` then names all who do.'),
    state: z.enum(['live', 'catching-up', 'paused', 'rebuilding']),
    ...subscriptionStatus,
  })
  .meta({ id: 'ProjectionStatus' })

export const reactorStatusSchema = z
  .object({
    name: z.string(),
    state: z.enum(['live', 'catching-up', 'paused']),
    ...subscriptionStatus,
  })
  .meta({ id: 'ReactorStatus' })

const healthSchema = z.object({ status: z.literal('ok') })

const health: Operation<typeof noParams, z.ZodObject, typeof noBody, typeof healthSchema> = {
  id: 'health',
  method: 'GET',
  path: '/healthz',
  tag,
  summary: 'Is the process up? Needs no token',
  kind: 'open',
  params: noParams,
  // Probes of load balancers add parameters of their own.
  query: z.looseObject({}),
  body: noBody,
  status: 200,
  answer: healthSchema,
  example: { answer: { status: 'ok' } },
}

export const engineOperations = {
  getMe: query({
    id: 'getMe',
    path: '/v1/me',
    tag,
    summary: 'Who the token says the caller is, and what the directory knows of them',
    params: noParams,
    query: noQuery,
    answer: meSchema,
    example: {
      actor: { kind: 'user', id: 'alice' },
      directoryRoles: [],
      person: {
        id: 'alice',
        userName: 'alice',
        displayName: 'Alice Moreau',
        email: 'alice@example.org',
        enabled: true,
        locale: 'en',
        zone: null,
        externalDirectoryId: null,
        directoryRoles: [],
      },
      groupIds: ['all-staff'],
    },
  }),
  listProjections: query({
    id: 'listProjections',
    path: '/v1/projections',
    tag,
    summary: 'How far each view is, and what turns events into jobs and mails',
    description: 'User administrators may.',
    params: noParams,
    query: oneQuery,
    answer: z.object({
      items: z.array(projectionStatusSchema),
      reactors: z.array(reactorStatusSchema),
    }),
    example: {
      items: [
        {
          name: 'requests',
          version: 1,
          partitions: 1,
          position: '1042',
          head: '1042',
          state: 'live',
          error: null,
          owner: 'worker-1 4711',
          ownedSince: exampleInstant,
          updatedAt: exampleInstant,
        },
      ],
      reactors: [
        {
          name: 'mail',
          position: '1042',
          head: '1042',
          state: 'live',
          error: null,
          owner: 'worker-2 4712',
          ownedSince: exampleInstant,
          updatedAt: exampleInstant,
        },
      ],
    },
  }),
  health,
}
