import { type EventStore, formatPosition, START } from '@portcullis/core'
import type pg from 'pg'
import { type Checkpoint, readCheckpoints } from './checkpoints.ts'
import { readOwners } from './leases/index.ts'

/** Where a subscription stands, for people: positions as decimal digits. */
export interface SubscriptionStatus {
  readonly position: string
  /** Where the log ends. */
  readonly head: string
  readonly state: 'live' | 'catching-up' | 'paused'
  /** The event that it is paused at, and why; null while it doesn't. */
  readonly error: string | null
  /** Host and process that runs it; null while none does. */
  readonly owner: string | null
  /** Since when that one does (instant). */
  readonly ownedSince: string | null
  /** When it last moved (instant); empty before it ever has. */
  readonly updatedAt: string
}

/**
 * Where subscriptions stand, from the database alone: the same in whichever process it is asked.
 * @returns in the order of the names
 */
export const subscriptionStatus = async (
  { pool, store }: { readonly pool: pg.Pool; readonly store: Pick<EventStore, 'head'> },
  names: readonly string[],
): Promise<readonly SubscriptionStatus[]> => {
  // Before the checkpoints: else one that is level would seem to lag behind an event that came in between.
  const head = await store.head()
  const checkpoints = await readCheckpoints(pool, names)
  const owners = await readOwners(pool, names)
  return names.map((name) => {
    const checkpoint = checkpoints.get(name)
    const ownership = owners.get(name)
    return {
      position: formatPosition(checkpoint?.position ?? START),
      head: formatPosition(head),
      state: stateOf(checkpoint, head),
      error: errorOf(checkpoint),
      owner: ownership?.owner ?? null,
      ownedSince: ownership?.since ?? null,
      updatedAt: checkpoint?.updatedAt ?? '',
    }
  })
}

const stateOf = (checkpoint: Checkpoint | undefined, head: bigint): SubscriptionStatus['state'] => {
  if (checkpoint?.state === 'paused') return 'paused'
  return (checkpoint?.position ?? START) >= head ? 'live' : 'catching-up'
}

const errorOf = (checkpoint: Checkpoint | undefined): string | null =>
  checkpoint?.error == null
    ? null
    : `event at position ${checkpoint.errorPosition}: ${checkpoint.error}`
