import type {
  Clock,
  createBulkHandler,
  createCommandHandler,
  EventStore,
  Instant,
  Jobs,
} from '@portcullis/core'
import type { Directory } from '@portcullis/directory'
import { TIMER_COMMANDS } from '@portcullis/domain'
import type { FiringTurns } from '@portcullis/postgres'
import type { DeadlineView, Projections, Views } from '@portcullis/views'
import type { States } from '../facts/states.ts'
import type { Log } from '../log.ts'

export interface DeadlineDependencies {
  readonly handle: ReturnType<typeof createCommandHandler>
  readonly handleMany: ReturnType<typeof createBulkHandler>
  readonly store: EventStore
  readonly states: Pick<States, 'package'>
  readonly directory: Pick<Directory, 'leftAmong'>
  readonly clock: Clock
  readonly views: Views
  readonly projections: Projections
  readonly jobs: Jobs
  readonly log: Log
  readonly turns: FiringTurns
  readonly newId: () => string
  /** Told of each deadline that fires, for the first time, and when. */
  readonly onFired?: OnFired | undefined
  /**
   * Told of each command of the engine's that was said to be done already although the log didn't show it; by its name.
   */
  readonly onWithoutEffect?: ((command: SecondLooked) => void) | undefined
}

/** Commands of the engine that are looked at a second time when they come back as done before. */
export const SECOND_LOOKED = [...TIMER_COMMANDS, 'StartRollOut'] as const
export type SecondLooked = (typeof SECOND_LOOKED)[number]

export type OnFired = (deadline: Pick<DeadlineView, 'kind' | 'dueAt'>, at: Instant) => void
