import type { EntitlementCommand } from './entitlement.commands.ts'
import {
  assignmentNamed,
  begin,
  currentIn,
  type Expectation,
  finish,
  type ModelAssignment,
  type Of,
  pendingIn,
  requestNamed,
  type Situation,
  when,
} from './entitlement.model.fixture.ts'
import {
  assignDirectlyExpected,
  cancelRequestExpected,
  decideApprovalExpected,
  removeAssignmentExpected,
  requestExtensionExpected,
  submitRequestExpected,
} from './entitlement.modelRules.fixture.ts'

const NOTHING: Expectation = { reasons: [], effect: () => {} }

/** A timer of something that is over is passed over; one that still means something mustn't come early. */
const timer = (means: boolean, early: boolean, effect: () => void): Expectation =>
  means ? { reasons: when(early, 'deadline.early'), effect } : NOTHING

const timeOutApproval = (
  { requestId, stage }: Of<'TimeOutApproval'>,
  { model, now }: Situation,
): Expectation => {
  const request = requestNamed(model, requestId)
  if (request === undefined) return { reasons: ['request.not-found'], effect: () => {} }
  const { status, decideBy } = request
  const means = status === 'pendingApproval' && request.stage === stage
  return timer(means, decideBy !== null && now < decideBy, () => {
    request.status = 'timedOut'
  })
}

/** Of a package that is gone, nothing stays open. */
const endWithPackage = ({ model, world }: Situation): Expectation =>
  world.packageExists
    ? NOTHING
    : {
        reasons: [],
        effect: () => {
          const [pending, current] = [pendingIn(model), currentIn(model)]
          if (current?.status === 'active') finish(model, current)
          if (current?.status === 'scheduled') {
            current.status = 'cancelled'
            current.request.status = 'cancelled'
          }
          if (pending !== undefined) pending.status = 'cancelled'
        },
      }

const ofAssignment = (
  command: Extract<EntitlementCommand, { readonly assignmentId: string }>,
  situation: Situation,
): Expectation => {
  const { model, world, now } = situation
  const assignment = assignmentNamed(model, command.assignmentId)
  if (assignment === undefined) return { reasons: ['assignment.not-found'], effect: () => {} }
  const { status, startAt, endAt, endVersion, reminders } = assignment
  const isOver = endAt !== null && endAt <= now
  switch (command.type) {
    case 'StartAssignment':
      if (status === 'scheduled' && !world.packageExists) return endWithPackage(situation)
      return timer(status === 'scheduled', now < startAt, () => {
        if (isOver) finish(model, assignment)
        // Nothing starts for somebody who has left.
        else if (world.subject.exists && world.subject.enabled) begin(assignment, now)
        else assignment.startWithheld = true
      })
    case 'ExpireAssignment': {
      const means = status === 'active' || status === 'scheduled'
      return timer(means && endAt !== null && endVersion === command.endVersion, !isOver, () =>
        finish(model, assignment),
      )
    }
    case 'RemindOfEnd': {
      const at = reminders.get(command.offset)
      const means = endVersion === command.endVersion && at !== undefined
      // What is over can be told so at any time.
      return timer(means, status === 'active' && at !== undefined && now < at, () => {
        reminders.delete(command.offset)
      })
    }
    case 'RecordFulfilment':
      return { reasons: [], effect: () => tellFulfilment(command, assignment) }
    default:
      return NOTHING
  }
}

/**
 * The newest word on each role stands, if it is one: that a role which should be there is, or failed; that one which
 * shouldn't is gone.
 */
const tellFulfilment = (
  { roles: looked, rolesVersion }: Of<'RecordFulfilment'>,
  assignment: ModelAssignment,
): void => {
  const { status, roles } = assignment
  const ended = status === 'ended'
  if (!ended && (status !== 'active' || rolesVersion < assignment.rolesVersion)) return
  const wanted = looked.filter(({ desired }) => desired && !ended)
  const unwanted = looked.filter((role) => !wanted.includes(role))
  const news = { delivered: false, failed: false, revoked: false }
  for (const role of looked) {
    const { kind } = role.status
    const fits = wanted.includes(role)
      ? kind === 'delivered' || kind === 'failed'
      : kind === 'revoked'
    if (kind === 'pending' || kind === 'withheld' || !fits || roles.get(role.resourceId) === kind)
      continue
    roles.set(role.resourceId, kind)
    news[kind] = true
  }
  if (ended) {
    const gone = unwanted.every((role) => role.status.kind === 'revoked')
    if (news.revoked || gone) assignment.everythingGone = gone
    return
  }
  const complete = wanted.every((role) => role.status.kind === 'delivered')
  const isNew = complete && (!assignment.complete || rolesVersion > assignment.rolesVersion)
  if (news.delivered || isNew) assignment.complete = complete
  if (news.failed) assignment.complete = false
  if (news.delivered || isNew || news.failed || news.revoked) assignment.rolesVersion = rolesVersion
}

/** What the rules say to a command, worked out without the decider. */
export const expectationOf = (command: EntitlementCommand, situation: Situation): Expectation => {
  switch (command.type) {
    case 'SubmitRequest':
      return submitRequestExpected(command, situation)
    case 'AssignDirectly':
      return assignDirectlyExpected(command, situation)
    case 'RequestExtension':
      return requestExtensionExpected(command, situation)
    case 'DecideApproval':
      return decideApprovalExpected(command, situation)
    case 'CancelRequest':
      return cancelRequestExpected(command, situation)
    case 'RemoveAssignment':
      return removeAssignmentExpected(command, situation)
    default: {
      if (situation.actor.kind !== 'system')
        return { reasons: ['entitlement.engine-only'], effect: () => {} }
      if (command.type === 'EndWithPackage') return endWithPackage(situation)
      // What is noted of people changes nothing that the rules ask for.
      if (command.type === 'LookAtApprovers') return NOTHING
      return command.type === 'TimeOutApproval'
        ? timeOutApproval(command, situation)
        : ofAssignment(command, situation)
    }
  }
}
