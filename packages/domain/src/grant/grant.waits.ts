import { addMillis, type Instant } from '@portcullis/core'
import type { Operation } from './grant.state.ts'

/** The longest lease that may be configured (`PORTCULLIS_LEASE_SECONDS`). */
const LONGEST_LEASE = 3_600_000
/**
 * However long a target asks us to wait (Retry-After): what somebody should have, and what they should have no longer
 * (promise 2).
 */
export const LONGEST_RETRY: Readonly<Record<Operation, number>> = {
  grant: 86_400_000,
  revoke: 3_600_000,
}
/** Clocks of machines differ. */
const SLACK = 300_000

/**
 * A time further ahead than any such wait can be was set by a clock that was ahead. It binds nobody: else access would
 * outlive its end until the clock gets there once more.
 */
const binds = (until: Instant, now: Instant, longestMillis: number): boolean =>
  now < until && until <= addMillis(now, longestMillis + SLACK)

/** Whether an operation under way is still its worker's. What is carried out by hand (`awaited`) may take weeks. */
export const leaseBinds = (
  { leaseUntil, awaited }: { readonly leaseUntil: Instant; readonly awaited: boolean },
  now: Instant,
): boolean => (awaited ? now < leaseUntil : binds(leaseUntil, now, LONGEST_LEASE))

/** Whether the next try has to wait. @param wait when it is due */
export const retryBinds = (operation: Operation, wait: Instant, now: Instant): boolean =>
  binds(wait, now, LONGEST_RETRY[operation])

/** The bounds beyond which a lease, and the wait for a next try, bind nobody: for queries. */
export const boundsOfWaits = (
  now: Instant,
): { readonly lease: Instant; readonly retry: Readonly<Record<Operation, Instant>> } => ({
  lease: addMillis(now, LONGEST_LEASE + SLACK),
  retry: {
    grant: addMillis(now, LONGEST_RETRY.grant + SLACK),
    revoke: addMillis(now, LONGEST_RETRY.revoke + SLACK),
  },
})
