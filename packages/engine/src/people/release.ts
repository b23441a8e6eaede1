import {
  type Actor,
  type Clock,
  deriveId,
  type EventStore,
  eventId,
  type Instant,
  NO_STREAM,
  type RecordedEvent,
} from '@portcullis/core'
import { type DirectoryEvent, LEAVERS_STREAM } from '@portcullis/domain'
import type pg from 'pg'
import { leaverAssignments } from './peopleQueries.ts'

/** Up to when people had left whose access may end though they are many; undefined: nobody ever said so. */
export const releasedThrough = async (store: EventStore): Promise<Instant | undefined> => {
  const events = (await store.readStream(
    LEAVERS_STREAM,
  )) as readonly RecordedEvent<DirectoryEvent>[]
  const last = events.findLast(({ type }) => type === 'LeaverEndingsReleased.v1')
  return last?.type === 'LeaverEndingsReleased.v1' ? last.data.leftBy : undefined
}

/**
 * Lets the access of everybody end who has left by now, though they are many; of those who leave later, many are held again. It is in the log by whom.
 * @returns how many people it is about; 0: nobody, and nothing was noted
 * @throws RevisionConflict when somebody else says so at the same moment
 */
export const releaseLeavers = async (
  { store, pool, clock }: ReleaseDependencies,
  { actor }: { readonly actor: Actor },
): Promise<number> => {
  const found = await leaverAssignments(pool)
  const people = new Set(found.map(({ subjectId }) => subjectId)).size
  if (people === 0) return 0
  const now = clock.now()
  const stream = await store.readStream(LEAVERS_STREAM)
  const revision = stream.at(-1)?.revision
  const commandId = deriveId('release-leavers', String(revision), now)
  const event: DirectoryEvent = {
    type: 'LeaverEndingsReleased.v1',
    data: { leftBy: now, people },
  }
  const metadata = { commandId, correlationId: commandId, actor, at: now }
  await store.append(LEAVERS_STREAM, revision ?? NO_STREAM, [
    { ...event, id: eventId(commandId, LEAVERS_STREAM, 0), metadata },
  ])
  return people
}

export interface ReleaseDependencies {
  readonly store: EventStore
  readonly pool: pg.Pool
  readonly clock: Clock
}
