import { randomUUID } from 'node:crypto'
import {
  createBulkHandler,
  createCommandHandler,
  type EventStore,
  noTracing,
  type RecordedEvent,
} from '@portcullis/core'
import { type FakeClock, fakeClock } from '@portcullis/core/testing'
import {
  createDirectory,
  createImportLedger,
  type Directory,
  type ImportLedger,
  migrateDirectory,
} from '@portcullis/directory'
import { eventSchemas, eventUpcasters, type PortcullisEvent } from '@portcullis/domain'
import { createCodec, createPostgresEventStore } from '@portcullis/event-store'
import {
  createFinishedRuns,
  createVirtualJobs,
  type FinishedRuns,
  migrateRuns,
  type VirtualJobs,
} from '@portcullis/jobs'
import { createOutbox, migrateOutbox, type OutgoingMail } from '@portcullis/notifications'
import { createFiringTurns } from '@portcullis/postgres'
import { testDatabase } from '@portcullis/postgres/testing'
import type { PromiseRecords } from '@portcullis/promises'
import type { Connector, DriftPolicy } from '@portcullis/provisioning'
import { createDriftRecords, type DriftRecords, migrateDrift } from '@portcullis/provisioning'
import {
  createProgress,
  createSubscriptions,
  migrateSubscriptions,
  type Subscriptions,
} from '@portcullis/subscriptions'
import {
  createPeopleViews,
  createProblemFindings,
  createProjections,
  createPromiseRecords,
  createViews,
  migrateProblems,
  migratePromises,
  type PeopleViews,
  type ProblemFindings,
  type Projections,
  type Views,
} from '@portcullis/views'
import type pg from 'pg'
import { ensureDefaultCatalog } from '../commands/defaultCatalog.ts'
import type { DriftDependencies } from '../drift/driftDependencies.ts'
import { createStates, type States } from '../facts/states.ts'
import { type Application, createApplication, silentLog } from '../index.ts'
import { createPeopleCare } from '../people/lookAfterPeople.ts'
import {
  createReactors,
  JOB_ROUTER,
  MAIL_REACTOR,
  type Reactors,
  registerReactors,
} from '../reactors.ts'
import type { BatchDependencies } from '../reconcile/batch.ts'
import { createRolePackages } from '../reconcile/rolePackages.ts'
import { logImports } from '../work/directoryImports.ts'
import type { SweepDependencies } from '../work/sweep.ts'
import { createWorker, type Worker } from '../work/worker.ts'
import { DEFAULT_WORKER_SETTINGS } from '../work/workerDependencies.ts'
import { collectingMailer } from './collectingMailer.ts'
import { importOrganisation } from './organisation.ts'
import { createTarget, type Target } from './target.ts'

/** When every test's clock starts: a Monday, 10:00 in Berlin. */
export const START = '2026-06-01T08:00:00.000Z'
const PATIENCE = 60_000
const DAY_SECONDS = 86_400
/** A virtual day passes in a moment: sweeps are rare, and alarms are set a little further ahead. */
const SETTINGS = {
  ...DEFAULT_WORKER_SETTINGS,
  sweepSeconds: DAY_SECONDS,
  horizonMillis: (DAY_SECONDS + 3600) * 1000,
  promisesEveryMillis: null,
}

/**
 * The engine on real parts but the queue, the clock, the target systems and the mail server. Nothing runs on its own:
 * `start` it, then `settle`.
 */
export interface TestEngine {
  readonly pool: pg.Pool
  readonly clock: FakeClock
  readonly store: EventStore
  readonly jobs: VirtualJobs
  readonly directory: Directory
  readonly views: Views
  readonly projections: Projections
  readonly reactors: Reactors
  readonly application: Application
  readonly driftRecords: DriftRecords
  readonly problemFindings: ProblemFindings
  readonly promiseRecords: PromiseRecords
  readonly subscriptions: Subscriptions
  readonly runs: FinishedRuns
  readonly imports: ImportLedger
  readonly peopleViews: PeopleViews
  /** By connector; empty: nothing is scanned automatically. */
  readonly driftPolicies: Map<string, DriftPolicy>
  /** Targets behind the connectors of these names. */
  readonly main: Target
  readonly other: Target
  readonly mails: readonly OutgoingMail[]
  readonly worker: Worker
  /** What the job handlers work with. */
  readonly parts: BatchDependencies &
    SweepDependencies &
    DriftDependencies & {
      readonly handle: ReturnType<typeof createCommandHandler>
      readonly states: States
      readonly peopleViews: PeopleViews
    }
  /** Runs views, reactors and job workers, as a worker process does. */
  start(): Promise<void>
  /** Ends them, as a process that is told to stop. */
  stop(): Promise<void>
  /** Brings the views up to the end of the log, without any reactor. */
  project(): Promise<void>
  /** Waits until views and reactors have seen the whole log; runs no job. */
  caughtUp(): Promise<void>
  /** Runs until views and reactors have seen the whole log and no job is due. */
  settle(): Promise<void>
  /** Settles, then moves the clock from one due job to the next, up to an instant. */
  settleUntil(instant: string): Promise<void>
  events(stream: string): Promise<readonly RecordedEvent<PortcullisEvent>[]>
  typesOf(stream: string): Promise<readonly string[]>
  close(): Promise<void>
}

/** @param connectors instead of those of their names */
export const openTestEngine = async (
  connectors: readonly Connector[] = [],
): Promise<TestEngine> => {
  const database = await testDatabase()
  const { pool } = database
  const clock = fakeClock(START)
  const store = await createPostgresEventStore({
    url: database.url,
    codec: createCodec(eventSchemas, eventUpcasters),
  })
  await migrateSubscriptions(pool)
  await migrateDirectory(pool)
  await migrateOutbox(pool)
  await migrateDrift(pool)
  await migrateProblems(pool)
  await migratePromises(pool)
  await migrateRuns(pool)
  await importOrganisation(pool, undefined, { now: START })
  const directory = createDirectory(pool)
  const projections = createProjections({ pool, store, clock })
  await projections.migrate()
  const subscriptions = createSubscriptions(pool)
  await registerReactors({ store, subscriptions, clock })
  await ensureDefaultCatalog({ store, clock })
  const main = createTarget('main')
  const other = createTarget('other')
  const jobs = createVirtualJobs(clock)
  const outbox = createOutbox(pool)
  const mails: OutgoingMail[] = []
  const mailLookups = { history: (stream: string) => store.readStream(stream), directory }
  const common = {
    pool,
    store,
    clock,
    jobs,
    directory,
    projections,
    subscriptions,
    reactors: createReactors({ subscriptions, store }),
    turns: createFiringTurns(pool),
    runs: createFinishedRuns(pool),
    imports: createImportLedger(pool),
    peopleViews: createPeopleViews(pool),
    outbox,
    views: createViews(pool),
    progress: createProgress(pool),
    newId: () => randomUUID(),
    log: silentLog,
    connectors: new Map([main, other, ...connectors].map((target) => [target.name, target])),
    driftPolicies: new Map<string, DriftPolicy>(),
    driftRecords: createDriftRecords(pool),
    problemFindings: createProblemFindings(pool),
    promiseRecords: createPromiseRecords(pool),
    settings: SETTINGS,
  }
  const worker = createWorker({
    ...common,
    mailLookups,
    mailer: collectingMailer({ outbox, clock, lookups: mailLookups, mails }),
  })
  const application = createApplication(common)
  let running: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined

  const start = async (): Promise<void> => {
    const stop = new AbortController()
    running = { stop, ended: worker.run(stop.signal) }
    await worker.schedule()
  }
  const stop = async (): Promise<void> => {
    running?.stop.abort()
    await running?.ended
    running = undefined
  }
  const caughtUp = async (): Promise<void> => {
    const head = await store.head()
    const seen =
      (await projections.waitFor(head, PATIENCE)) &&
      (await common.progress.waitFor([JOB_ROUTER, MAIL_REACTOR], head, PATIENCE))
    if (!seen) throw new Error(`views or reactors did not reach ${head}`)
  }
  const settle = async (): Promise<void> => {
    for (;;) {
      const head = await store.head()
      await caughtUp()
      if ((await jobs.runDue()) === 0 && (await store.head()) === head) return
    }
  }
  const events = async (stream: string) =>
    (await store.readStream(stream)) as readonly RecordedEvent<PortcullisEvent>[]

  return {
    ...common,
    application,
    main,
    other,
    mails,
    worker,
    parts: {
      ...common,
      ...SETTINGS,
      handle: createCommandHandler({ store, clock }),
      handleMany: createBulkHandler({ store, clock }),
      states: createStates(store),
      logImports: () => logImports(common),
      lookAfterPeople: createPeopleCare({
        ...common,
        handleMany: createBulkHandler({ store, clock }),
        leavers: SETTINGS.leavers,
      }),
      rolePackages: createRolePackages(common),
      now: () => clock.now(),
      tracing: noTracing,
    },
    start,
    stop,
    project: async () => {
      const abort = new AbortController()
      const ended = projections.run(abort.signal)
      const reached = await projections.waitFor(await store.head(), PATIENCE)
      abort.abort()
      await ended
      if (!reached) throw new Error('the views did not reach the end of the log')
    },
    caughtUp,
    settle,
    settleUntil: async (instant) => {
      await settle()
      for (
        let due = jobs.nextDueAt();
        due !== undefined && due <= instant;
        due = jobs.nextDueAt()
      ) {
        if (due > clock.now()) clock.set(due)
        await settle()
      }
      clock.set(instant)
      await settle()
    },
    events,
    typesOf: async (stream) => (await events(stream)).map(({ type }) => type),
    close: async () => {
      await stop()
      await store.close()
      await database.close()
    },
  }
}
