import { z } from 'zod'
import { ConfigError } from './configError.ts'

/** What of a person in the directory a claim of an issuer is compared with; the first four don't change with a name. */
export const MATCH_FIELDS = [
  'objectId',
  'externalId',
  'employeeNumber',
  'id',
  'userName',
  'email',
] as const

/** A claim, and what of a person it is compared with. */
export interface MatchRule {
  readonly claim: string
  readonly field: (typeof MATCH_FIELDS)[number]
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** Whether an address keeps what is said secret: TLS, or this machine itself. */
export const keepsSecrets = (address: string): boolean => {
  if (!URL.canParse(address)) return false
  const { protocol, hostname } = new URL(address)
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname))
}

const issuer = z
  .string()
  .max(2048)
  .refine(
    (text) => keepsSecrets(text) && !/[?#]|\/\/.*@/.test(text),
    'is not an https:// address without user, query and fragment (http:// on loopback alone)',
  )

const count = (min: number, max: number) =>
  z.coerce.number(`is not a number from ${min} to ${max}`).int().min(min).max(max)

/** `claim:field`, separated by commas; undefined when it isn't such a list. */
const rulesOf = (text: string): readonly MatchRule[] | undefined => {
  const rules = text.split(',').map((part): MatchRule | undefined => {
    // Up to the last colon: some issuers name claims by addresses.
    const [, claim, name] = /^\s*([\w./:-]{1,100}):(\w+)\s*$/.exec(part) ?? []
    const field = MATCH_FIELDS.find((each) => each === name)
    return claim === undefined || field === undefined ? undefined : { claim, field }
  })
  return rules.every((rule) => rule !== undefined) ? rules : undefined
}

/** How people sign in to the portal; nobody can without an issuer. */
export const signInVariables = {
  /** The organisation's identity provider (OpenID Connect), as it names itself. */
  PORTCULLIS_OIDC_ISSUER: issuer.optional(),
  /** Portcullis's name there. */
  PORTCULLIS_OIDC_CLIENT_ID: z.string().min(1).max(512).optional(),
  PORTCULLIS_OIDC_CLIENT_SECRET: z.string().min(1).max(4096).optional(),
  PORTCULLIS_OIDC_SCOPES: z
    .string()
    .regex(/^openid( [\w.:/-]+)*$/, 'is not a list that begins with openid, such as openid profile')
    .default('openid profile email'),
  /** Which claim is which person: the first rule whose claim is somebody's decides. */
  PORTCULLIS_OIDC_MATCH: z
    .string()
    .max(4096)
    .refine(
      (text) => rulesOf(text) !== undefined,
      `is not a list of claim:field such as oid:objectId,upn:userName; fields are ${MATCH_FIELDS.join(', ')}`,
    )
    .default('oid:objectId,preferred_username:userName,upn:userName,email:email'),
  /** Minutes without a click after which somebody is signed out. */
  PORTCULLIS_SESSION_IDLE_MINUTES: count(1, 1440).default(30),
  /** Hours after which somebody signs in again, whatever they do. */
  PORTCULLIS_SESSION_HOURS: count(1, 168).default(12),
  /** Sign-ins that one address may begin or end in a minute; 0: any number. */
  PORTCULLIS_RATE_LIMIT_SIGN_IN: count(0, 100_000).default(20),
} as const

export interface SignInConfig {
  readonly issuer: string
  readonly clientId: string
  /** Undefined: a client without one (PKCE protects the code). */
  readonly clientSecret: string | undefined
  readonly scopes: string
  readonly match: readonly MatchRule[]
  readonly idleMillis: number
  readonly absoluteMillis: number
  /** Of one address; 0: any number. */
  readonly perAddress: number
}

/**
 * @param publicUrl where browsers reach the portal
 * @throws ConfigError when parts are missing, or a session's cookie would travel in the clear
 */
export const signInOf = (
  data: z.infer<z.ZodObject<typeof signInVariables>>,
  publicUrl: string,
): SignInConfig | undefined => {
  const { PORTCULLIS_OIDC_ISSUER: from, PORTCULLIS_OIDC_CLIENT_ID: clientId } = data
  if (from === undefined && clientId === undefined) return undefined
  if (from === undefined || clientId === undefined)
    throw new ConfigError([
      'PORTCULLIS_OIDC_ISSUER and PORTCULLIS_OIDC_CLIENT_ID go together; set both or neither',
    ])
  if (!keepsSecrets(publicUrl))
    throw new ConfigError([
      'PORTCULLIS_PUBLIC_URL must be the https:// address of the portal where people sign in (http:// on loopback alone): the cookie of a session must not travel in the clear',
    ])
  return {
    issuer: from,
    clientId,
    clientSecret: data.PORTCULLIS_OIDC_CLIENT_SECRET,
    scopes: data.PORTCULLIS_OIDC_SCOPES,
    match: rulesOf(data.PORTCULLIS_OIDC_MATCH) ?? [],
    idleMillis: data.PORTCULLIS_SESSION_IDLE_MINUTES * 60_000,
    absoluteMillis: data.PORTCULLIS_SESSION_HOURS * 3_600_000,
    perAddress: data.PORTCULLIS_RATE_LIMIT_SIGN_IN,
  }
}
