import { randomUUID } from 'node:crypto'
import type { Clock, EventStore, Jobs } from '@portcullis/core'
import { createDirectory, type Directory, migrateDirectory } from '@portcullis/directory'
import { eventSchemas } from '@portcullis/domain'
import {
  type Application,
  createApplication,
  createWorker,
  ensureDefaultCatalog,
  errorText,
  type Log,
  registerReactors,
  type Worker,
  type WorkerSettings,
} from '@portcullis/engine'
import { createCodec, createPostgresEventStore } from '@portcullis/event-store'
import { createBullJobs } from '@portcullis/jobs'
import { type MailTransport, migrateOutbox } from '@portcullis/notifications'
import {
  createPool,
  createProgress,
  migrateSubscriptions,
  type Progress,
} from '@portcullis/postgres'
import type { Connector } from '@portcullis/provisioning'
import { createProjections, createViews, type Projections, type Views } from '@portcullis/views'
import type pg from 'pg'
import type { Config } from './config.ts'
import { openConnectors } from './connectors.ts'
import { openDatabase } from './database.ts'
import { type Mail, openMail } from './mail.ts'
import { systemClock } from './systemClock.ts'

export interface RuntimeOptions {
  readonly log: Log
  /** The machine's clock when absent. */
  readonly clock?: Clock
  readonly newId?: () => string
  /** attach: the embedded database must run already, as for a command beside a running engine. own: starts it where it doesn't. */
  readonly database: 'own' | 'attach'
  /** Instead of BullMQ, SMTP and the configured connectors: for the time-lapse. */
  readonly swap?: {
    readonly jobs?: (clock: Clock) => Jobs
    readonly transport?: MailTransport
    readonly connectors?: ReadonlyMap<string, Connector>
  }
}

/** Everything that the configuration names, opened: the parts that services put together. */
export interface Runtime {
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
  readonly databaseUrl: string
  readonly pool: pg.Pool
  readonly store: EventStore
  readonly directory: Directory
  readonly views: Views
  readonly projections: Projections
  readonly progress: Progress
  readonly application: Application
  /** Opens queues, connectors and mail, which only workers need. */
  worker(settings: WorkerSettings): Promise<RunningParts>
  close(): Promise<void>
}

export interface RunningParts {
  readonly worker: Worker
  readonly jobs: Jobs
  readonly mail: Mail
  readonly connectors: ReadonlyMap<string, Connector>
  /** Jobs under way finish, or go back to the queue after `graceMs`. */
  close(graceMs?: number): Promise<void>
}

const POOL_CONNECTIONS = 20

export const openRuntime = async (config: Config, options: RuntimeOptions): Promise<Runtime> => {
  const { log, clock = systemClock, newId = randomUUID } = options
  const database = await openDatabase(config, options.database, log)
  const pool = createPool(database.url, {
    max: POOL_CONNECTIONS,
    applicationName: 'portcullis',
    onError: (error) => log.warn({ error: errorText(error) }, 'a database connection was lost'),
  })
  let store: EventStore | undefined
  const close = async (): Promise<void> => {
    await store?.close()
    await pool.end()
    await database.stop()
  }
  try {
    store = await createPostgresEventStore({
      url: database.url,
      codec: createCodec(eventSchemas),
      log: (message) => log.warn({}, message),
    })
    await migrateSubscriptions(pool)
    await migrateDirectory(pool)
    await migrateOutbox(pool)
    const projections = createProjections({
      pool,
      store,
      clock,
      onProblem: ({ name, kind, error, position }) =>
        log.error(
          { projection: name, kind, position: position?.toString(), error: errorText(error) },
          kind === 'paused' ? 'a projection stands still' : 'a projection tries again',
        ),
    })
    await projections.migrate(({ name, events }) => log.info({ name, events }, 'filling a view'))
    await registerReactors({ store, pool, clock })
    await ensureDefaultCatalog({ store, clock })
    const opened = {
      store,
      pool,
      clock,
      directory: createDirectory(pool),
      views: createViews(pool),
      projections,
      progress: createProgress(pool),
    }
    return {
      ...opened,
      config,
      log,
      databaseUrl: database.url,
      application: createApplication(opened),
      worker: (settings) =>
        openWorker(config, options, { ...opened, log, newId }, database.url, settings),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

type Opened = Pick<
  Runtime,
  'store' | 'pool' | 'clock' | 'directory' | 'views' | 'projections' | 'progress' | 'log'
> & { readonly newId: () => string }

const openWorker = async (
  config: Config,
  { swap }: RuntimeOptions,
  opened: Opened,
  databaseUrl: string,
  settings: WorkerSettings,
): Promise<RunningParts> => {
  const { clock, log } = opened
  const connectors = swap?.connectors ?? (await openConnectors(config, clock))
  const jobs =
    swap?.jobs?.(clock) ??
    createBullJobs(
      config.redisUrl === undefined
        ? { kind: 'postgres', url: databaseUrl }
        : { kind: 'redis', url: config.redisUrl },
      { clock, log },
    )
  const mail = openMail(config, opened, swap?.transport)
  const worker = createWorker({
    ...opened,
    jobs,
    connectors,
    outbox: mail.outbox,
    mailer: mail.mailer,
    mailLookups: mail.lookups,
    settings,
  })
  return {
    worker,
    jobs,
    mail,
    connectors,
    close: async (graceMs) => {
      await jobs.close(graceMs)
      await mail.close()
      for (const connector of connectors.values()) await connector.close()
    },
  }
}
