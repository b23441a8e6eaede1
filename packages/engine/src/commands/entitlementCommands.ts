import { type Refusal, refuse } from '@portcullis/core'
import type { Directory, Person } from '@portcullis/directory'
import {
  type ActorFacts,
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
import { actorFacts } from './facts.ts'
import { type CommandTools, envelopeOf, type OutsideEnvelope, refused } from './tools.ts'

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

type Fact = 'roles' | 'policies' | 'approver'

/**
 * What the rules of each command look at besides the subject: each fact is a round trip or two.
 * A fact that isn't gathered says "no" (no role, no policy, not an approver), so that a gap here refuses too much, never too little.
 */
const FACTS: Readonly<Record<OutsideEntitlementCommand['type'], readonly Fact[]>> = {
  SubmitRequest: ['policies'],
  AssignDirectly: ['roles', 'policies'],
  RequestExtension: [],
  DecideApproval: ['approver'],
  CancelRequest: ['roles'],
  RemoveAssignment: ['roles'],
}

const factsFor = async (
  tools: CommandTools,
  command: OutsideEntitlementCommand,
  { packageId, subjectId }: Located,
  { caller }: OutsideEnvelope,
  state: EntitlementState,
): Promise<EntitlementFacts> => {
  const { directory, states } = tools
  const wanted = FACTS[command.type]
  const [people, accessPackage] = await Promise.all([
    directory.people([subjectId, ...(caller.actor.kind === 'user' ? [caller.actor.id] : [])]),
    wanted.includes('roles') || wanted.includes('policies') ? states.package(packageId) : null,
  ])
  const subject = people.get(subjectId)
  const person = caller.actor.kind === 'user' ? people.get(caller.actor.id) : undefined
  const [actor, policies, approverBasis] = await Promise.all([
    wanted.includes('roles')
      ? actorFacts(states, caller, person, accessPackage?.catalogId ?? '')
      : NO_ROLES,
    wanted.includes('policies')
      ? policyApplications(directory, accessPackage?.policies ?? [], subject)
      : [],
    command.type === 'DecideApproval'
      ? approverBasisOf(directory, person, state, command.requestId)
      : null,
  ])
  return {
    actor,
    package: { exists: accessPackage !== null && packageExists(accessPackage), policies },
    subject: { exists: subject !== undefined, enabled: subject?.enabled ?? false },
    approverBasis,
  }
}

const NO_ROLES: ActorFacts = { directoryRoles: [], catalogRoles: [] }

/** By what the person is an approver of the request's open stage, looked up at the moment of the decision (S10, S11). */
const approverBasisOf = async (
  directory: Directory,
  person: Person | undefined,
  state: EntitlementState,
  requestId: string,
): Promise<Basis | null> => {
  const request = findRequest(state, requestId)
  const stage = request && openStage(request)
  if (stage === undefined || !person?.enabled) return null
  if (stage.approvers.some(({ kind, id }) => kind === 'user' && id === person.id))
    return { kind: 'user', id: person.id }
  const groups = stage.approvers.filter(({ kind }) => kind === 'group').map(({ id }) => id)
  const [group] = groups.length === 0 ? [] : await directory.memberOfAny(person.id, groups)
  return group === undefined ? null : { kind: 'group', id: group }
}
