import {
  type Clock,
  type EventStore,
  inBatchSpan,
  noTracing,
  type Position,
  START,
  type Tracing,
} from '@portcullis/core'
import { inTransaction, LOCK } from '@portcullis/postgres'
import {
  createProgress,
  type LeasedSubscription,
  migrateSubscriptions,
  runLeased,
  runSubscription,
  type SubscriptionProblem,
} from '@portcullis/subscriptions'
import type pg from 'pg'
import type { Projection, ViewEvent, ViewProjector } from '../projector/projection.ts'
import type { ProjectionStatus } from '../rows.ts'
import { allProjections } from './allProjections.ts'
import {
  checkPartitions,
  migrateRegistry,
  type Registered,
  readRegistered,
  register,
} from './layout.ts'
import { checkpointNames, LIVE_SCHEMA } from './names.ts'
import { type RebuildResult, rebuildProjection, upgradeProjection } from './rebuild.ts'
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
  readonly tracing?: Tracing
}

export interface Projections {
  /**
   * Creates tables and views, where they are missing; fills a newer version's beside the older one's first. Before
   * `run` and before queries.
   */
  migrate(onProgress?: OnProgress): Promise<void>
  /**
   * What keeps the projections up to date as they are laid out now, each part by one process at a time: for
   * `runLeased`, with the reactors.
   */
  subscriptions(): Promise<readonly LeasedSubscription[]>
  /** Keeps them up to date until the signal aborts, those of them that no other process does. */
  run(signal: AbortSignal): Promise<void>
  status(): Promise<readonly ProjectionStatus[]>
  /** Names of the checkpoints of one, each of its parts' as it is laid out now. @throws UnknownProjection */
  checkpointsOf(name: string): Promise<readonly string[]>
  /**
   * Waits until every view shows everything up to `position`.
   * @returns false when `timeoutMs` milliseconds were not enough
   */
  waitFor(position: Position, timeoutMs: number): Promise<boolean>
  /** The same for one projection. @throws UnknownProjection */
  waitForView(name: string, position: Position, timeoutMs: number): Promise<boolean>
  /**
   * Fills the projection's tables anew from the log, while the old ones serve, and swaps them.
   * @param partitions in how many parts it is kept up to date from then on, by as many processes; as before when absent
   * @throws UnknownProjection, NotPartitionable, RebuildRunning
   */
  rebuild(name: string, onProgress?: OnProgress, partitions?: number): Promise<RebuildResult>
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
/** A layout that was read so long ago, at least, is read again. */
const LAYOUT_MILLIS = 1_000

/** The views of the engine: their tables, their upkeep, and their state. */
export const createProjections = (options: ProjectionsOptions): Projections => {
  const { pool, store, clock, projections = allProjections, onProblem } = options
  const progress = createProgress(pool)
  let layout: ReadonlyMap<string, Registered> = new Map()
  let readAt = Number.NEGATIVE_INFINITY
  const refresh = async (): Promise<void> => {
    layout = await readRegistered(pool)
    readAt = performance.now()
  }
  const namesOf = (projection: Projection): readonly string[] =>
    checkpointNames(projection, layout.get(projection.name)?.partitions ?? 1)
  const waitForAll = async (
    wanted: readonly Projection[],
    position: Position,
    timeoutMs: number,
  ): Promise<boolean> => {
    const until = performance.now() + timeoutMs
    for (;;) {
      // Somebody may lay it out anew meanwhile: then what is waited for has other names.
      if (performance.now() - readAt > LAYOUT_MILLIS) await refresh()
      const left = until - performance.now()
      const names = wanted.flatMap(namesOf)
      if (await progress.waitFor(names, position, Math.max(0, Math.min(left, LAYOUT_MILLIS))))
        return true
      if (left <= LAYOUT_MILLIS) return false
    }
  }
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

  const opened = new Map<string, LeasedSubscription>()
  const subscriptions = async (): Promise<readonly LeasedSubscription[]> => {
    await refresh()
    return projections.flatMap((projection) => {
      const names = namesOf(projection)
      return names.map((name, number) => {
        const part = { number, of: names.length }
        const known = opened.get(name)
        const one = known ?? leased(options, name, projection.in(LIVE_SCHEMA, part), progress)
        opened.set(name, one)
        return one
      })
    })
  }

  return {
    migrate: async (onProgress) => {
      await migrateSubscriptions(pool)
      await migrateRegistry(pool)
      for (const projection of projections) {
        const older = await migrateOne(pool, projection, clock)
        if (older === undefined) continue
        await withRebuildLock(pool, projection.name, () =>
          upgradeProjection(shadow(projection, onProgress), older),
        )
      }
      await refresh()
    },
    subscriptions,
    run: (signal) =>
      runLeased({ pool, subscriptions, signal, ...(onProblem === undefined ? {} : { onProblem }) }),
    status: () => projectionStatus({ pool, store, projections }),
    checkpointsOf: async (name) => {
      const projection = named(name)
      await refresh()
      return namesOf(projection)
    },
    waitFor: (position, timeoutMs) => waitForAll(projections, position, timeoutMs),
    waitForView: async (name, position, timeoutMs) =>
      waitForAll([named(name)], position, timeoutMs),
    rebuild: async (name, onProgress, partitions) => {
      const projection = named(name)
      if (partitions !== undefined) checkPartitions(projection, partitions, projections)
      return withRebuildLock(pool, name, () =>
        rebuildProjection({ ...shadow(projection, onProgress), partitions }),
      )
    },
    verify: async (name, onProgress) => {
      const projection = named(name)
      return withRebuildLock(pool, name, () => verifyProjection(shadow(projection, onProgress)))
    },
  }
}

/** Creates what isn't there. @returns the older version that serves, when this one has to be filled first */
const migrateOne = (
  pool: pg.Pool,
  projection: Projection,
  clock: Clock,
): Promise<Registered | undefined> =>
  inTransaction(pool, async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [LOCK.viewTables])
    const registered = (await readRegistered(tx)).get(projection.name)
    if (registered === undefined) {
      const projector = projection.in(LIVE_SCHEMA)
      await projector.migrate(tx)
      await projector.publish(tx)
      const { tableNames: tables } = projector
      await register(tx, projection, { tables, position: START, partitions: 1 }, clock)
      return undefined
    }
    if (registered.version > projection.version) {
      throw new Error(
        `the database has version ${registered.version} of projection ${projection.name}, this release version ${projection.version}: run the newer release`,
      )
    }
    return registered.version < projection.version ? registered : undefined
  })

const leased = (
  {
    pool,
    store,
    clock,
    batchSize = BATCH_SIZE,
    onProblem,
    tracing = noTracing,
  }: ProjectionsOptions,
  name: string,
  projector: ViewProjector,
  progress: ReturnType<typeof createProgress>,
): LeasedSubscription => ({
  name,
  run: ({ epoch, signal }) =>
    runSubscription({
      name,
      epoch,
      store,
      pool,
      clock,
      types: projector.handles,
      batchSize,
      // Its checkpoint is made with its tables; without one it is laid out otherwise now.
      startAt: 'registered',
      handle: (events, tx) =>
        inBatchSpan(tracing, `project ${projector.name}`, events, () =>
          projector.apply(events as readonly ViewEvent[], tx),
        ),
      signal,
      progress,
      ...(onProblem === undefined ? {} : { onProblem }),
    }),
})
