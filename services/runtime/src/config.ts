import { isAbsolute, resolve } from 'node:path'
import { isZone } from '@portcullis/domain'
import { z } from 'zod'

/** The configuration can't be used; the message has one line for each thing to correct, with the name of its variable. */
export class ConfigError extends Error {
  readonly code = 'config.invalid'
  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.name = 'ConfigError'
  }
}

const url = (...protocols: readonly string[]) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol.slice(0, -1)),
      `is not a URL starting with ${protocols.map((protocol) => `${protocol}://`).join(' or ')}`,
    )

const count = (min: number, max: number) =>
  z.coerce.number(`is not a number from ${min} to ${max}`).int().min(min).max(max)

/** Every variable of the environment that is read, with what it is when it isn't set. */
const variables = {
  /** Folder of everything that must outlive a restart: the embedded database, keys, mails, memberships. */
  PORTCULLIS_DATA: z.string().min(1).default('data'),
  PORTCULLIS_HOST: z.string().min(1).default('127.0.0.1'),
  PORTCULLIS_PORT: count(0, 65_535).default(8080),
  /** Address that mails and answers name; what the API listens on when absent. */
  PORTCULLIS_PUBLIC_URL: url('http', 'https').optional(),
  /** Zone in which days are counted (S14). */
  PORTCULLIS_ZONE: z
    .string()
    .refine(isZone, 'is not an IANA time zone such as Europe/Berlin')
    .default('UTC'),
  /** JSON file with the connectors; one `file` connector that writes memberships.csv when absent. */
  PORTCULLIS_CONNECTORS: z.string().min(1).optional(),
  PORTCULLIS_MAIL_FROM: z
    .string()
    .max(320)
    .regex(
      /^([^<>]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/,
      'is not an address such as Access <access@example.com>',
    )
    .default('Portcullis <portcullis@localhost>'),
  PORTCULLIS_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info'),
  PORTCULLIS_SWEEP_SECONDS: count(1, 3600).default(60),
  /** Seconds that something stands still before a sweep queues it again. */
  PORTCULLIS_STALE_SECONDS: count(1, 3600).default(60),
  /** Seconds that one connector operation may hold its grant. */
  PORTCULLIS_LEASE_SECONDS: count(2, 3600).default(60),
  /** One PostgreSQL for events, views and jobs; the embedded one when absent. */
  DATABASE_URL: url('postgres', 'postgresql').optional(),
  /** Jobs on Redis; in PostgreSQL when absent. */
  REDIS_URL: url('redis', 'rediss').optional(),
  /** Mails over SMTP; into .eml files of the data folder when absent. Without a password: that has a variable of its own. */
  SMTP_URL: url('smtp', 'smtps').optional(),
  SMTP_USER: z.string().min(1).optional(),
  SMTP_PASSWORD: z.string().min(1).optional(),
  /** Name of the organisation, in mails. */
  PORTCULLIS_ORGANISATION: z.string().min(1).max(200).default('Portcullis'),
} as const

const schema = z.object(variables)

/** Names of the variables and what counts where one isn't set: for the reference page. */
export const configDefaults: Readonly<Record<string, string | undefined>> = Object.fromEntries(
  Object.entries(variables).map(([name, variable]) => [
    name,
    variable.safeParse(undefined).data?.toString(),
  ]),
)

export interface Config {
  /** Absolute. */
  readonly dataDir: string
  readonly host: string
  readonly port: number
  readonly publicUrl: string | undefined
  readonly zone: string
  /** Absolute. */
  readonly connectorsFile: string | undefined
  readonly mailFrom: string
  readonly logLevel: z.infer<(typeof variables)['PORTCULLIS_LOG_LEVEL']>
  readonly sweepSeconds: number
  readonly staleMillis: number
  readonly leaseMillis: number
  readonly databaseUrl: string | undefined
  readonly redisUrl: string | undefined
  readonly smtp:
    | {
        readonly url: string
        readonly auth: { readonly user: string; readonly pass: string } | undefined
      }
    | undefined
  readonly organisation: string
}

/**
 * Reads the configuration from environment variables; empty ones count as not set.
 * @param cwd where relative paths start
 * @throws ConfigError that names each variable and what is wrong with it, never its value
 */
export const readConfig = (
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Config => {
  const given = Object.fromEntries(
    Object.keys(variables).flatMap((name) => {
      const value = env[name]?.trim()
      return value === undefined || value === '' ? [] : [[name, value]]
    }),
  )
  const parsed = schema.safeParse(given)
  if (!parsed.success)
    throw new ConfigError(
      parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`),
    )
  const { data } = parsed
  const absolute = (path: string): string => (isAbsolute(path) ? path : resolve(cwd, path))
  return {
    dataDir: absolute(data.PORTCULLIS_DATA),
    host: data.PORTCULLIS_HOST,
    port: data.PORTCULLIS_PORT,
    publicUrl: data.PORTCULLIS_PUBLIC_URL,
    zone: data.PORTCULLIS_ZONE,
    connectorsFile:
      data.PORTCULLIS_CONNECTORS === undefined ? undefined : absolute(data.PORTCULLIS_CONNECTORS),
    mailFrom: data.PORTCULLIS_MAIL_FROM,
    logLevel: data.PORTCULLIS_LOG_LEVEL,
    sweepSeconds: data.PORTCULLIS_SWEEP_SECONDS,
    staleMillis: data.PORTCULLIS_STALE_SECONDS * 1000,
    leaseMillis: data.PORTCULLIS_LEASE_SECONDS * 1000,
    databaseUrl: data.DATABASE_URL,
    redisUrl: data.REDIS_URL,
    smtp: smtpOf(data),
    organisation: data.PORTCULLIS_ORGANISATION,
  }
}

const smtpOf = ({ SMTP_URL, SMTP_USER, SMTP_PASSWORD }: z.infer<typeof schema>): Config['smtp'] => {
  if (SMTP_URL === undefined) return undefined
  if ((SMTP_USER === undefined) !== (SMTP_PASSWORD === undefined))
    throw new ConfigError(['SMTP_USER and SMTP_PASSWORD go together; set both or neither'])
  const auth =
    SMTP_USER === undefined || SMTP_PASSWORD === undefined
      ? undefined
      : { user: SMTP_USER, pass: SMTP_PASSWORD }
  return { url: SMTP_URL, auth }
}
