import { accept, type Decision, refuse } from '@portcullis/core'
import type { GrantEvent } from '../events.ts'
import { parseAssignmentId } from '../streams.ts'
import type { GrantFacts } from './grant.facts.ts'
import type { GrantState } from './grant.state.ts'

type Answer = Decision<GrantEvent>

export interface AddHold {
  readonly type: 'AddHold'
  readonly assignmentId: string
}

export interface ReleaseHold {
  readonly type: 'ReleaseHold'
  readonly assignmentId: string
  readonly reason: 'assignment-ended' | 'role-removed'
}

export const addHold = (command: AddHold, state: GrantState, facts: GrantFacts): Answer => {
  const { assignmentId } = command
  if (parseAssignmentId(assignmentId)?.subjectId !== facts.subjectId) {
    return refuse(
      'invalid',
      'grant.wrong-subject',
      `Assignment ${assignmentId} isn't one of ${facts.subjectId}; only the subject's own assignments confer this access.`,
    )
  }
  if (state.holders.includes(assignmentId) || state.released.includes(assignmentId)) return accept()
  return accept({ type: 'HoldAdded.v1', data: { ...facts, assignmentId } })
}

/**
 * The end of an assignment is noted even where it holds nothing, so that a hold that arrives late can't outlive it
 * (promise 2).
 */
export const releaseHold = (command: ReleaseHold, state: GrantState, facts: GrantFacts): Answer => {
  const { assignmentId, reason } = command
  const news =
    state.holders.includes(assignmentId) ||
    (reason === 'assignment-ended' && !state.released.includes(assignmentId))
  return news
    ? accept({ type: 'HoldReleased.v1', data: { ...facts, assignmentId, reason } })
    : accept()
}
