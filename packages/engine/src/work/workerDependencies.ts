import type { Clock, EventStore, Jobs, Tracing } from '@portcullis/core'
import { DEFAULT_LIMITS, type Directory, type ImportLedger } from '@portcullis/directory'
import type { FinishedRuns } from '@portcullis/jobs'
import type { Mailer, MailLookups, Outbox } from '@portcullis/notifications'
import type { FiringTurns } from '@portcullis/postgres'
import type { PromiseRecords } from '@portcullis/promises'
import type { Connector, DriftPolicy, DriftRecords } from '@portcullis/provisioning'
import type { Progress, Subscriptions } from '@portcullis/subscriptions'
import type { PeopleViews, ProblemFindings, Projections, Views } from '@portcullis/views'
import type { OnFired } from '../deadlines/deadlineDependencies.ts'
import type { Log } from '../log.ts'
import type { LeaverSettings } from '../people/lookAfterLeavers.ts'
import type { HandlerDependencies } from './jobHandlers.ts'

export interface WorkerSettings {
  /** Seconds between two sweeps. */
  readonly sweepSeconds: number
  /** Alarms are set for what is due within so many milliseconds; more than the time between two sweeps. */
  readonly horizonMillis: number
  /** Milliseconds after which something unfinished is stale, so that a sweep queues it again. */
  readonly staleMillis: number
  /** Milliseconds that one connector operation may hold its grant. */
  readonly leaseMillis: number
  /** Milliseconds after which a connector's call is given up; less than the lease. */
  readonly operationMillis: number
  /** Jobs of the provision queue side by side in this process. */
  readonly provisionConcurrency: number
  /** Jobs of the roll-out queue side by side in this process: they share its time with everything else. */
  readonly rollOutConcurrency: number
  readonly mailConcurrency: number
  /** Milliseconds from the end of one check of the promises to the next; null: only when somebody asks. */
  readonly promisesEveryMillis: number | null
  readonly leavers: LeaverSettings
}

export const DEFAULT_WORKER_SETTINGS: WorkerSettings = {
  sweepSeconds: 60,
  horizonMillis: 3_600_000,
  staleMillis: 60_000,
  leaseMillis: 60_000,
  operationMillis: 25_000,
  provisionConcurrency: 8,
  rollOutConcurrency: 2,
  mailConcurrency: 4,
  promisesEveryMillis: 86_400_000,
  leavers: { endAfterMillis: 86_400_000, limits: DEFAULT_LIMITS },
}

export interface WorkerDependencies {
  readonly store: EventStore
  readonly subscriptions: Subscriptions
  readonly turns: FiringTurns
  readonly runs: FinishedRuns
  readonly imports: ImportLedger
  readonly peopleViews: PeopleViews
  readonly clock: Clock
  readonly newId: () => string
  readonly jobs: Jobs
  readonly directory: Directory
  readonly views: Views
  readonly projections: Projections
  readonly progress: Progress
  readonly connectors: ReadonlyMap<string, Connector>
  /** By connector; one without a policy is scanned for drift only when somebody asks. */
  readonly driftPolicies: ReadonlyMap<string, DriftPolicy>
  readonly driftRecords: DriftRecords
  /** Where checks put what they find. */
  readonly problemFindings: ProblemFindings
  readonly promiseRecords: PromiseRecords
  readonly outbox: Outbox
  readonly mailer: Mailer
  readonly mailLookups: MailLookups
  readonly log: Log
  readonly settings: WorkerSettings
  readonly tracing?: Tracing
  /** Told of each deadline that fires in this process. */
  readonly onFired?: OnFired | undefined
  /** Told of the engine's commands that were said to be done already although the log didn't show it. */
  readonly onWithoutEffect?: HandlerDependencies['onWithoutEffect']
  /** Told of what a sweep found overdue. */
  readonly onOverdue?: HandlerDependencies['onOverdue']
}
