import { z } from 'zod'
import { driftSchema } from './drift/driftPolicy.ts'
import { limitFields } from './governed/limits.ts'
import { ldapGroupKinds } from './ldap/ldapGroups.ts'
import { lookUpAttributes } from './scim/scimAccounts.ts'
import { grantAsKinds } from './scim/scimConnector.ts'

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'a connector is named by 1 to 64 of a-z, 0-9 and "-"')

const UNIT_MILLIS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const AWAITED_FOR = /^[1-9]\d{0,6}[mhd]$/

/** Milliseconds of a text such as `14d`. */
export const awaitedForMillis = (text: string): number => {
  const unit = text.endsWith('m') ? 'm' : text.endsWith('h') ? 'h' : 'd'
  return Number(text.slice(0, -1)) * UNIT_MILLIS[unit]
}

const common = {
  name,
  ...limitFields,
  preexisting: z.enum(['keep', 'take-over']).optional(),
  drift: driftSchema.optional(),
}

const fileSchema = z.strictObject({
  ...common,
  kind: z.literal('file'),
  /** `.json` or `.csv`; taken from the data folder when it isn't absolute. */
  path: z.string().regex(/\.(json|csv)$/i, 'must end in .json or .csv'),
})

const scimSchema = z
  .strictObject({
    ...common,
    kind: z.literal('scim'),
    baseUrl: z.url('must be a URL such as https://idm.example.com/scim/v2'),
    /** Environment variable that holds the bearer token. */
    tokenEnv: z.string().min(1).optional(),
    /** File that holds it; taken from the data folder when it isn't absolute. */
    tokenFile: z.string().min(1).optional(),
    createUsers: z.boolean().optional(),
    /** What a resource role is there: a group, or a value of the account's roles or entitlements. */
    grantAs: z.enum(grantAsKinds).optional(),
    groupOf: z.enum(['resource', 'role']).optional(),
    alsoLookUpBy: z.array(z.enum(lookUpAttributes)).optional(),
    membersPerPatch: z.int().min(1).max(1000).optional(),
    timeoutMillis: z.int().min(100).max(300_000).optional(),
  })
  .refine(({ tokenEnv, tokenFile }) => (tokenEnv === undefined) !== (tokenFile === undefined), {
    path: ['tokenEnv'],
    message: 'give one of tokenEnv and tokenFile',
  })

const webhookSchema = z
  .strictObject({
    ...common,
    kind: z.literal('webhook'),
    url: z.url('must be a URL such as https://tickets.example.com/access'),
    /** Ask the receiver who has what: at `url` itself, or at an address of its own. */
    readBack: z.boolean().optional(),
    readBackUrl: z.url('must be a URL such as https://tickets.example.com/access').optional(),
    /** Environment variable that holds the secret, `whsec_…`; several apart by spaces, the newest first. */
    secretEnv: z.string().min(1).optional(),
    /** File that holds it; taken from the data folder when it isn't absolute. */
    secretFile: z.string().min(1).optional(),
    /** How long somebody has for what is answered with 202: `14d`, `36h`, `90m`. */
    awaitedFor: z
      .string()
      .regex(AWAITED_FOR, 'must be a number of minutes, hours or days up to 366d, such as 14d')
      .refine((text) => awaitedForMillis(text) <= 366 * UNIT_MILLIS.d, 'must be at most 366d')
      .optional(),
    timeoutMillis: z.int().min(100).max(300_000).optional(),
  })
  .refine(({ secretEnv, secretFile }) => (secretEnv === undefined) !== (secretFile === undefined), {
    path: ['secretEnv'],
    message: 'give one of secretEnv and secretFile',
  })
  .refine(({ readBack, readBackUrl }) => readBack === undefined || readBackUrl === undefined, {
    path: ['readBack'],
    message: 'give readBack or readBackUrl, not both',
  })

const ldapSchema = z
  .strictObject({
    ...common,
    kind: z.literal('ldap'),
    /** `ldaps://host`, or `ldap://host` with `startTls`. */
    url: z.string().min(1),
    startTls: z.boolean().optional(),
    /** PEM of the authorities that are trusted; taken from the data folder when it isn't absolute. */
    caFile: z.string().min(1).optional(),
    bindDn: z.string().min(1),
    /** Environment variable, or file, that holds the password of `bindDn`. */
    passwordEnv: z.string().min(1).optional(),
    passwordFile: z.string().min(1).optional(),
    base: z.string().min(1),
    userFilter: z.string().min(1).optional(),
    groupKind: z.enum(ldapGroupKinds),
    groupOf: z.enum(['resource', 'role']).optional(),
    placeholderMember: z.string().min(1).optional(),
    membersPerChange: z.int().min(1).max(1000).optional(),
    timeoutMillis: z.int().min(100).max(300_000).optional(),
  })
  .refine(
    ({ passwordEnv, passwordFile }) => (passwordEnv === undefined) !== (passwordFile === undefined),
    { path: ['passwordEnv'], message: 'give one of passwordEnv and passwordFile' },
  )

/**
 * Which connectors there are: names are what resources of the directory refer to. Holds no secret, only where one is.
 */
export const connectorsConfigSchema = z
  .array(z.discriminatedUnion('kind', [fileSchema, scimSchema, ldapSchema, webhookSchema]))
  .max(100)
  .superRefine((connectors, context) => {
    const seen = new Set<string>()
    connectors.forEach((connector, index) => {
      if (seen.has(connector.name)) {
        context.addIssue({
          code: 'custom',
          path: [index, 'name'],
          message: `"${connector.name}" is given twice`,
        })
      }
      seen.add(connector.name)
    })
  })
export type ConnectorsConfig = z.infer<typeof connectorsConfigSchema>
