import { z } from 'zod'
import { noParams, oneQuery, pageSchema, paging, query } from './operation.ts'
import { idSchema } from './primitives.ts'

const tag = 'Directory'
const search = z
  .string()
  .min(1)
  .max(256)
  .refine((text) => !/\p{Cc}|\p{Surrogate}/u.test(text), 'holds a control character')
  .optional()
const resourceKindSchema = z.enum(['group', 'application', 'sharepointSite'])

export const resourceViewSchema = z
  .object({
    id: idSchema,
    kind: resourceKindSchema,
    displayName: z.string(),
    description: z.string(),
    roles: z.array(z.object({ id: idSchema, displayName: z.string() })),
    ownerIds: z.array(z.string()),
  })
  .meta({ id: 'Resource', description: 'Something of the directory that has roles to give.' })

export const personViewSchema = z
  .object({
    id: idSchema,
    userName: z.string(),
    displayName: z.string(),
    email: z.string(),
    enabled: z.boolean(),
    externalDirectoryId: z.string().nullable().describe('Null for our own people.'),
  })
  .meta({ id: 'Person' })

export const groupViewSchema = z
  .object({
    id: idSchema,
    displayName: z.string(),
    memberCount: z
      .int()
      .min(0)
      .describe('Enabled people in it now. A group of none approves nothing.'),
  })
  .meta({ id: 'Group' })

export const externalDirectoryViewSchema = z
  .object({
    id: idSchema,
    displayName: z.string(),
    initialDomain: z.string(),
    domains: z.array(z.string()).describe('All of them, the initial one first.'),
    allowed: z.boolean().describe('By the collaboration restrictions, now.'),
    refusedBecause: z
      .string()
      .nullable()
      .describe('Where it is not allowed: the reason, to follow the name.'),
  })
  .meta({ id: 'ExternalDirectory', description: 'Another organisation, with all its domains.' })

const whoMayPick =
  'For User administrators, Catalog creators, and owners and access package managers of any catalog (S3). In order of name.'

const exampleDirectory = {
  id: 'fabrikam',
  displayName: 'Fabrikam',
  initialDomain: 'fabrikam.example',
  domains: ['fabrikam.example', 'fabrikam-labs.example'],
  allowed: true,
  refusedBecause: null,
}

export const directoryOperations = {
  listResources: query({
    id: 'listResources',
    path: '/v1/resources',
    tag,
    summary: 'Resources to build access packages of',
    description:
      'Those of a catalog in which the caller may create access packages, or those that the caller owns (S4). Without either, all that the caller may see: both of these, and everything for a User administrator. In order of name.',
    params: noParams,
    query: z.strictObject({
      ...paging,
      catalogId: idSchema.optional().describe('Only those in this catalog.'),
      ownedByMe: z
        .enum(['true', 'false'], 'is true or false')
        .transform((text) => text === 'true')
        .pipe(z.boolean())
        .optional()
        .describe('`true`: only those that the caller owns.'),
      kind: resourceKindSchema.optional(),
      search: search.describe('Part of the name, whatever its case and accents.'),
    }),
    answer: pageSchema(resourceViewSchema),
    asked: { query: { catalogId: 'engineering' } },
    example: {
      items: [
        {
          id: 'wiki',
          kind: 'application',
          displayName: 'Wiki',
          description: 'What everybody should know.',
          roles: [{ id: 'editor', displayName: 'Editor' }],
          ownerIds: ['alice'],
        },
      ],
      next: null,
    },
  }),
  listPeople: query({
    id: 'listPeople',
    path: '/v1/people',
    tag,
    summary: 'People, to pick from',
    description: whoMayPick,
    params: noParams,
    query: z.strictObject({
      ...paging,
      search: search.describe(
        'Part of the name, whatever its case and accents, of the user name or of the address.',
      ),
    }),
    answer: pageSchema(personViewSchema),
    asked: { query: { search: 'carol' } },
    example: {
      items: [
        {
          id: 'carol',
          userName: 'carol',
          displayName: 'Carol Nyström',
          email: 'carol@example.org',
          enabled: true,
          externalDirectoryId: null,
        },
      ],
      next: null,
    },
  }),
  listGroups: query({
    id: 'listGroups',
    path: '/v1/groups',
    tag,
    summary: 'Groups, to pick from',
    description: whoMayPick,
    params: noParams,
    query: z.strictObject({
      ...paging,
      search: search.describe('Part of the name, whatever its case and accents.'),
    }),
    answer: pageSchema(groupViewSchema),
    asked: { query: { search: 'staff' } },
    example: { items: [{ id: 'all-staff', displayName: 'All staff', memberCount: 8 }], next: null },
  }),
  listExternalDirectories: query({
    id: 'listExternalDirectories',
    path: '/v1/external-directories',
    tag,
    summary: 'External directories, to pick from',
    description: whoMayPick,
    params: noParams,
    query: z.strictObject({
      ...paging,
      search: search.describe('Part of the name, whatever its case and accents, or of a domain.'),
    }),
    answer: pageSchema(externalDirectoryViewSchema),
    example: { items: [exampleDirectory], next: null },
  }),
  findExternalDirectory: query({
    id: 'findExternalDirectory',
    path: '/v1/external-directories/by-domain/{domain}',
    tag,
    summary: 'The external directory that has a domain',
    description:
      'By any of its domains, in any case, international ones as they are written or in Punycode. A policy that names it lets in people of all its domains, not only of this one (S8).',
    params: z.strictObject({
      domain: z
        .string()
        .regex(/^[^\s/]{1,253}$/, 'is a domain name, such as example.org')
        .describe('Such as `example.org`.'),
    }),
    query: oneQuery,
    answer: externalDirectoryViewSchema,
    asked: { params: { domain: 'fabrikam-labs.example' } },
    example: exampleDirectory,
  }),
}
