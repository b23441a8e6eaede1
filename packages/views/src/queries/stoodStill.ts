import type { Instant } from '@portcullis/core'
import { sql } from 'kysely'

/** What is stale: nothing has happened to it for a while, so nobody seems to be at it. */
export interface StoodStill {
  /** Left alone is what changed at this instant or later. */
  readonly updatedBefore: Instant
  /**
   * But not what changed after this one: its time lies in the future only because the clock was set back since, and it
   * might be a long one.
   */
  readonly now: Instant
}

/** @param column of the last change */
export const stoodStill = (column: string, { updatedBefore, now }: StoodStill) =>
  sql<boolean>`(${sql.ref(column)} < ${updatedBefore} or ${sql.ref(column)} > ${now})`

/** A request's id without its number. */
export const entitlementOfRequest =
  sql<string>`requests.package_id || '.' || requests.subject_id`.as('id')
