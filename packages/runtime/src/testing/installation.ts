import { randomBytes } from 'node:crypto'
import { startRedis } from '@portcullis/jobs/testing'
import { testDatabase } from '@portcullis/postgres/testing'

/** Which size of installation a run of the end-to-end tests is about; `embedded` when absent. */
export const SIZE_VARIABLE = 'PORTCULLIS_TEST_SIZE'
/** Where the run's event store is, for every test process of the size `cluster`. */
export const TEST_EVENTSTORE_URL = 'PORTCULLIS_TEST_EVENTSTORE_URL'

/** How many processes serve, each with connections, subscriptions and queues of its own. */
interface Processes {
  readonly apis: number
  readonly workers: number
}

/**
 * embedded: all in one process. server: one PostgreSQL for events, views and jobs. cluster: events in EventStoreDB,
 * jobs on Redis, views in PostgreSQL.
 * `together`: the API and the worker are one.
 */
const SIZES = {
  embedded: { apis: 1, workers: 1, together: true },
  server: { apis: 2, workers: 2, together: false },
  cluster: { apis: 2, workers: 3, together: false },
} as const satisfies Readonly<Record<string, Processes & { readonly together: boolean }>>

export type Size = keyof typeof SIZES

const isSize = (text: string): text is Size => Object.hasOwn(SIZES, text)

/** The size that this run is about. @throws when the environment names another one */
export const sizeOfRun = (): Size => {
  const text = process.env[SIZE_VARIABLE] ?? 'embedded'
  if (isSize(text)) return text
  throw new Error(`${SIZE_VARIABLE}: ${text} is not one of ${Object.keys(SIZES).join(', ')}`)
}

/** What an engine of the run's size stands on, of its own. */
export interface Installation extends Processes {
  readonly size: Size
  /** Whether one process is both API and worker. */
  readonly together: boolean
  /** Variables of the configuration that name the servers. */
  readonly env: Readonly<Record<string, string>>
  /** Ends what was started for it, and drops its database. */
  close(): Promise<void>
}

/**
 * An empty database, and in the size `cluster` a prefix in the run's event store and a Redis: nothing of it is shared
 * with another engine.
 * In the size `embedded` the database is one of the run's server, which is embedded too; that an engine starts its own
 * is shown by the specs of the command line.
 */
export const openInstallation = async (): Promise<Installation> => {
  const size = sizeOfRun()
  const database = await testDatabase()
  const common = { size, ...SIZES[size] }
  if (size !== 'cluster')
    return { ...common, env: { DATABASE_URL: database.url }, close: () => database.close() }
  const eventStoreUrl = process.env[TEST_EVENTSTORE_URL]
  if (eventStoreUrl === undefined) throw new Error(`${TEST_EVENTSTORE_URL} is not set`)
  const redis = await startRedis()
  return {
    ...common,
    env: {
      DATABASE_URL: database.url,
      EVENTSTORE_URL: eventStoreUrl,
      EVENTSTORE_PREFIX: `e2e_${randomBytes(6).toString('hex')}_`,
      REDIS_URL: redis.url,
    },
    close: async () => {
      await database.close()
      await redis.stop()
    },
  }
}
