import {
  createBulkHandler,
  createCommandHandler,
  digestOf,
  type EventStore,
  type NewJob,
  noTracing,
  type RecordedEvent,
  START,
} from '@portcullis/core'
import type { Dice } from '@portcullis/core/testing'
import {
  type EntitlementCommand,
  entitlementDecider,
  entitlementStream,
  eventSchemas,
  eventUpcasters,
  grantDecider,
  grantStream,
  type PortcullisEvent,
  parseGrantId,
} from '@portcullis/domain'
import {
  createCodec,
  createMemoryEventStore,
  createMemoryLog,
  type MemoryLog,
} from '@portcullis/event-store'
import type { Mailer, Outbox } from '@portcullis/notifications'
import type { PromiseRecords } from '@portcullis/promises'
import type { DriftRecords } from '@portcullis/provisioning'
import type { PeopleViews } from '@portcullis/views'
import { createExecute } from '../commands/execute.ts'
import { ENGINE_FACTS } from '../facts/engineFacts.ts'
import { createStates } from '../facts/states.ts'
import { errorText, silentLog } from '../log.ts'
import { SWEEP_NOW } from '../queues.ts'
import { createRolePackages } from '../reconcile/rolePackages.ts'
import { ViewsLagging } from '../viewsLagging.ts'
import { jobHandlers } from '../work/jobHandlers.ts'
import { ROUTED_TYPES, routeToJobs } from '../work/jobRouter.ts'
import { only } from './only.fixture.ts'
import type { Broke } from './oracle.fixture.ts'
import type { Organisation } from './organisation.fixture.ts'
import { createQueue, type SimulatedQueue } from './queue.fixture.ts'
import { createTarget, type SimulatedTarget, type TargetOptions } from './target.fixture.ts'
import { createTasks, type Task, type Tasks } from './tasks.fixture.ts'
import type { SimulatedTime } from './time.fixture.ts'
import { createSimulatedViews, type SimulatedViews } from './views.fixture.ts'

const HORIZON = 3_600_000
const OPERATION = 25_000
const LEASE = 60_000
const STALE = 60_000
const RETRY = { type: 'RetryNow' } as const
const codec = createCodec(eventSchemas, eventUpcasters)

export type TimerCommand = Extract<
  EntitlementCommand,
  { type: 'TimeOutApproval' | 'ExpireAssignment' }
>

/**
 * The engine in memory: real commands, deciders, reactor, job handlers and projectors; everything around them fails at
 * times.
 */
export interface SimulatedEngine {
  readonly store: EventStore
  readonly events: () => readonly RecordedEvent<PortcullisEvent>[]
  readonly target: SimulatedTarget
  readonly queue: SimulatedQueue
  readonly tasks: Tasks
  readonly views: SimulatedViews
  readonly execute: ReturnType<typeof createExecute>['execute']
  readonly mails: () => number
  readonly routed: () => bigint
  /** The reactor sees up to so many events more; killed in between, it will see them again. */
  route(events: number, killed: boolean): Promise<void>
  /** Takes a job from the queue, if there is one, and lets it do so many steps. @returns its name */
  work(steps: number, chance?: Dice): Promise<string | undefined>
  sweep(): void
  /** The engine's own command, as from a timer. @returns the refusal's code, or `ok` */
  tell(command: TimerCommand): Promise<string>
  /** An operator asks to try again. */
  retryNow(grantId: string): Promise<void>
  crash(): void
}

export const createEngine = (options: {
  /** Of an engine before: its catalog and packages. */
  readonly log?: MemoryLog
  readonly organisation: Organisation
  readonly time: SimulatedTime
  readonly chance: Dice
  readonly patient: () => boolean
  readonly before: readonly string[]
  readonly changed: TargetOptions['changed']
  readonly broke: Broke
}): SimulatedEngine => {
  const { organisation, time, log = createMemoryLog() } = options
  const store = createMemoryEventStore({ codec, log })
  const handle = createCommandHandler({ store, clock: time })
  const queue = createQueue()
  const tasks = createTasks()
  const views = createSimulatedViews(store, options.patient)
  let rolePackages = createRolePackages({ ...views, store })
  let routed = START
  let mails = 0
  let ids = 0

  const target = createTarget({
    ...options,
    elapsed: time.elapsed,
    pass: time.pass,
    operationMillis: OPERATION,
  })

  const newId = (): string => {
    ids += 1
    return `00000000-0000-4000-8000-${String(ids).padStart(12, '0')}`
  }

  /** The same store for one task, which may be suspended before and after it reads or writes. */
  const storeOf = (task: Task): EventStore =>
    only<EventStore>('store', {
      head: () => store.head(),
      newest: () => store.newest(),
      readStream: async (stream, after) => {
        await task.gate()
        return store.readStream(stream, after)
      },
      readStreams: async (asks) => {
        await task.gate()
        return store.readStreams(asks)
      },
      appendAll: async (appends, options) => {
        await task.gate()
        const appended = await store.appendAll(appends, options)
        await task.gate()
        return appended
      },
    })
  const handlersOf = (task: Task) => {
    const own = storeOf(task)
    return jobHandlers({
      store: own,
      clock: time,
      now: () => time.now(),
      newId,
      jobs: queue.jobs,
      handle: createCommandHandler({ store: own, clock: time }),
      handleMany: createBulkHandler({ store: own, clock: time }),
      states: createStates(own),
      // As if every turn had been cut short: firing must bear company.
      turns: { take: (_signal, work) => work() },
      rolePackages,
      directory: organisation.directory,
      connectors: new Map([['main', target.connectorOf(task.gate)]]),
      driftPolicies: new Map(),
      logImports: async () => 0,
      lookAfterPeople: async () => {},
      driftRecords: only<DriftRecords>('drift records', {}),
      tracing: noTracing,
      views: views.views,
      projections: views.projections,
      problemFindings: { replace: async () => {} },
      promiseRecords: only<PromiseRecords>('promise records', {}),
      promisesEveryMillis: null,
      outbox: only<Outbox>('outbox', { unsent: async () => [] }),
      mailer: only<Mailer>('mailer', {
        send: async () => {
          mails += 1
          return { sent: 0, later: [] } as never
        },
      }),
      log: silentLog,
      leaseMillis: LEASE,
      operationMillis: OPERATION,
      staleMillis: STALE,
      horizonMillis: HORIZON,
    })
  }
  const run = async (job: NewJob, task: Task): Promise<void> => {
    const handler = handlersOf(task)[job.name]
    if (handler === undefined) throw new Error(`no handler for ${job.name}`)
    try {
      await handler({ ...job, attempt: 1 }, new AbortController().signal)
    } catch (error) {
      // A bug, wherever it is; but for a view that is behind, which is tried again, as the queue does.
      if (!(error instanceof ViewsLagging)) options.broke(1, `${job.name}: ${errorText(error)}`)
      queue.putBack(job)
    }
  }

  return {
    store,
    events: () => log.all as readonly RecordedEvent<PortcullisEvent>[],
    target,
    queue,
    tasks,
    views,
    execute: createExecute({
      store,
      clock: time,
      directory: organisation.directory,
      views: views.views,
      projections: views.projections,
      driftRecords: only<DriftRecords>('drift records', {}),
      peopleViews: only<PeopleViews>('people', {}),
    }).execute,
    mails: () => mails,
    routed: () => routed,
    route: async (limit, killed) => {
      const { events, position } = await store.readAll({
        after: routed,
        limit,
        types: ROUTED_TYPES,
      })
      // The codec only lets in what the schemas name.
      const batch = events as readonly RecordedEvent<PortcullisEvent>[]
      await queue.jobs.enqueue(routeToJobs(batch, time.now(), HORIZON))
      if (!killed) routed = position
    },
    work: async (steps, dice) => {
      const job = queue.take(time.now(), dice)
      if (job === undefined) return undefined
      await tasks.start(steps, (task) => run(job, task))
      return job.name
    },
    sweep: () => queue.putBack(SWEEP_NOW),
    tell: async (command) => {
      const id = 'requestId' in command ? command.requestId : command.assignmentId
      const envelope = { commandId: newId(), actor: { kind: 'system', id: 'timer' } } as const
      const stream = entitlementStream(id.slice(0, id.lastIndexOf('.')))
      const facts = () => ENGINE_FACTS
      const outcome = await handle({
        stream,
        decider: entitlementDecider,
        command,
        envelope,
        facts,
      })
      return outcome.ok ? 'ok' : outcome.refusal.code
    },
    retryNow: async (grantId) => {
      const ids = parseGrantId(grantId)
      if (ids === undefined) return
      const commandId = newId()
      const digest = digestOf(RETRY)
      const envelope = { commandId, digest, actor: { kind: 'user', id: 'admin' } } as const
      const stream = grantStream(grantId)
      await handle({ stream, decider: grantDecider, command: RETRY, envelope, facts: () => ids })
    },
    crash: () => {
      tasks.kill()
      views.crash()
      rolePackages = createRolePackages({ ...views, store })
    },
  }
}
