import type { Instant } from '@portcullis/core'
import { type GrantState, grantDecider } from '@portcullis/domain'
import { ENGINE } from '../facts/engineFacts.ts'
import type { Drive } from './drive.ts'
import { grantIds } from './targets.ts'

/** The grant as it will be with the changes of its holds. */
export const withHolds = ({ grantId, grant, holds }: Drive, now: Instant): GrantState => {
  let { state } = grant
  for (const command of holds) {
    const decision = grantDecider.decide(command, state, { now, actor: ENGINE }, grantIds(grantId))
    if (decision.ok) for (const event of decision.events) state = grantDecider.evolve(state, event)
  }
  return state
}
