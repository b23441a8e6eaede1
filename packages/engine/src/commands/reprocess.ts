import { type Position, type Refusal, refuse, START } from '@portcullis/core'
import {
  type AssignmentState,
  type EntitlementState,
  findAssignment,
  findRequest,
  grantDecider,
  grantId,
  grantSettled,
  grantStream,
  type LocatedInEntitlement,
  parseAssignmentId,
  parseRequestId,
  type ResourceRoleRef,
  rolesEver,
  unlessPermitted,
} from '@portcullis/domain'
import { actorFactsOf } from '../facts/states.ts'
import type { CommandAnswer } from './commandAnswer.ts'
import { type CommandTools, envelopeOfStep, type Outside, refused } from './tools.ts'

/** An administrator of the package has delivery tried again, at any age (S21). */
export type ReprocessCommand =
  | { readonly type: 'ReprocessAssignment'; readonly assignmentId: string }
  | { readonly type: 'ReprocessRequest'; readonly requestId: string }

/**
 * Asks the grants of one assignment to try again now, whatever they wait for: those that failed, for good as well, and
 * those that couldn't be taken back after the end.
 * What is in place is looked at again, and granted again where the target has lost it. The grants' own events say so to
 * the worker.
 */
export const executeReprocess = async (
  tools: CommandTools,
  command: ReprocessCommand,
  outside: Outside,
): Promise<CommandAnswer> => {
  const located =
    command.type === 'ReprocessRequest'
      ? parseRequestId(command.requestId)
      : parseAssignmentId(command.assignmentId)
  if (located === undefined) return refused(notThere(command))
  const { states } = tools
  const [entitlement, accessPackage] = await Promise.all([
    states.entitlement(located.entitlementId),
    states.package(located.packageId),
  ])
  const actor = await actorFactsOf(tools, outside.caller, accessPackage.catalogId)
  const refusal = unlessPermitted(command.type, outside.caller.actor, actor)
  if (refusal !== undefined) return refusal
  const reused = await outside.admit()
  if (reused !== undefined) return refused(reused)
  const found = targetOf(entitlement, command)
  if ('code' in found) return refused(found)
  const { assignmentId, requestId } = found
  const answers = await Promise.all(
    rolesEver(accessPackage).map((role) => retry(tools, outside, located, assignmentId, role)),
  )
  const tried = answers.filter(({ events }) => events > 0)
  return {
    ok: true,
    commandId: outside.commandId,
    position: lastOf(answers),
    repeated: tried.some(({ repeated }) => repeated),
    result: {
      requestId: command.type === 'ReprocessRequest' ? command.requestId : requestId,
      assignmentId,
      retriedRoles: tried.length,
    },
  }
}

const notThere = (command: ReprocessCommand): Refusal => {
  const [what, id] =
    command.type === 'ReprocessRequest'
      ? ['request', command.requestId]
      : ['assignment', command.assignmentId]
  return refuse('not-found', `${what}.not-found`, `there is no ${what} ${id}; check the id`, { id })
    .refusal
}

/** The assignment to try again: one that has started, over or not. */
const targetOf = (
  state: EntitlementState,
  command: ReprocessCommand,
): AssignmentState | Refusal => {
  const found = assignmentOf(state, command)
  if (found === undefined) return notThere(command)
  if (found === 'none')
    return refuse(
      'conflict',
      'request.nothing-to-reprocess',
      'this request has led to no assignment, so there is nothing to deliver again; see its status',
    ).refusal
  return found.status === 'active' || found.status === 'ended'
    ? found
    : refuse(
        'conflict',
        'assignment.nothing-to-reprocess',
        `assignment ${found.assignmentId} ${found.status === 'scheduled' ? `starts at ${found.startAt}` : 'was cancelled before it started'}, so nothing has been delivered yet`,
        { assignmentId: found.assignmentId },
      ).refusal
}

const assignmentOf = (
  state: EntitlementState,
  command: ReprocessCommand,
): AssignmentState | 'none' | undefined => {
  if (command.type === 'ReprocessAssignment') return findAssignment(state, command.assignmentId)
  const request = findRequest(state, command.requestId)
  if (request === undefined) return undefined
  const { assignmentId, requestId } = request
  const found =
    assignmentId === null
      ? state.assignments.find((assignment) => assignment.requestId === requestId)
      : findAssignment(state, assignmentId)
  return found ?? 'none'
}

interface Retried {
  readonly events: number
  readonly position: Position
  readonly repeated: boolean
}

const retry = async (
  { handle, states }: CommandTools,
  outside: Outside,
  { subjectId }: LocatedInEntitlement,
  assignmentId: string,
  { resourceId, roleId }: ResourceRoleRef,
): Promise<Retried> => {
  const id = grantId(resourceId, roleId, subjectId)
  const grant = await states.grant(id)
  // What is in place for somebody else's sake is theirs to ask about.
  if (grantSettled(grant) && !grant.holders.includes(assignmentId)) return NOTHING
  const outcome = await handle({
    stream: grantStream(id),
    decider: grantDecider,
    command: { type: 'RetryNow' },
    envelope: envelopeOfStep(outside, 'retry', id),
    facts: () => ({ resourceId, roleId, subjectId }),
  })
  return outcome.ok
    ? { events: outcome.events.length, position: outcome.position, repeated: outcome.repeated }
    : NOTHING
}

const lastOf = (answers: readonly Retried[]): Position => {
  let last = START
  for (const { position } of answers) if (position > last) last = position
  return last
}

const NOTHING: Retried = { events: 0, position: START, repeated: false }
