import { type Clock, type EventStore, type Position, toMillis } from '@portcullis/core'
import type { Reactors } from '@portcullis/engine'
import type { Projections } from '@portcullis/views'

/** How far one follower of the log is behind it. */
export interface SubscriptionLag {
  readonly kind: 'projection' | 'reactor'
  /** As in `portcullis projection status`; reactors are `jobs` and `mail`. */
  readonly name: string
  /** Events of the log that it hasn't seen; at most {@link MOST_COUNTED} where positions aren't counts. */
  readonly events: number
  /** Age of the first of them, in seconds; 0 when there is none. */
  readonly seconds: number
  /** It is paused at an event that it can't handle. */
  readonly paused: boolean
  /** Host and process that runs it; null while none does. */
  readonly owner: string | null
}

export interface LagSources {
  readonly store: Pick<EventStore, 'head' | 'readAll'>
  readonly projections: Pick<Projections, 'status'>
  readonly reactors: Reactors
  readonly clock: Clock
  /** True when positions grow by one with each event, so that a difference is a count. */
  readonly countsByPosition: boolean
}

/** Where positions aren't counts, unseen events are read and counted, and no more than these. */
export const MOST_COUNTED = 1_000

/**
 * How far projections and reactors are behind the log, from the stores alone: the same in whichever process it is
 * asked. A few small reads, however long the log is.
 */
export const subscriptionLags = async (
  sources: LagSources,
): Promise<readonly SubscriptionLag[]> => {
  const { store, projections, reactors } = sources
  // Before the checkpoints: else one that is level would seem to lag behind an event that came in between.
  const head = await store.head()
  const [views, others] = await Promise.all([projections.status(), reactors.status()])
  const followers = [
    ...views.map((status) => ({ kind: 'projection' as const, ...status })),
    ...others.map((status) => ({ kind: 'reactor' as const, ...status })),
  ]
  const behind = behindAt(sources, head)
  return Promise.all(
    followers.map(async ({ kind, name, position, state, owner }) => ({
      kind,
      name,
      paused: state === 'paused',
      owner,
      ...(await behind(BigInt(position))),
    })),
  )
}

/** Those that stand at the same position are as far behind: looked up once. */
const behindAt = (sources: LagSources, head: Position) => {
  const known = new Map<Position, Promise<Pick<SubscriptionLag, 'events' | 'seconds'>>>()
  return (position: Position) => {
    const found = known.get(position) ?? behind(sources, position, head)
    known.set(position, found)
    return found
  }
}

const behind = async (
  { store, clock, countsByPosition }: LagSources,
  position: Position,
  head: Position,
): Promise<Pick<SubscriptionLag, 'events' | 'seconds'>> => {
  if (position >= head) return { events: 0, seconds: 0 }
  const { events } = await store.readAll({
    after: position,
    limit: countsByPosition ? 1 : MOST_COUNTED,
  })
  const [first] = events
  if (first === undefined) return { events: 0, seconds: 0 }
  const millis = toMillis(clock.now()) - toMillis(first.metadata.at)
  return {
    events: countsByPosition ? Number(head - position) : events.length,
    seconds: Math.max(0, millis / 1000),
  }
}
