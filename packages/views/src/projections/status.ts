import { type EventStore, formatPosition, START } from '@portcullis/core'
import { type Checkpoint, readCheckpoints } from '@portcullis/postgres'
import type pg from 'pg'
import type { Projection } from '../projector/projection.ts'
import type { ProjectionStatus } from '../rows.ts'
import { checkpointName } from './names.ts'
import { rebuilding } from './rebuildLock.ts'

/** Where each projection stands, from the database alone: the same in whichever process it is asked. */
export const projectionStatus = async (sources: {
  readonly pool: pg.Pool
  readonly store: EventStore
  readonly projections: readonly Projection[]
}): Promise<readonly ProjectionStatus[]> => {
  const { pool, store, projections } = sources
  // Before the checkpoints: else one that is level would seem to lag behind an event that came in between.
  const head = await store.head()
  const checkpoints = await readCheckpoints(pool, projections.map(checkpointName))
  const busy = await rebuilding(
    pool,
    projections.map((projection) => projection.name),
  )
  return projections.map((projection) => {
    const checkpoint = checkpoints.get(checkpointName(projection))
    return {
      name: projection.name,
      version: projection.version,
      position: formatPosition(checkpoint?.position ?? START),
      head: formatPosition(head),
      state: stateOf(checkpoint, busy.has(projection.name), head),
      error: errorOf(checkpoint),
      updatedAt: checkpoint?.updatedAt ?? '',
    }
  })
}

const stateOf = (
  checkpoint: Checkpoint | undefined,
  busy: boolean,
  head: bigint,
): ProjectionStatus['state'] => {
  if (checkpoint?.state === 'paused') return 'paused'
  if (busy) return 'rebuilding'
  return (checkpoint?.position ?? START) >= head ? 'live' : 'catching-up'
}

const errorOf = (checkpoint: Checkpoint | undefined): string | null =>
  checkpoint?.error == null
    ? null
    : `event at position ${checkpoint.errorPosition}: ${checkpoint.error}`
