import type { Actor, Refusal } from '@portcullis/core'
import { refuse } from '@portcullis/core'
import type { Directory } from '@portcullis/directory'
import {
  type Basis,
  type EntitlementCommand,
  type EntitlementFacts,
  type EntitlementState,
  entitlementDecider,
  entitlementId,
  entitlementStream,
  findAssignment,
  findRequest,
  openStage,
  packageExists,
  parseAssignmentId,
  parseRequestId,
} from '@portcullis/domain'
import type { CommandAnswer, OutsideCommand } from '../application.ts'
import { policyApplications } from '../eligibility.ts'
import { type CommandTools, envelopeOf, type OutsideEnvelope, refused } from './execute.ts'
import { actorFactsOf, personOf } from './facts.ts'

type OutsideEntitlementCommand = Extract<OutsideCommand, EntitlementCommand>

const TYPES: Record<OutsideEntitlementCommand['type'], true> = {
  SubmitRequest: true,
  AssignDirectly: true,
  RequestExtension: true,
  DecideApproval: true,
  CancelRequest: true,
  RemoveAssignment: true,
}

export const isEntitlementCommand = (
  command: OutsideCommand,
): command is OutsideEntitlementCommand => Object.hasOwn(TYPES, command.type)

interface Located {
  readonly packageId: string
  readonly subjectId: string
  readonly entitlementId: string
}

/** Where the command's target lives: its id says so, no view is asked (promise 7). */
const locate = (command: OutsideEntitlementCommand): Located | Refusal => {
  if ('packageId' in command)
    return { ...command, entitlementId: entitlementId(command.packageId, command.subjectId) }
  if ('requestId' in command)
    return parseRequestId(command.requestId) ?? unknown('request', command.requestId)
  return parseAssignmentId(command.assignmentId) ?? unknown('assignment', command.assignmentId)
}

const unknown = (what: 'request' | 'assignment', id: string): Refusal =>
  refuse('not-found', `${what}.not-found`, `there is no ${what} ${id}`, { id }).refusal

export const executeEntitlementCommand = async (
  tools: CommandTools,
  command: OutsideEntitlementCommand,
  outside: OutsideEnvelope,
): Promise<CommandAnswer> => {
  const located = locate(command)
  if ('code' in located) return refused(located)
  const outcome = await tools.handle({
    stream: entitlementStream(located.entitlementId),
    decider: entitlementDecider,
    command,
    envelope: envelopeOf(outside),
    facts: (state) => factsFor(tools, command, located, outside, state),
  })
  if (!outcome.ok) return refused(outcome.refusal)
  return {
    ok: true,
    commandId: outside.commandId,
    position: outcome.position,
    repeated: outcome.repeated,
    result: resultOf(command, outcome.state),
  }
}

/** What the sender learns: the request or assignment that the command made or changed, as it was right after. */
const resultOf = (
  command: OutsideEntitlementCommand,
  state: EntitlementState,
): Extract<CommandAnswer, { ok: true }>['result'] => {
  if (command.type === 'RemoveAssignment') {
    const assignment = findAssignment(state, command.assignmentId)
    return { assignmentId: command.assignmentId, status: assignment?.status ?? 'ended' }
  }
  const request =
    'requestId' in command ? findRequest(state, command.requestId) : state.requests.at(-1)
  if (request === undefined) return {}
  const assignment =
    request.assignmentId === null
      ? state.assignments.find(({ requestId }) => requestId === request.requestId)
      : findAssignment(state, request.assignmentId)
  return {
    requestId: request.requestId,
    status: request.status,
    assignmentId: assignment?.assignmentId ?? null,
    endAt: assignment?.endAt ?? null,
  }
}

const factsFor = async (
  tools: CommandTools,
  command: OutsideEntitlementCommand,
  located: Located,
  { caller }: OutsideEnvelope,
  state: EntitlementState,
): Promise<EntitlementFacts> => {
  const { directory, states } = tools
  const [subject, accessPackage] = await Promise.all([
    directory.person(located.subjectId),
    states.package(located.packageId),
  ])
  const [actor, policies, approverBasis] = await Promise.all([
    actorFactsOf(tools, caller, accessPackage.catalogId),
    policyApplications(directory, accessPackage.policies, subject),
    command.type === 'DecideApproval'
      ? approverBasisOf(directory, caller.actor, state, command.requestId)
      : null,
  ])
  return {
    actor,
    package: { exists: packageExists(accessPackage), policies },
    subject: { exists: subject !== undefined, enabled: subject?.enabled ?? false },
    approverBasis,
  }
}

/** By what the actor is an approver of the request's open stage, looked up at the moment of the decision (S10, S11). */
export const approverBasisOf = async (
  directory: Directory,
  actor: Actor,
  state: EntitlementState,
  requestId: string,
): Promise<Basis | null> => {
  const request = findRequest(state, requestId)
  const stage = request && openStage(request)
  const person = await personOf(directory, actor)
  if (stage === undefined || !person?.enabled) return null
  if (stage.approvers.some(({ kind, id }) => kind === 'user' && id === person.id))
    return { kind: 'user', id: person.id }
  const groups = stage.approvers.filter(({ kind }) => kind === 'group').map(({ id }) => id)
  const [group] = groups.length === 0 ? [] : await directory.memberOfAny(person.id, groups)
  return group === undefined ? null : { kind: 'group', id: group }
}
