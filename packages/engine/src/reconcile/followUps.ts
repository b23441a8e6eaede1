import type { Jobs } from '@portcullis/core'
import { grantDesired } from '@portcullis/domain'
import { type Lane, laterProvisionJobs, reconcileJobs } from '../queues.ts'
import { entitlementsOn } from './grants.ts'
import type { ProvisionResult } from './provisionGrants.ts'

/** What a job finds for others to do. */
export interface FollowUps {
  /** Other entitlements whose standing depends on a grant that changed. */
  readonly entitlements: Set<string>
  /** Grants that somebody else is at, or whose target can't be called now, and when to look again. */
  readonly lookAgain: Map<string, string>
}

export const noFollowUps = (): FollowUps => ({ entitlements: new Set(), lookAgain: new Map() })

/**
 * Notes what came of a grant for others.
 * @param known entitlements that take it into account anyway
 */
export const noteResult = (
  followUps: FollowUps,
  { grantId, grant, changed, lookAgainAt }: ProvisionResult,
  known: ReadonlySet<string> = new Set(),
): void => {
  if (lookAgainAt !== null) followUps.lookAgain.set(grantId, lookAgainAt)
  // Other holders are notified of news alone: two entitlements on one grant would notify each other for ever.
  if (!changed) return
  for (const other of entitlementsOn(grant))
    if (!known.has(other)) followUps.entitlements.add(other)
}

/**
 * Has those take note whom a grant would be given to, had they not left. Only for who looks at the grant alone:
 * entitlements note it themselves, and would tell each other for ever.
 */
export const noteWithheld = (
  followUps: FollowUps,
  { grant, withheld }: Pick<ProvisionResult, 'grant' | 'withheld'>,
): void => {
  const { state } = grant
  if (!withheld || state.actual === 'present' || grantDesired(state) !== 'present') return
  for (const entitlementId of entitlementsOn(grant)) followUps.entitlements.add(entitlementId)
}

export const queueFollowUps = (
  jobs: Pick<Jobs, 'enqueue'>,
  { entitlements, lookAgain }: FollowUps,
  lane: Lane,
): Promise<void> =>
  jobs.enqueue([
    ...laterProvisionJobs([...lookAgain].map(([grantId, at]) => ({ grantId, at }))),
    ...reconcileJobs([...entitlements], lane),
  ])
