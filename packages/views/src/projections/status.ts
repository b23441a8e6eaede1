import type { EventStore } from '@portcullis/core'
import { type SubscriptionStatus, subscriptionStatus } from '@portcullis/subscriptions'
import type pg from 'pg'
import type { Projection } from '../projector/projection.ts'
import type { ProjectionStatus } from '../rows.ts'
import { readRegistered } from './layout.ts'
import { checkpointNames } from './names.ts'
import { rebuilding } from './rebuildLock.ts'

/** Where each projection stands: of several parts, as the one that is furthest behind. */
export const projectionStatus = async (sources: {
  readonly pool: pg.Pool
  readonly store: EventStore
  readonly projections: readonly Projection[]
}): Promise<readonly ProjectionStatus[]> => {
  const { pool, projections } = sources
  const registered = await readRegistered(pool)
  const names = projections.map((projection) =>
    checkpointNames(projection, registered.get(projection.name)?.partitions ?? 1),
  )
  const all = await subscriptionStatus(sources, names.flat())
  const busy = await rebuilding(
    pool,
    projections.map((projection) => projection.name),
  )
  let next = 0
  return projections.flatMap(({ name, version }, index) => {
    const parts = all.slice(next, next + (names[index]?.length ?? 0))
    next += parts.length
    const slowest = parts.reduce((one, other) => (isBehind(other, one) ? other : one))
    const owners = [...new Set(parts.flatMap(({ owner }) => owner ?? []))].sort()
    const state = busy.has(name) && slowest.state !== 'paused' ? 'rebuilding' : slowest.state
    const owner = owners.length === 0 ? null : owners.join(', ')
    const partitions = parts.length
    return [{ name, version, partitions, ...slowest, owner, state }]
  })
}

/** One that is paused is behind every other. */
const isBehind = (one: SubscriptionStatus, other: SubscriptionStatus): boolean =>
  one.state === 'paused' || other.state === 'paused'
    ? one.state === 'paused' && other.state !== 'paused'
    : BigInt(one.position) < BigInt(other.position)
