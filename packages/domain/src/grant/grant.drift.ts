import { accept, type Decision, refuse } from '@portcullis/core'
import type { GrantEvent } from '../events.ts'
import type { GrantFacts } from './grant.facts.ts'
import { type GrantState, grantDesired, grantSettled, type TargetAccount } from './grant.state.ts'

/**
 * What a scan of the target saw of an access. Decides to nothing while an operation is due or under way: that looks for
 * itself.
 */
export interface ReportDrift {
  readonly type: 'ReportDrift'
  readonly found: 'present' | 'absent'
  /** Where it is there: by what names the target has the account. */
  readonly account?: TargetAccount | null
  /** The grant's `news` before that look, as for `StartOperation`. */
  readonly lookedAt: number
  /** Set it right: grant again what is missing, or take away what nothing confers. Otherwise it is only recorded. */
  readonly repair: boolean
}

/**
 * What a scan saw, against what should be. Recorded once while it stays; recorded again when it is to be repaired now.
 * What was there before us is nobody's to expect or to miss (promise 4).
 */
export const reportDrift = (
  { found, account, lookedAt, repair }: ReportDrift,
  state: GrantState,
  facts: GrantFacts,
): Decision<GrantEvent> => {
  const expected = grantDesired(state)
  if (!grantSettled(state) || expected === 'unmanaged') return accept()
  if (lookedAt !== state.news) {
    return refuse(
      'conflict',
      'grant.stale-look',
      'Somebody else has worked on this access since it was looked at; look at the target again.',
    )
  }
  if (found === expected)
    return state.drift === null ? accept() : accept({ type: 'DriftGone.v1', data: facts })
  const drift = found === 'absent' ? 'missing' : 'unexpected'
  if (state.drift === drift && !repair) return accept()
  const remedy = found === 'absent' ? 'grant' : 'revoke'
  return accept({
    type: 'DriftFound.v3',
    data: {
      ...facts,
      expected,
      found,
      repair: repair ? remedy : 'none',
      account: found === 'present' ? (account ?? null) : null,
    },
  })
}
