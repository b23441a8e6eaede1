import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger, createTokenIssuer, type RunningApi, startApi } from '@portcullis/api'
import type { DirectoryRole } from '@portcullis/domain'
import { JOB_ROUTER, MAIL_REACTOR, QUEUES } from '@portcullis/engine'
import type { Connector, DriftPolicy } from '@portcullis/provisioning'
import {
  dataPaths,
  openConnectors,
  openRuntime,
  type Runtime,
  readConfig,
} from '@portcullis/runtime'
import { type Installation, openInstallation } from '@portcullis/runtime/testing'
import { type RunningWorker, startWorker } from '@portcullis/worker'
import { DateTime, type DurationLikeObject } from 'luxon'
import { type Caller, createCaller, type Line } from './caller.ts'
import { type MovableClock, movableClock } from './clock.ts'
import { type ReceivedMail, startMailServer } from './mailServer.ts'
import { importOrganisation, ORGANISATION, type Organisation } from './organisation.ts'
import { createTarget, type Target } from './target.ts'
import { noteProblem, until } from './until.ts'

/** When every engine's clock starts: a Monday, 10:00 in Berlin. It stands still until it is moved. */
export const START = '2026-06-01T08:00:00.000Z'
export const ZONE = 'Europe/Berlin'

/**
 * The engine as it is installed: APIs on ports, workers, PostgreSQL, mail server; in the size `cluster` EventStoreDB
 * and Redis too. Only the clock and the target systems are the tests' own.
 * More than one process is shown by as many runtimes in the test's process: each has connections, subscriptions and
 * queues of its own, and shares nothing with the others but the clock and the targets.
 */
export interface Engine {
  readonly clock: MovableClock
  readonly steady: Target
  readonly shaky: Target
  readonly mails: readonly ReceivedMail[]
  readonly installation: Installation
  /** Of the first API. */
  readonly runtime: Runtime
  /** Of the other processes, where there are more. */
  readonly others: readonly Runtime[]
  /** Of the first API. Callers take turns at all of them. */
  readonly url: string
  /** Somebody of the directory. */
  as(personId: string): Caller
  /** An upstream service whose token carries these roles. */
  asService(id: string, ...roles: readonly DirectoryRole[]): Caller
  /** A token of theirs, good for a minute of the engine's clock. */
  token(personId: string): Promise<string>
  /**
   * Moves the clock once nothing is under way, and has a sweep look at what is due then; back when nothing is under way
   * any more.
   */
  advance(by: DurationLikeObject): Promise<void>
  advanceTo(instant: string): Promise<void>
  /** Moves the clock once nothing is under way, and has nobody look at what is due. */
  jumpTo(instant: string): Promise<void>
  /** Has a sweep look at what is due now; back when it is queued. */
  sweep(): Promise<void>
  /** Waits until views and reactors have seen the whole log, no job is due or runs, and every mail is sent. */
  quiet(): Promise<void>
  /**
   * As upstream does: imports the organisation with the changes. Three seconds go by, which is how long the API may go
   * by what it knew of somebody.
   */
  changeOrganisation(change: (organisation: Organisation) => Organisation): Promise<void>
  /** Ends all workers, as when their machines go down, once nothing is under way. */
  stopWorker(): Promise<void>
  /** Starts as many others; back when they have caught up. */
  startWorker(): Promise<void>
  close(): Promise<void>
}

export interface EngineOptions {
  /** Seconds that one connector operation may hold its grant; a call is given up after two fifths of them. */
  readonly leaseSeconds?: number
  /** Seconds between two sweeps that nobody asks for: an hour, which no test waits for. */
  readonly sweepSeconds?: number
  /** How many leavers may lose what they have without somebody who says so: as many as by default when absent. */
  readonly removalsMost?: number
  /** What is done about drift of `steady`; nothing is scanned automatically when absent. */
  readonly drift?: DriftPolicy
  /** Given every line of the log, at level info. */
  readonly logged?: (line: string) => void
  /** A webhook named `tickets`, whose receiver the test has: beside the targets in memory. */
  readonly tickets?: { readonly url: string; readonly secret: string }
}

const KNOWN_CALLER_SECONDS = 3

/** Opens an engine of its own for a spec file, in the size that the run is about. */
export const openEngine = async (options: EngineOptions = {}): Promise<Engine> => {
  const clock = movableClock(START)
  const [folder, installation, mailServer] = await Promise.all([
    mkdtemp(join(tmpdir(), 'portcullis-acceptance-')),
    openInstallation(),
    startMailServer(),
  ])
  const config = readConfig(
    {
      ...(await ticketsFile(folder, options.tickets)),
      ...installation.env,
      SMTP_URL: mailServer.url,
      PORTCULLIS_DATA: 'data',
      PORTCULLIS_PORT: '0',
      PORTCULLIS_PUBLIC_URL: 'https://access.example.org',
      PORTCULLIS_ZONE: ZONE,
      PORTCULLIS_ORGANISATION: 'Example Org',
      PORTCULLIS_SWEEP_SECONDS: String(options.sweepSeconds ?? 3600),
      PORTCULLIS_RATE_LIMIT_CALLER: '0',
      PORTCULLIS_LEASE_SECONDS: String(options.leaseSeconds ?? 60),
      ...(options.removalsMost === undefined
        ? {}
        : {
            PORTCULLIS_REMOVALS_MOST: String(options.removalsMost),
            PORTCULLIS_REMOVALS_PERCENT: '0',
          }),
    },
    folder,
  )
  const log =
    options.logged === undefined
      ? createLogger('warn', { write: noteProblem })
      : createLogger('info', { write: options.logged })
  const [steady, shaky] = [createTarget('steady'), createTarget('shaky')]
  const open = async (): Promise<Runtime> =>
    openRuntime(config, {
      log,
      clock,
      database: 'own',
      swap: {
        connectors: new Map<string, Connector>([
          ...[steady, shaky].map((target) => [target.name, target] as const),
          ...(options.tickets === undefined ? [] : await openConnectors(config, { clock, log })),
        ]),
        driftPolicies: new Map(
          options.drift === undefined ? [] : [[steady.name, options.drift] as const],
        ),
      },
    })
  // All at once, as a new version is rolled out: the first one migrates.
  const several = (count: number) => Promise.all(Array.from({ length: count }, open))
  const [serving, separate] = await Promise.all([
    several(installation.apis),
    several(installation.together ? 0 : installation.workers),
  ])
  const working = installation.together ? serving : separate
  const [runtime, ...alsoServing] = serving
  if (runtime === undefined) throw new Error('an installation without an API')
  let organisation = ORGANISATION
  await importOrganisation(runtime, organisation)
  const apis: readonly RunningApi[] = await Promise.all(serving.map((each) => startApi(each, log)))
  const startAll = () => Promise.all(working.map((each) => startWorker(each)))
  let workers: readonly RunningWorker[] = await startAll()
  const issue = await createTokenIssuer({ keyDir: dataPaths(config.dataDir).keys, clock })

  const token = async (sub: string): Promise<string> =>
    (await issue({ sub, kind: 'user', ttlSeconds: 60 })).token
  const last: Line['last'] = { position: 0n }
  const urls = apis.map(({ url }) => url)
  let turn = 0
  const nextUrl = (): string => {
    turn += 1
    return urls[turn % urls.length] ?? ''
  }
  const caller = (id: string, token: Line['token']): Caller =>
    createCaller({ nextUrl, token, last }, id)
  const { waitFor } = runtime.projections

  const quiet = async (): Promise<void> => {
    await until('the engine to come to rest', async () => {
      const [worker] = workers
      if (worker === undefined) return true
      const head = await runtime.store.head()
      const seen =
        (await waitFor(head, PATIENCE_MILLIS)) &&
        (await runtime.progress.waitFor([JOB_ROUTER, MAIL_REACTOR], head, PATIENCE_MILLIS))
      return seen && (await isIdle(worker)) && (await runtime.store.head()) === head
    })
  }
  const sweep = async (): Promise<void> => {
    await workers[0]?.parts.worker.sweepNow()
  }
  // Work under way would find its leases run out, as if its worker had died.
  const jumpTo = async (instant: string): Promise<void> => {
    await quiet()
    clock.set(instant)
  }
  const advanceTo = async (instant: string): Promise<void> => {
    await jumpTo(instant)
    await sweep()
    await quiet()
  }
  const stopWorker = async (): Promise<void> => {
    await quiet()
    await Promise.all(workers.map((worker) => worker.close()))
    workers = []
  }

  return {
    clock,
    steady,
    shaky,
    installation,
    runtime,
    others: [...alsoServing, ...separate],
    mails: mailServer.received,
    url: urls[0] ?? '',
    as: (personId) => caller(personId, token),
    token,
    asService: (id, ...roles) =>
      caller(
        id,
        async (sub) => (await issue({ sub, kind: 'service', roles, ttlSeconds: 60 })).token,
      ),
    advanceTo,
    jumpTo,
    advance: (by) => advanceTo(later(clock.now(), by)),
    sweep,
    quiet,
    changeOrganisation: async (change) => {
      organisation = change(organisation)
      await importOrganisation(runtime, organisation)
      await jumpTo(later(clock.now(), { seconds: KNOWN_CALLER_SECONDS }))
    },
    stopWorker,
    startWorker: async () => {
      if (workers.length === 0) workers = await startAll()
      // They queue sweeps of their own without waiting; behind this one nothing is left to be waited for.
      await sweep()
      await quiet()
    },
    close: async () => {
      steady.release()
      shaky.release()
      await Promise.all(apis.map((api) => api.close()))
      await Promise.all(workers.map((worker) => worker.close()))
      await Promise.all([...new Set([...serving, ...working])].map((each) => each.close()))
      await mailServer.close()
      await installation.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The connectors file that names it; empty where there is none. */
const ticketsFile = async (
  folder: string,
  tickets: EngineOptions['tickets'],
): Promise<Readonly<Record<string, string>>> => {
  if (tickets === undefined) return {}
  const [file, secretFile] = [join(folder, 'connectors.json'), join(folder, 'tickets.secret')]
  await writeFile(secretFile, tickets.secret)
  const { url } = tickets
  await writeFile(file, JSON.stringify([{ name: 'tickets', kind: 'webhook', url, secretFile }]))
  return { PORTCULLIS_CONNECTORS: file }
}

const PATIENCE_MILLIS = 30_000

/** In the order in which work goes on from queue to queue, so that none is missed on its way. */
const ORDER = [
  QUEUES.deadlines,
  QUEUES.drift,
  QUEUES.fanOut,
  QUEUES.rollOut,
  QUEUES.provision,
  QUEUES.mail,
]

const isIdle = async (worker: RunningWorker): Promise<boolean> => {
  for (const queue of ORDER) {
    const { waiting, active } = await worker.parts.jobs.counts(queue)
    if (waiting + active > 0) return false
  }
  const { queued, sending } = await worker.parts.mail.outbox.counts()
  return queued + sending === 0
}

/** Days, months and years are the organisation's calendar's; hours and less are exact. */
export const later = (instant: string, by: DurationLikeObject): string => {
  const moved = DateTime.fromISO(instant, { zone: ZONE }).plus(by).toUTC().toISO()
  if (moved === null) throw new Error(`${instant} is not an instant`)
  return moved
}
