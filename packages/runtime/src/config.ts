import { isAbsolute, resolve } from 'node:path'
import { isZone } from '@portcullis/domain'
import { DEFAULT_REDIS_PREFIX, parseRedisAddress, RedisAddressError } from '@portcullis/jobs'
import { isLanguage } from '@portcullis/notifications'
import { z } from 'zod'
import { ConfigError } from './configError.ts'
import { LEAST_CONNECTIONS } from './connectionShares.ts'
import { endAfterOf, HOUR_MILLIS } from './leaversEndAfter.ts'
import { type PagesConfig, pagesOf, pagesVariables } from './pagesConfig.ts'
import { publicUrlOf } from './publicUrl.ts'
import { type RateLimits, rateLimitsOf, rateLimitVariables } from './rateLimitConfig.ts'
import { secretsOfFiles } from './secretFiles.ts'
import { type SignInConfig, signInOf, signInVariables } from './signInConfig.ts'
import { type TracingConfig, tracingOf, tracingVariables } from './tracing/tracingConfig.ts'

export { ConfigError }

const url = (...protocols: readonly string[]) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol.slice(0, -1)),
      `is not a URL starting with ${protocols.map((protocol) => `${protocol}://`).join(' or ')}`,
    )

const redisAddress = (text: string, { addIssue }: { addIssue(message: string): void }): void => {
  try {
    parseRedisAddress(text)
  } catch (error) {
    if (!(error instanceof RedisAddressError)) throw error
    addIssue(error.message)
  }
}

const count = (min: number, max: number) =>
  z.coerce.number(`is not a number from ${min} to ${max}`).int().min(min).max(max)

const mailAddress = z
  .string()
  .max(320)
  .regex(
    /^([^<>]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/,
    'is not an address such as Access <access@example.com>',
  )

/** Every variable of the environment that is read, with what it is when it isn't set. */
const variables = {
  /** Folder of everything that must outlive a restart: the embedded database, keys, mails, memberships. */
  PORTCULLIS_DATA: z.string().min(1).default('data'),
  PORTCULLIS_HOST: z.string().min(1).default('127.0.0.1'),
  PORTCULLIS_PORT: count(0, 65_535).default(8080),
  /** Address that mails and answers name; what the API listens on when absent. */
  PORTCULLIS_PUBLIC_URL: url('http', 'https').optional(),
  /** Where a worker answers probes and lets its metrics be read; an API does so where it listens. */
  PORTCULLIS_WORKER_HOST: z.string().min(1).default('127.0.0.1'),
  PORTCULLIS_WORKER_PORT: count(0, 65_535).default(0),
  /** Seconds that a process goes on after it was told to stop, saying that it isn't ready. */
  PORTCULLIS_DRAIN_SECONDS: count(0, 300).default(0),
  /** Seconds that a view may be behind the log in a process that is ready; 0: as long as it likes. */
  PORTCULLIS_READY_LAG_SECONDS: count(0, 86_400).default(300),
  /** Zone in which days are counted (S14). */
  PORTCULLIS_ZONE: z
    .string()
    .refine(isZone, 'is not an IANA time zone such as Europe/Berlin')
    .default('UTC'),
  /** Language of mails, and of dates in them, for people without one of their own. */
  PORTCULLIS_LOCALE: z
    .string()
    .refine(isLanguage, 'is not a language tag (BCP 47) such as de or pt-BR')
    .default('en'),
  /** JSON file with the connectors; one `file` connector that writes memberships.csv when absent. */
  PORTCULLIS_CONNECTORS: z.string().min(1).optional(),
  PORTCULLIS_MAIL_FROM: mailAddress.default('Portcullis <portcullis@localhost>'),
  /** Where answers to mails go; to their sender when absent. */
  PORTCULLIS_MAIL_REPLY_TO: mailAddress.optional(),
  /** Minutes that mails to an approver wait for others, to go as one; 0: each goes at once. */
  PORTCULLIS_MAIL_DIGEST_MINUTES: count(0, 1440).default(0),
  /** Folder of templates that go before the built-in ones. */
  PORTCULLIS_MAIL_TEMPLATES: z.string().min(1).optional(),
  PORTCULLIS_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info'),
  /** How many an import, or leavers, may lose without confirmation: so many, or that part of all if that is more. */
  PORTCULLIS_REMOVALS_MOST: count(0, 1_000_000).default(10),
  PORTCULLIS_REMOVALS_PERCENT: z.coerce
    .number('is not a number from 0 to 100')
    .min(0)
    .max(100)
    .default(5),
  /** What goes within so many hours counts together; 0: each import, and each sweep, separately. */
  PORTCULLIS_REMOVALS_HOURS: count(0, 8760).default(24),
  /** How long somebody who left keeps what they have: days and hours, or `never` to have it stay. */
  PORTCULLIS_LEAVERS_END_AFTER: z
    .string()
    .regex(
      /^(?:never|P(?=\d|T\d)(?:\d{1,4}D)?(?:T\d{1,5}H)?)$/,
      'is neither never nor a time of days and hours such as P1D or PT12H',
    )
    .default('P1D'),
  PORTCULLIS_SWEEP_SECONDS: count(1, 3600).default(60),
  /** Seconds before a sweep takes something unfinished for stale and queues it again. */
  PORTCULLIS_STALE_SECONDS: count(1, 3600).default(60),
  /** Seconds that one connector operation may hold its grant. */
  PORTCULLIS_LEASE_SECONDS: count(2, 3600).default(60),
  /** Hours from the end of one check of the promises on the log to the next; 0: only when somebody asks. */
  PORTCULLIS_PROMISES_HOURS: count(0, 8760).default(24),
  /** One PostgreSQL for events, views and jobs; the embedded one when absent. */
  DATABASE_URL: url('postgres', 'postgresql').optional(),
  /** Most connections of a process to it. */
  PORTCULLIS_DATABASE_CONNECTIONS: count(LEAST_CONNECTIONS, 1000).default(60),
  /** For `portcullis migrate` alone: the role that owns the log's tables, where the engine's may only add to them. */
  MIGRATION_DATABASE_URL: url('postgres', 'postgresql').optional(),
  /** Events in EventStoreDB or KurrentDB; in PostgreSQL when absent. The client reads the rest of the address. */
  EVENTSTORE_URL: z
    .string()
    .regex(
      /^(?:esdb|kurrentdb)(?:\+discover)?:\/\//,
      'does not start with esdb://, esdb+discover:// or kurrentdb://',
    )
    .optional(),
  /** Put before the names of our streams there, so that several installations can share one server. */
  EVENTSTORE_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9_]{1,64}$/, 'is not 1 to 64 letters, digits and _')
    .optional(),
  /** Jobs on Redis; in PostgreSQL when absent. */
  REDIS_URL: z.string().superRefine(redisAddress).optional(),
  /** What keys begin with there, so that several installations can share one server. */
  REDIS_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'is not 1 to 64 letters, digits, _, - and .')
    .default(DEFAULT_REDIS_PREFIX),
  /** Mails over SMTP; into .eml files of the data folder when absent. The password has its own variable. */
  SMTP_URL: url('smtp', 'smtps').optional(),
  SMTP_USER: z.string().min(1).optional(),
  SMTP_PASSWORD: z.string().min(1).optional(),
  /** Name of the organisation, in mails. */
  PORTCULLIS_ORGANISATION: z.string().min(1).max(200).default('Portcullis'),
  ...pagesVariables,
  ...rateLimitVariables,
  ...signInVariables,
  ...tracingVariables,
} as const

const schema = z.object(variables)

/** Names of the variables and what counts where one isn't set: for the reference page. */
export const configDefaults: Readonly<Record<string, string | undefined>> = Object.fromEntries(
  Object.entries(variables).map(([name, variable]) => [
    name,
    variable.safeParse(undefined).data?.toString(),
  ]),
)

export interface Config extends PagesConfig {
  /** Absolute. */
  readonly dataDir: string
  readonly host: string
  readonly port: number
  readonly workerHost: string
  readonly workerPort: number
  readonly drainMillis: number
  readonly readyLagSeconds: number
  readonly publicUrl: string | undefined
  readonly zone: string
  readonly locale: string
  /** Absolute. */
  readonly connectorsFile: string | undefined
  readonly mailFrom: string
  readonly mailReplyTo: string | undefined
  readonly mailDigestMillis: number
  /** Absolute. */
  readonly mailTemplates: string | undefined
  readonly logLevel: z.infer<(typeof variables)['PORTCULLIS_LOG_LEVEL']>
  /** `share` is from 0 to 1. */
  readonly removals: Readonly<Record<'most' | 'share' | 'withinMillis', number>>
  /** Null: what leavers have stays. */
  readonly leaversEndAfterMillis: number | null
  readonly sweepSeconds: number
  readonly staleMillis: number
  readonly leaseMillis: number
  /** Null: only when somebody asks. */
  readonly promisesEveryMillis: number | null
  readonly databaseUrl: string | undefined
  readonly databaseConnections: number
  readonly migrationDatabaseUrl: string | undefined
  readonly eventStore: { readonly url: string; readonly prefix: string } | undefined
  readonly redisUrl: string | undefined
  readonly redisPrefix: string
  readonly smtp:
    | {
        readonly url: string
        readonly auth: { readonly user: string; readonly pass: string } | undefined
      }
    | undefined
  readonly organisation: string
  readonly rateLimits: RateLimits
  /** Addresses and networks (CIDR). */
  readonly trustedProxies: readonly string[]
  /** Undefined: nobody signs in to the portal. */
  readonly signIn: SignInConfig | undefined
  /** Undefined: nothing is traced. */
  readonly tracing: TracingConfig | undefined
}

/**
 * Reads the configuration from environment variables; empty ones count as not set. A secret may be in a file, which its
 * name with `_FILE` names.
 * @param cwd where relative paths start
 * @throws ConfigError that names each variable and what is wrong with it, never its value
 */
export const readConfig = (
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Config => {
  const texts = { ...env, ...secretsOfFiles(env, cwd) }
  const given = Object.fromEntries(
    Object.keys(variables).flatMap((name) => {
      const value = texts[name]?.trim()
      return value === undefined || value === '' ? [] : [[name, value]]
    }),
  )
  const parsed = schema.safeParse(given)
  if (!parsed.success)
    throw new ConfigError(
      parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`),
    )
  const { data } = parsed
  function absolute(path: string): string
  function absolute(path: string | undefined): string | undefined
  function absolute(path: string | undefined): string | undefined {
    return path === undefined || isAbsolute(path) ? path : resolve(cwd, path)
  }
  const reached = {
    host: data.PORTCULLIS_HOST,
    port: data.PORTCULLIS_PORT,
    publicUrl: data.PORTCULLIS_PUBLIC_URL,
  }
  return {
    ...reached,
    dataDir: absolute(data.PORTCULLIS_DATA),
    workerHost: data.PORTCULLIS_WORKER_HOST,
    workerPort: data.PORTCULLIS_WORKER_PORT,
    drainMillis: data.PORTCULLIS_DRAIN_SECONDS * 1000,
    readyLagSeconds: data.PORTCULLIS_READY_LAG_SECONDS,
    zone: data.PORTCULLIS_ZONE,
    locale: data.PORTCULLIS_LOCALE,
    connectorsFile: absolute(data.PORTCULLIS_CONNECTORS),
    mailFrom: data.PORTCULLIS_MAIL_FROM,
    mailReplyTo: data.PORTCULLIS_MAIL_REPLY_TO,
    mailDigestMillis: data.PORTCULLIS_MAIL_DIGEST_MINUTES * 60_000,
    mailTemplates: absolute(data.PORTCULLIS_MAIL_TEMPLATES),
    logLevel: data.PORTCULLIS_LOG_LEVEL,
    removals: {
      most: data.PORTCULLIS_REMOVALS_MOST,
      share: data.PORTCULLIS_REMOVALS_PERCENT / 100,
      withinMillis: data.PORTCULLIS_REMOVALS_HOURS * HOUR_MILLIS,
    },
    leaversEndAfterMillis: endAfterOf(data.PORTCULLIS_LEAVERS_END_AFTER),
    sweepSeconds: data.PORTCULLIS_SWEEP_SECONDS,
    staleMillis: data.PORTCULLIS_STALE_SECONDS * 1000,
    leaseMillis: data.PORTCULLIS_LEASE_SECONDS * 1000,
    promisesEveryMillis: data.PORTCULLIS_PROMISES_HOURS * 3_600_000 || null,
    databaseUrl: data.DATABASE_URL,
    databaseConnections: data.PORTCULLIS_DATABASE_CONNECTIONS,
    migrationDatabaseUrl: data.MIGRATION_DATABASE_URL,
    eventStore: eventStoreOf(data),
    redisUrl: data.REDIS_URL,
    redisPrefix: data.REDIS_PREFIX,
    smtp: smtpOf(data),
    organisation: data.PORTCULLIS_ORGANISATION,
    ...pagesOf(data),
    rateLimits: rateLimitsOf(data),
    trustedProxies: data.PORTCULLIS_TRUSTED_PROXIES ?? [],
    signIn: signInOf(data, publicUrlOf(reached)),
    tracing: tracingOf(data),
  }
}

const eventStoreOf = ({
  EVENTSTORE_URL,
  EVENTSTORE_PREFIX,
}: z.infer<typeof schema>): Config['eventStore'] => {
  if (EVENTSTORE_URL !== undefined) return { url: EVENTSTORE_URL, prefix: EVENTSTORE_PREFIX ?? '' }
  if (EVENTSTORE_PREFIX !== undefined)
    throw new ConfigError(['EVENTSTORE_PREFIX says nothing without EVENTSTORE_URL; set both'])
  return undefined
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
