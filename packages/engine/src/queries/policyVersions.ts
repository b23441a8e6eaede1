import type { Actor, RecordedEvent } from '@portcullis/core'
import type { AccessPackageEvent, PolicyTerms } from '@portcullis/domain'

/** What a policy said, from when to when, and who made it say so (S7). */
export interface PolicyVersionView {
  readonly version: number
  readonly terms: PolicyTerms
  readonly since: string
  /** When the next version came, or the policy was removed; null for the one in force. */
  readonly until: string | null
  readonly by: Actor
}

/**
 * Every version of a policy, the first one first, from the events of its package; empty when there never was such a
 * policy.
 */
export const policyVersions = (
  events: readonly RecordedEvent<AccessPackageEvent>[],
  policyId: string,
): readonly PolicyVersionView[] => {
  const versions: PolicyVersionView[] = []
  for (const { type, data, metadata } of events) {
    if (!('policyId' in data) || data.policyId !== policyId) continue
    const last = versions.at(-1)
    const ends = type === 'PolicyChanged.v1' || type === 'PolicyRemoved.v1'
    if (ends && last !== undefined) versions[versions.length - 1] = { ...last, until: metadata.at }
    if ('terms' in data)
      versions.push({
        version: data.policyVersion,
        terms: data.terms,
        since: metadata.at,
        until: null,
        by: metadata.actor,
      })
  }
  return versions
}
