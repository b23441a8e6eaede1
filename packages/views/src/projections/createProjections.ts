import { type Clock, type EventStore, type Position, START } from '@portcullis/core'
import {
  CheckpointLost,
  createProgress,
  delay,
  inTransaction,
  migrateSubscriptions,
  runSubscription,
  type SubscriptionProblem,
} from '@portcullis/postgres'
import type pg from 'pg'
import type { Projection, ViewEvent, ViewProjector } from '../projector/projection.ts'
import type { ProjectionStatus } from '../rows.ts'
import { allProjections } from './allProjections.ts'
import { checkpointName, LIVE_SCHEMA } from './names.ts'
import { type RebuildResult, rebuildProjection, register, upgradeProjection } from './rebuild.ts'
import { withRebuildLock } from './rebuildLock.ts'
import type { OnProgress } from './shadow.ts'
import { projectionStatus } from './status.ts'
import { type Verification, verifyProjection } from './verify.ts'

export interface ProjectionsOptions {
  readonly pool: pg.Pool
  readonly store: EventStore
  readonly clock: Clock
  /** All of the engine's when absent. */
  readonly projections?: readonly Projection[]
  /** Most events in one transaction. */
  readonly batchSize?: number
  /** Told of each retry and each pause; write these to the log. */
  readonly onProblem?: (problem: SubscriptionProblem) => void
}

export interface Projections {
  /** Creates tables and views, where they are missing; fills a newer version's beside the older one's first. Before `run` and before queries. */
  migrate(onProgress?: OnProgress): Promise<void>
  /** Keeps every projection up to date until the signal aborts. A second process that does the same stands by. */
  run(signal: AbortSignal): Promise<void>
  status(): Promise<readonly ProjectionStatus[]>
  /** Waits until every view shows everything up to `position`. @returns false when `timeoutMs` milliseconds were not enough */
  waitFor(position: Position, timeoutMs: number): Promise<boolean>
  /** The same for one projection. @throws UnknownProjection */
  waitForView(name: string, position: Position, timeoutMs: number): Promise<boolean>
  /** Fills the projection's tables anew from the log, while the old ones serve, and swaps them. @throws UnknownProjection, RebuildRunning */
  rebuild(name: string, onProgress?: OnProgress): Promise<RebuildResult>
  /** Fills them anew, compares and drops the copy. @throws UnknownProjection, RebuildRunning */
  verify(name: string, onProgress?: OnProgress): Promise<Verification>
}

export class UnknownProjection extends Error {
  readonly code = 'views.unknown-projection'
  constructor(name: string, known: readonly string[]) {
    super(`there is no projection ${name}; there are ${known.join(', ')}`)
    this.name = 'UnknownProjection'
  }
}

const BATCH_SIZE = 1_000
/** Events in a page of the log that a rebuild reads. */
const REBUILD_PAGE = 5_000
const STANDBY_MILLIS = 1_000

/** The views of the engine: their tables, their upkeep, and their state. */
export const createProjections = (options: ProjectionsOptions): Projections => {
  const { pool, store, clock, projections = allProjections, batchSize = BATCH_SIZE } = options
  const progress = createProgress(pool)
  const names = projections.map(checkpointName)
  const named = (name: string): Projection => {
    const found = projections.find((projection) => projection.name === name)
    if (found !== undefined) return found
    const known = projections.map((projection) => projection.name)
    throw new UnknownProjection(name, known)
  }
  const shadow = (projection: Projection, onProgress: OnProgress | undefined) => ({
    pool,
    store,
    clock,
    projection,
    batchSize: REBUILD_PAGE,
    onProgress,
  })

  return {
    migrate: async (onProgress) => {
      await migrateSubscriptions(pool)
      for (const projection of projections) {
        const older = await migrateOne(pool, projection, clock)
        if (older === undefined) continue
        await withRebuildLock(pool, projection.name, () =>
          upgradeProjection(shadow(projection, onProgress), older),
        )
      }
    },
    run: async (signal) => {
      await Promise.all(
        projections.map((projection) => {
          const projector = projection.in(LIVE_SCHEMA)
          return keepRunning({ ...options, batchSize }, projector, progress, signal)
        }),
      )
    },
    status: () => projectionStatus({ pool, store, projections }),
    waitFor: (position, timeoutMs) => progress.waitFor(names, position, timeoutMs),
    waitForView: async (name, position, timeoutMs) =>
      progress.waitFor([checkpointName(named(name))], position, timeoutMs),
    rebuild: async (name, onProgress) => {
      const projection = named(name)
      return withRebuildLock(pool, name, () => rebuildProjection(shadow(projection, onProgress)))
    },
    verify: async (name, onProgress) => {
      const projection = named(name)
      return withRebuildLock(pool, name, () => verifyProjection(shadow(projection, onProgress)))
    },
  }
}

interface Registered {
  readonly version: number
  readonly tables: readonly string[]
}

const MIGRATION_LOCK = 7_274_012_001

/** Creates what isn't there. @returns the older version that serves, when this one has to be filled first */
const migrateOne = (
  pool: pg.Pool,
  projection: Projection,
  clock: Clock,
): Promise<Registered | undefined> =>
  inTransaction(pool, async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    await tx.query(`create schema if not exists ${LIVE_SCHEMA}`)
    await tx.query(`create table if not exists ${LIVE_SCHEMA}.projections
      (name text primary key, version integer not null, tables text[] not null)`)
    const { rows } = await tx.query<Registered>(
      `select version, tables from ${LIVE_SCHEMA}.projections where name = $1`,
      [projection.name],
    )
    const [registered] = rows
    if (registered === undefined) {
      const projector = projection.in(LIVE_SCHEMA)
      await projector.migrate(tx)
      await projector.publish(tx)
      await register(tx, projector, START, clock)
      return undefined
    }
    if (registered.version > projection.version) {
      throw new Error(
        `the database has version ${registered.version} of projection ${projection.name}, this release version ${projection.version}: run the newer release`,
      )
    }
    return registered.version < projection.version ? registered : undefined
  })

/** Another owner, or anything else that ends a subscription, must not end the views: stand by, then try again. */
const keepRunning = async (
  { pool, store, clock, batchSize, onProblem }: ProjectionsOptions & { readonly batchSize: number },
  projector: ViewProjector,
  progress: ReturnType<typeof createProgress>,
  signal: AbortSignal,
): Promise<void> => {
  const name = checkpointName(projector)
  while (!signal.aborted) {
    try {
      await runSubscription({
        name,
        store,
        pool,
        clock,
        types: projector.handles,
        batchSize,
        startAt: 'start',
        handle: (events, tx) => projector.apply(events as readonly ViewEvent[], tx),
        signal,
        progress,
        ...(onProblem === undefined ? {} : { onProblem }),
      })
    } catch (error) {
      if (!(error instanceof CheckpointLost)) {
        onProblem?.({ name, kind: 'retrying', error, position: undefined })
      }
      await delay(STANDBY_MILLIS, signal)
    }
  }
}
