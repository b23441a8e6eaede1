import { randomUUID } from 'node:crypto'
import { type Clock, type EventStore, type Jobs, type Tracing, toMillis } from '@portcullis/core'
import {
  type Application,
  createApplication,
  createReactors,
  createWorker,
  ensureDefaultCatalog,
  errorText,
  type Log,
  type Reactors,
  registerReactors,
  tellLogAhead,
  type Worker,
  type WorkerSettings,
} from '@portcullis/engine'
import { createBullJobs } from '@portcullis/jobs'
import type { MailTransport } from '@portcullis/notifications'
import { createPool, type UseOfDatabase, useBesideOthers } from '@portcullis/postgres'
import type { Connector, DriftPolicy } from '@portcullis/provisioning'
import {
  createSubscriptions,
  migrateSubscriptions,
  type Subscriptions,
} from '@portcullis/subscriptions'
import { createProjections, type Projections } from '@portcullis/views'
import type pg from 'pg'
import type { Config } from './config.ts'
import { shareConnections } from './connectionShares.ts'
import { openConnectors, readDriftPolicies } from './connectors.ts'
import { migrating, openDatabase, SERVER_FULL } from './database.ts'
import { createDatabasePorts, type DatabasePorts, migrateBeside } from './databasePorts.ts'
import { claimLogFor, openEventStore } from './eventStore.ts'
import { type Mail, openMail } from './mail.ts'
import { createInstruments, type Instruments } from './metrics/instruments.ts'
import { observedApplication } from './observed/observedApplication.ts'
import { observedConnector } from './observed/observedConnector.ts'
import { observedJobs } from './observed/observedJobs.ts'
import { observedMailer } from './observed/observedMail.ts'
import { observedStore } from './observed/observedStore.ts'
import { checkRedis, jobsServerOf } from './redis.ts'
import { systemClock } from './systemClock.ts'
import { openTracing } from './tracing/openTracing.ts'

export interface RuntimeOptions {
  readonly log: Log
  /** The machine's clock when absent. */
  readonly clock?: Clock
  readonly newId?: () => string
  /** What is counted here is told as the process' own; on its own when absent. */
  readonly instruments?: Instruments
  /**
   * attach: the embedded database must run already, as for a command beside a running engine. own: starts it where it
   * doesn't.
   */
  readonly database: 'own' | 'attach'
  /** Instead of BullMQ, SMTP and the configured connectors: for the time-lapse. */
  readonly swap?: {
    readonly jobs?: (clock: Clock) => Jobs
    readonly transport?: MailTransport
    readonly connectors?: ReadonlyMap<string, Connector>
    /** With `connectors`; none of theirs is scanned for drift automatically without it. */
    readonly driftPolicies?: ReadonlyMap<string, DriftPolicy>
  }
}

/** Everything that the configuration names, opened: the parts that services put together. */
export interface Runtime extends DatabasePorts {
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
  readonly databaseUrl: string
  readonly instruments: Instruments
  readonly pool: pg.Pool
  readonly store: EventStore
  readonly projections: Projections
  readonly reactors: Reactors
  readonly application: Application
  readonly tracing: Tracing
  /** Opens queues, connectors and mail, which only workers need. */
  worker(settings: WorkerSettings): Promise<RunningParts>
  /**
   * Resolves when the database isn't for engines any more, which was found out after its connection had been lost:
   * stop.
   */
  readonly evicted: Promise<Error>
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

export const openRuntime = async (config: Config, options: RuntimeOptions): Promise<Runtime> => {
  const { log, clock = systemClock, newId = randomUUID } = options
  const instruments = options.instruments ?? createInstruments({ process: false })
  const database = await openDatabase(config, options.database, log)
  const { tracing, close: endTracing } = await openTracing(config.tracing, log)
  const shares = shareConnections(config)
  const pool = createPool(database.url, {
    max: shares.engine,
    applicationName: 'portcullis',
    onError: (error) => log.warn({ error: errorText(error) }, 'a database connection was lost'),
    onFull: (error) => log.warn({ error: errorText(error) }, SERVER_FULL),
  })
  const evicted = Promise.withResolvers<Error>()
  let store: EventStore | undefined
  let use: UseOfDatabase | undefined
  const close = async (): Promise<void> => {
    await use?.end()
    await store?.close()
    await pool.end()
    await database.stop()
    await endTracing()
  }
  try {
    use = await useBesideOthers(database.url, {
      applicationName: 'portcullis',
      onEvicted: evicted.resolve,
    })
    const made = await migrating(database.url, log, async () => {
      const events = observedStore(
        await openEventStore(config, database.url, log),
        { instruments, tracing },
        config.eventStore === undefined ? 'postgresql' : 'eventstoredb',
      )
      store = events
      await migrateSubscriptions(pool)
      await claimLogFor(config, events, pool, () => ensureDefaultCatalog({ store: events, clock }))
      await migrateBeside(pool)
      const projections = createProjections({
        pool,
        store: events,
        clock,
        tracing,
        onProblem: ({ name, kind, error, position }) =>
          log.error(
            { projection: name, kind, position: position?.toString(), error: errorText(error) },
            kind === 'paused' ? 'a projection is paused' : 'a projection tries again',
          ),
      })
      await projections.migrate(({ name, events: count }) =>
        log.info({ name, events: count }, 'filling a view'),
      )
      const subscriptions = createSubscriptions(pool)
      await registerReactors({ store: events, subscriptions, clock })
      if (options.database === 'own') await tellLogAhead({ store: events, clock }, log)
      return { store: events, projections, subscriptions }
    })
    const opened = {
      ...made,
      pool,
      clock,
      ...createDatabasePorts(pool),
      reactors: createReactors(made),
      tracing,
    }
    return {
      ...opened,
      config,
      log,
      databaseUrl: database.url,
      instruments,
      application: observedApplication(createApplication(opened), { instruments, tracing }),
      worker: (settings) =>
        openWorker(config, options, { ...opened, log, newId, instruments }, database.url, settings),
      evicted: evicted.promise,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

type Opened = DatabasePorts &
  Pick<Runtime, 'store' | 'pool' | 'clock' | 'projections' | 'log' | 'tracing' | 'instruments'> & {
    readonly newId: () => string
    readonly subscriptions: Subscriptions
  }

const openWorker = async (
  config: Config,
  { swap }: RuntimeOptions,
  opened: Opened,
  databaseUrl: string,
  settings: WorkerSettings,
): Promise<RunningParts> => {
  const { clock, log, instruments } = opened
  const connectors = new Map(
    [...(swap?.connectors ?? (await openConnectors(config, opened)))].map(([name, connector]) => [
      name,
      observedConnector(connector, opened),
    ]),
  )
  const driftPolicies =
    swap?.connectors === undefined
      ? await readDriftPolicies(config)
      : (swap.driftPolicies ?? new Map())
  if (swap?.jobs === undefined) await checkRedis(config, log)
  const jobs = observedJobs(
    swap?.jobs?.(clock) ??
      createBullJobs(jobsServerOf(config, databaseUrl, shareConnections(config).jobs), {
        clock,
        log,
      }),
    opened,
  )
  const mail = openMail(config, opened, swap?.transport)
  const worker = createWorker({
    ...opened,
    jobs,
    connectors,
    driftPolicies,
    outbox: mail.outbox,
    mailer: observedMailer(mail.mailer, opened),
    mailLookups: mail.lookups,
    settings,
    onWithoutEffect: (command) => instruments.withoutEffect.inc({ command }),
    onOverdue: (kind) => instruments.overdue.inc({ kind }),
    onFired: ({ kind, dueAt }, at) =>
      instruments.deadlines.observe({ kind }, (toMillis(at) - toMillis(dueAt)) / 1000),
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
