import { accept, type Decider, type Instant } from '@portcullis/core'
import type { DirectoryEvent } from '../events.ts'
import { unlessPermitted } from '../permissions/permissions.ts'
import type { ActorFacts } from '../permissions/standings.ts'

/**
 * Lets the access of everybody end who has left by now, though they are many; of those who leave later, many are held
 * again.
 */
export interface LeaversCommand {
  readonly type: 'ReleaseLeaverEndings'
}

export interface LeaversFacts {
  readonly actor: ActorFacts
  /** How many people who left have something that could end. */
  readonly people: number
}

export interface LeaversState {
  /** Who had left by then may lose what they have, however many they are; null: nobody ever said so. */
  readonly releasedTo: Instant | null
}

export const leaversDecider: Decider<LeaversState, LeaversCommand, DirectoryEvent, LeaversFacts> = {
  initialState: () => ({ releasedTo: null }),
  evolve: (state, event) =>
    event.type === 'LeaverEndingsReleased.v1' ? { releasedTo: event.data.leftBy } : state,
  decide: ({ type }, { releasedTo }, { now, actor }, facts) => {
    const refusal = unlessPermitted(type, actor, facts.actor)
    if (refusal !== undefined) return refusal
    const { people } = facts
    if (people === 0 || (releasedTo !== null && releasedTo >= now)) return accept()
    return accept({ type: 'LeaverEndingsReleased.v1', data: { leftBy: now, people } })
  },
}
