import { accept, type DecisionContext } from '@portcullis/core'
import type { EntitlementEvent } from '../events.ts'
import { endAssignment, startAssignment } from './entitlement.assignment.ts'
import type { EntitlementFacts } from './entitlement.facts.ts'
import { type Answer, ENGINE, withAssignment, withRequest } from './entitlement.rules.ts'
import { type EntitlementState, openStage } from './entitlement.state.ts'

/**
 * A look at the directory: is the subject there? Notes that they left or came back; with `end`, ends what the grace for
 * leavers is over for.
 */
export interface LookAtSubject {
  readonly type: 'LookAtSubject'
  readonly assignmentId: string
  /** Since when they are disabled or gone, should they be. */
  readonly since: string
  /** When it ends for it; null: it doesn't. */
  readonly endsAt: string | null
  readonly end: boolean
}

/** A look at who could decide on the open stage of a request. */
export interface LookAtApprovers {
  readonly type: 'LookAtApprovers'
  readonly requestId: string
  readonly stage: number
}

/**
 * A2: what the directory says of the subject of an assignment that is active or to come. Noted once when they leave,
 * and once when they are back.
 * Anybody who is enabled by now keeps it, whatever was to be ended: the facts are of the moment of the decision.
 */
export const lookAtSubject = (
  command: LookAtSubject,
  state: EntitlementState,
  context: DecisionContext,
  facts: EntitlementFacts,
): Answer =>
  withAssignment(state, command.assignmentId, (assignment) => {
    const { assignmentId, status, endAt, subjectLeftSince, startWithheld } = assignment
    const { subject } = facts
    if (status !== 'active' && status !== 'scheduled') return accept()
    if (subject.exists && subject.enabled) {
      if (subjectLeftSince === null && !startWithheld) return accept()
      const back: EntitlementEvent = { type: 'SubjectReturned.v1', data: { assignmentId } }
      if (!startWithheld) return accept(back)
      const start = startAssignment(
        { type: 'StartAssignment', assignmentId },
        state,
        context,
        facts,
      )
      return start.ok ? accept(back, ...start.events) : start
    }
    const news: EntitlementEvent[] = []
    const { since, endsAt } = command
    // Later than noted: they were back meanwhile, and nobody saw it.
    if (subjectLeftSince === null || subjectLeftSince < since)
      news.push({ type: 'SubjectLeft.v1', data: { assignmentId, since, endsAt } })
    // What has come to its own end ends by that, which fires right after.
    const isOver = endAt !== null && endAt <= context.now
    if (!command.end || isOver) return accept(...news)
    const end = endAssignment(assignment, state, {
      reason: 'subject-left',
      by: ENGINE,
      justification: null,
    })
    return end.ok ? accept(...news, ...end.events) : end
  })

/** Whether somebody could decide on the open stage: noted when nobody can any more, and when somebody can again. */
export const lookAtApprovers = (
  command: LookAtApprovers,
  state: EntitlementState,
  { approverThere }: EntitlementFacts,
): Answer =>
  withRequest(state, command.requestId, (request) => {
    const { requestId, approverMissing } = request
    const stage = openStage(request)
    if (stage?.number !== command.stage || approverThere === undefined) return accept()
    if (approverThere !== approverMissing) return accept()
    return accept<EntitlementEvent>({
      type: approverThere ? 'ApproverFound.v1' : 'ApproverMissing.v1',
      data: { requestId, stage: stage.number },
    })
  })
