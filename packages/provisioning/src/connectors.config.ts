import { z } from 'zod'
import { lookUpAttributes } from './scim/scimUsers.ts'

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'a connector is named by 1 to 64 of a-z, 0-9 and "-"')

const fileSchema = z.strictObject({
  name,
  kind: z.literal('file'),
  /** `.json` or `.csv`; taken from the data folder when it isn't absolute. */
  path: z.string().regex(/\.(json|csv)$/i, 'must end in .json or .csv'),
})

const scimSchema = z
  .strictObject({
    name,
    kind: z.literal('scim'),
    baseUrl: z.url('must be a URL such as https://idm.example.com/scim/v2'),
    /** Environment variable that holds the bearer token. */
    tokenEnv: z.string().min(1).optional(),
    /** File that holds it; taken from the data folder when it isn't absolute. */
    tokenFile: z.string().min(1).optional(),
    createUsers: z.boolean().optional(),
    groupOf: z.enum(['resource', 'role']).optional(),
    alsoLookUpBy: z.array(z.enum(lookUpAttributes)).optional(),
    timeoutMillis: z.int().min(100).max(300_000).optional(),
  })
  .refine(({ tokenEnv, tokenFile }) => (tokenEnv === undefined) !== (tokenFile === undefined), {
    path: ['tokenEnv'],
    message: 'give one of tokenEnv and tokenFile',
  })

/** Which connectors there are: names are what resources of the directory refer to. Holds no secret, only where one is. */
export const connectorsConfigSchema = z
  .array(z.discriminatedUnion('kind', [fileSchema, scimSchema]))
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
