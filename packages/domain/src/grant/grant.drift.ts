import { accept, type Decision, refuse } from '@portcullis/core'
import type { GrantEvent } from '../events.ts'
import type { GrantCommand, GrantFacts } from './grant.commands.ts'
import { type GrantState, grantDesired, grantSettled } from './grant.state.ts'

/**
 * What a scan saw, against what should be. Recorded once while it stays; recorded again when it is to be repaired now.
 * What was there before us is nobody's to expect or to miss (promise 4).
 */
export const reportDrift = (
  { found, account, lookedAt, repair }: Extract<GrantCommand, { type: 'ReportDrift' }>,
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
