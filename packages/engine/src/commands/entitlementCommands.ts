import { type Refusal, refuse } from '@portcullis/core'
import {
  type Basis,
  type EntitlementCommand,
  type EntitlementFacts,
  type EntitlementState,
  entitlementId,
  entitlementStream,
  findAssignment,
  findRequest,
  isPermitted,
  openStage,
  type Principal,
  packageExists,
  parseAssignmentId,
  parseRequestId,
  seesPackage,
  type Warning,
} from '@portcullis/domain'
import type { AssignmentStatus } from '@portcullis/views'
import { policyApplications, subjectFacts } from '../facts/eligibility.ts'
import { actorFacts, rolesIn } from '../facts/states.ts'
import type { CommandAnswer } from './commandAnswer.ts'
import type { OutsideCommand } from './outsideCommand.ts'
import { requestStatus } from './statusWords.ts'
import { type CommandTools, envelopeOf, type Outside, refused } from './tools.ts'
import { entitlementWithApprovers, nobodyDecides, withApproversThere } from './withApprovers.ts'

type OutsideEntitlementCommand = Extract<OutsideCommand, EntitlementCommand>

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
  outside: Outside,
): Promise<CommandAnswer> => {
  const located = locate(command)
  if ('code' in located) return refused(located)
  const { actor } = outside.caller
  const outcome = await tools.handle({
    stream: entitlementStream(located.entitlementId),
    decider: entitlementWithApprovers,
    command,
    envelope: envelopeOf(outside),
    admit: outside.admit,
    facts: async (state) => {
      const facts = await factsFor(tools, command, located, outside, state)
      const context = { now: tools.now(), actor }
      return withApproversThere(tools.directory, command, state, context, facts)
    },
  })
  if (!outcome.ok) return refused(outcome.refusal)
  const result = resultOf(command, outcome.state)
  return {
    ok: true,
    commandId: outside.commandId,
    position: outcome.position,
    repeated: outcome.repeated,
    result: nobodyDecides(outcome.state, result.requestId)
      ? { ...result, warnings: [NOBODY_CAN_DECIDE] }
      : result,
  }
}

const NOBODY_CAN_DECIDE: Warning = {
  path: '',
  code: 'request.no-approver',
  message:
    'Nobody is there who may decide on this request: every approver is disabled, gone from their group, or the one who asks. The managers of the package are told.',
}

/** What the sender learns: the request or assignment that the command made or changed, as it was right after. */
const resultOf = (
  command: OutsideEntitlementCommand,
  state: EntitlementState,
): Extract<CommandAnswer, { ok: true }>['result'] => {
  if (command.type === 'RemoveAssignment')
    return { assignmentId: command.assignmentId, status: 'Removed' satisfies AssignmentStatus }
  const request =
    'requestId' in command ? findRequest(state, command.requestId) : state.requests.at(-1)
  if (request === undefined) return {}
  const assignment =
    request.assignmentId === null
      ? state.assignments.find(({ requestId }) => requestId === request.requestId)
      : findAssignment(state, request.assignmentId)
  return {
    requestId: request.requestId,
    policyId: request.policyId,
    policyVersion: request.policyVersion,
    status: requestStatus(request, assignment),
    assignmentId: assignment?.assignmentId ?? null,
    endAt: assignment?.endAt ?? null,
  }
}

type Fact = 'roles' | 'package' | 'policies'

/**
 * What the rules of each command look at besides the subject and the approvers: each fact is a round trip or two.
 * A fact that isn't gathered says "no" (no role, no package, no policy), so that a gap here refuses too much, never too
 * little.
 */
const FACTS: Readonly<Record<OutsideEntitlementCommand['type'], readonly Fact[]>> = {
  SubmitRequest: ['policies'],
  AssignDirectly: ['roles', 'policies'],
  RequestExtension: ['package'],
  DecideApproval: ['package'],
  CancelRequest: ['roles'],
  RemoveAssignment: ['roles'],
}

const factsFor = async (
  tools: CommandTools,
  command: OutsideEntitlementCommand,
  { packageId, subjectId }: Located,
  { caller }: Outside,
  state: EntitlementState,
): Promise<EntitlementFacts> => {
  const { directory, states } = tools
  const wanted = FACTS[command.type]
  const userId = caller.actor.kind === 'user' ? caller.actor.id : undefined
  const approvers = command.type === 'DecideApproval' ? approversOf(state, command.requestId) : []
  const [people, accessPackage, approverGroupIds] = await Promise.all([
    directory.people(userId === undefined ? [subjectId] : [subjectId, userId]),
    wanted.length === 0 ? null : states.package(packageId),
    memberOf(tools, userId, approvers),
  ])
  const subject = people.get(subjectId)
  const person = userId === undefined ? undefined : people.get(userId)
  const [actor, policies, subjectSeen] = await Promise.all([
    wanted.includes('roles')
      ? actorFacts(states, caller, person, accessPackage?.catalogId ?? '')
      : rolesIn(undefined, caller, person),
    wanted.includes('policies')
      ? policyApplications(directory, accessPackage?.policies ?? [], subject, tools.now())
      : [],
    subjectFacts(directory, subject),
  ])
  const exists = accessPackage !== null && packageExists(accessPackage)
  const found = { exists, policies }
  // A role is looked for only where nothing else shows the package to the sender.
  const shown =
    command.type === 'SubmitRequest' && exists && !seesPackage(state, { package: found })
      ? isPermitted(
          'getAccessPackage',
          caller.actor,
          await actorFacts(states, caller, person, accessPackage.catalogId),
        )
      : false
  return {
    actor,
    package: shown ? { ...found, shown } : found,
    subject: subjectSeen,
    approverBasis: person?.enabled ? approverBasisOf(person.id, approvers, approverGroupIds) : null,
  }
}

/**
 * Who may decide on the open stage of a request. Where none is open any more, everybody whom the request's terms name:
 * they learn who was first (S11). Nobody where there is no such request.
 */
const approversOf = (state: EntitlementState, requestId: string): readonly Principal[] => {
  const request = findRequest(state, requestId)
  if (request === undefined) return []
  const { approval } = request.terms
  const all = approval.required ? approval.stages.flatMap(({ approvers }) => approvers) : []
  return openStage(request)?.approvers ?? all
}

/** Which of these groups the user is in, at the moment of the decision (S10). */
const memberOf = async (
  { directory, now }: CommandTools,
  userId: string | undefined,
  principals: readonly Principal[],
): Promise<readonly string[]> => {
  const groupIds = principals.filter(({ kind }) => kind === 'group').map(({ id }) => id)
  return userId === undefined || groupIds.length === 0
    ? []
    : directory.memberOfAny(userId, groupIds, now())
}

/** By what the person is an approver (S11): themselves first, then a group that they are in. */
const approverBasisOf = (
  personId: string,
  approvers: readonly Principal[],
  groupIds: readonly string[],
): Basis | null => {
  if (approvers.some(({ kind, id }) => kind === 'user' && id === personId))
    return { kind: 'user', id: personId }
  const [group] = groupIds
  return group === undefined ? null : { kind: 'group', id: group }
}
