import type { Instant } from '@portcullis/core'
import type { GrantOpen, GrantRow, GrantViewEvent } from './grants.row.ts'

export const NOT_OPEN: GrantOpen = {
  openSince: null,
  endedAt: null,
  lastEnd: null,
  releasedIds: [],
}

/**
 * @param before the grant before the event; undefined when it is its first
 * @param after the same after it, but for what is worked out here
 * @param end when the assignment ended that lets go, where its end is the reason
 */
export const openOf = (
  before: GrantRow | undefined,
  after: GrantRow,
  event: GrantViewEvent,
  end: Instant | undefined,
): GrantOpen => {
  const was = before?.state ?? NOT_OPEN
  const { at } = event.metadata
  const released = event.type === 'HoldReleased.v1' ? event.data.assignmentId : undefined
  const lets = released !== undefined && before?.view.holderIds.includes(released)
  const lastEnd = lets ? later(was.lastEnd, end ?? at) : was.lastEnd
  if (after.view.settled) return { ...NOT_OPEN, lastEnd }
  const held = after.view.holderIds.length > 0
  const turned = held !== (before !== undefined && before.view.holderIds.length > 0)
  return {
    openSince: turned ? at : (was.openSince ?? at),
    endedAt: held ? null : turned ? lastEnd : was.endedAt,
    lastEnd,
    releasedIds: lets ? [...was.releasedIds, released] : was.releasedIds,
  }
}

const later = (one: Instant | null, other: Instant): Instant =>
  one !== null && one > other ? one : other

/** Access that was taken away after an end: the receipt of promise 2, with how long it took. */
export interface Removal {
  readonly id: string
  readonly resourceId: string
  readonly roleId: string
  readonly subjectId: string
  readonly endedAt: Instant
  readonly removedAt: Instant
}

/** The removal that an event completes: nobody holds it, it was to be taken away, and now it is gone. */
export const removalOf = (
  before: GrantRow | undefined,
  after: GrantRow,
  event: GrantViewEvent,
): Removal | undefined => {
  const endedAt = before?.state.endedAt ?? null
  const { id, resourceId, roleId, subjectId, holderIds, settled } = after.view
  if (endedAt === null || !settled || holderIds.length > 0) return undefined
  const removedAt = event.type === 'AccessRevoked.v3' ? event.data.receipt.at : event.metadata.at
  return { id: `${id}:${event.position}`, resourceId, roleId, subjectId, endedAt, removedAt }
}
