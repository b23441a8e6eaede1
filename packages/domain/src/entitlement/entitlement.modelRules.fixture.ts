import { actorKey, type Instant } from '@portcullis/core'
import { expirationEnd } from '../time.ts'
import {
  ask,
  assignmentNamed,
  blank,
  currentIn,
  type Expectation,
  finish,
  fulfil,
  give,
  modelTerms,
  type Of,
  oneMorePeriod,
  pendingIn,
  requestNamed,
  type Situation,
  stagesOf,
  subjectReasons,
  when,
} from './entitlement.model.fixture.ts'
import { ADMINISTRATOR, isIn, type Policy, SUBJECT, scopeOf } from './entitlement.world.fixture.ts'

// The rules of the commands that people and services send: every reason to refuse one, in no order, or else the effect.
const isSubject = ({ actor }: Situation): boolean => actor.kind === 'user' && actor.id === SUBJECT
const isAdministrator = ({ actor }: Situation): boolean => actor.id === ADMINISTRATOR.id
const isService = ({ actor }: Situation): boolean => actor.kind === 'service'

const occupied = ({ model }: Situation): readonly string[] => [
  ...when(currentIn(model) !== undefined, 'request.already-assigned'),
  ...when(pendingIn(model) !== undefined, 'request.already-pending'),
]

const requestable = (situation: Situation, policy: Policy): boolean =>
  policy.enabled &&
  policy.terms.requestors.kind !== 'none' &&
  scopeOf(situation.world, policy) !== null

/** S23: does the subject see the package? By what they had of it, or by a policy that is for them, enabled or not. */
const seen = (situation: Situation): boolean =>
  situation.model.requests.length > 0 ||
  situation.world.policies.some((policy) => scopeOf(situation.world, policy) !== null)

/** S9: the policy, or why there is none. */
const chosen = (situation: Situation, policyId: string | null): Policy | readonly string[] => {
  const policies = situation.world.packageExists ? situation.world.policies : []
  if (policyId === null) {
    const all = policies.filter((policy) => requestable(situation, policy))
    const [first] = all
    if (first === undefined) return ['request.no-policy-applies']
    return all.length === 1 ? first : ['request.policy-needed']
  }
  const named = policies.find((policy) => policy.policyId === policyId)
  if (named === undefined) return ['request.policy-not-found']
  if (requestable(situation, named)) return named
  return [named.enabled ? 'request.policy-not-applicable' : 'request.policy-disabled']
}

export const submitRequestExpected = (
  command: Of<'SubmitRequest'>,
  situation: Situation,
): Expectation => {
  const { world, now } = situation
  const policy = chosen(situation, command.policyId)
  const found = 'terms' in policy ? policy : undefined
  const endAt = found && expirationEnd(found.terms.expiration, now, found.terms.zone)
  return {
    reasons: [
      ...when(!isSubject(situation) && !isService(situation), 'request.forbidden'),
      ...when(!world.packageExists || !seen(situation), 'package.not-found'),
      ...subjectReasons(situation),
      ...occupied(situation),
      ...('terms' in policy ? [] : policy),
      ...when(
        found?.terms.requestorJustification === true && blank(command.justification),
        'request.justification-needed',
      ),
      ...when(typeof endAt === 'string' && endAt <= now, 'request.end-passed'),
    ],
    effect: () => {
      if (found === undefined) throw new Error('no policy')
      const request = ask(situation, 'new', found, true)
      if (request.status === 'approved') fulfil(situation, request)
    },
  }
}

export const assignDirectlyExpected = (
  command: Of<'AssignDirectly'>,
  situation: Situation,
): Expectation => {
  const { world, now } = situation
  const policy = world.packageExists
    ? world.policies.find(({ policyId }) => policyId === command.policyId)
    : undefined
  const startAt = command.startAt ?? now
  const byPolicy = policy
    ? expirationEnd(policy.terms.expiration, startAt, policy.terms.zone)
    : null
  const endAt: Instant | null = command.endAt ?? byPolicy
  const given = command.endAt !== null
  return {
    reasons: [
      ...when(!world.packageExists, 'package.not-found'),
      ...when(!isAdministrator(situation), 'assignment.forbidden'),
      ...subjectReasons(situation),
      ...occupied(situation),
      ...when(policy === undefined, 'assignment.policy-not-found'),
      ...when(
        policy !== undefined &&
          policy.terms.requestors.kind !== 'none' &&
          scopeOf(world, policy) === null,
        'assignment.policy-not-applicable',
      ),
      ...when(startAt < now, 'assignment.start-in-past'),
      ...when(!given && endAt !== null && endAt <= startAt, 'assignment.end-passed'),
      ...when(given && endAt !== null && endAt <= now, 'assignment.end-in-past'),
      ...when(given && endAt !== null && endAt <= startAt, 'assignment.end-before-start'),
    ],
    effect: () => {
      if (policy === undefined) throw new Error('no policy')
      give(situation, ask(situation, 'direct', policy, false), startAt, endAt)
    },
  }
}

export const requestExtensionExpected = (
  command: Of<'RequestExtension'>,
  situation: Situation,
): Expectation => {
  const { model, world, now } = situation
  const assignment = assignmentNamed(model, command.assignmentId)
  if (assignment === undefined) {
    const known = isSubject(situation) || isService(situation)
    return { reasons: [known ? 'assignment.not-found' : 'extension.forbidden'], effect: () => {} }
  }
  const { request, status, endAt } = assignment
  const terms = modelTerms(request)
  const { kind } = terms.expiration
  const next = endAt === null ? null : oneMorePeriod(terms, endAt)
  const lastPeriodBegins = endAt === null ? null : onePeriodBefore(terms, endAt)
  const { extension } = terms
  return {
    reasons: [
      ...when(!isSubject(situation) && !isService(situation), 'extension.forbidden'),
      ...when(status === 'scheduled', 'extension.not-active'),
      ...when(
        (status !== 'active' && status !== 'scheduled') || (endAt !== null && endAt <= now),
        'extension.assignment-ended',
      ),
      ...when(pendingIn(model) !== undefined, 'extension.already-pending'),
      ...when(!world.packageExists, 'package.deleted'),
      ...subjectReasons(situation),
      ...when(!extension.allowed, 'extension.not-allowed'),
      ...when(endAt === null, 'extension.no-end'),
      ...when(
        kind === 'onDate' && endAt !== null && next !== null && next <= endAt,
        'extension.fixed-date',
      ),
      ...when(kind === 'never' && endAt !== null, 'extension.no-period'),
      ...when(lastPeriodBegins !== null && now < lastPeriodBegins, 'extension.too-early'),
      ...when(
        terms.requestorJustification && blank(command.justification),
        'request.justification-needed',
      ),
    ],
    effect: () => {
      const needsApproval = extension.allowed && extension.approvalRequired
      const asked = ask(situation, 'extension', request.policy, needsApproval, assignment)
      if (asked.status === 'approved') fulfil(situation, asked)
    },
  }
}

const onePeriodBefore = (terms: Policy['terms'], endAt: Instant): Instant | null => {
  const { expiration, zone } = terms
  if (expiration.kind === 'afterDays')
    return expirationEnd({ ...expiration, days: -expiration.days }, endAt, zone)
  return expiration.kind === 'afterHours'
    ? expirationEnd({ ...expiration, hours: -expiration.hours }, endAt, zone)
    : null
}

export const decideApprovalExpected = (
  command: Of<'DecideApproval'>,
  situation: Situation,
): Expectation => {
  const { model, world, now, actor } = situation
  const request = requestNamed(model, command.requestId)
  // Who may not decide doesn't learn whether there is such a request.
  if (request === undefined) {
    const reason = isSubject(situation) ? 'approval.own-request' : 'approval.forbidden'
    return { reasons: [reason], effect: () => {} }
  }
  const { status, stage, decideBy, approvedBy, decidedBy } = request
  const terms = modelTerms(request)
  const stages = stagesOf(terms)
  const own = isSubject(situation) || actorKey(actor) === request.by
  if (status !== 'pendingApproval' || stage === null || decideBy === null) {
    const somebodyDid = decidedBy !== null && (status === 'approved' || status === 'denied')
    const approvers = stages.flatMap((closed) => closed.approvers)
    const wasApprover = actor.kind === 'user' && isIn(world, actor.id, approvers) !== null
    const why = somebodyDid ? 'approval.already-decided' : 'request.not-pending'
    return {
      reasons: own ? ['approval.own-request'] : [wasApprover ? why : 'approval.forbidden'],
      effect: () => {},
    }
  }
  const open = stages[stage - 1]
  const approves = command.decision === 'approve'
  const completes = approves && stage === stages.length
  const isApprover = actor.kind === 'user' && isIn(world, actor.id, open?.approvers ?? []) !== null
  const endAt = expirationEnd(terms.expiration, now, terms.zone)
  const extended = request.extends
  return {
    reasons: [
      ...when(own, 'approval.own-request'),
      ...when(!isApprover, 'approval.forbidden'),
      ...when(approvedBy.includes(actor.id), 'approval.same-approver'),
      ...when(now >= decideBy, 'approval.timed-out'),
      ...when(
        approves && open?.approverJustification === true && blank(command.justification),
        'approval.justification-needed',
      ),
      ...when(approves && !world.packageExists, 'package.deleted'),
      ...(approves ? subjectReasons(situation) : []),
      ...when(
        completes && extended === null && endAt !== null && endAt <= now,
        'approval.end-passed',
      ),
      ...when(
        completes && extended !== null && (extended.endAt ?? now) <= now,
        'approval.assignment-ended',
      ),
    ],
    effect: () => {
      request.decidedBy = actor.id
      if (!approves) {
        request.status = 'denied'
        return
      }
      request.approvedBy.push(actor.id)
      if (!completes) {
        request.stage = stage + 1
        const days = stages[stage]?.timeoutDays ?? 0
        request.decideBy = expirationEnd({ kind: 'afterDays', days }, now, terms.zone)
        return
      }
      request.status = 'approved'
      fulfil(situation, request)
    },
  }
}

export const cancelRequestExpected = (
  command: Of<'CancelRequest'>,
  situation: Situation,
): Expectation => {
  const { model, actor } = situation
  const request = requestNamed(model, command.requestId)
  if (request === undefined) {
    const known = isSubject(situation) || isAdministrator(situation)
    return { reasons: [known ? 'request.not-found' : 'request.forbidden'], effect: () => {} }
  }
  const planned = model.assignments.find(
    (assignment) => assignment.request === request && assignment.status === 'scheduled',
  )
  const asked = actorKey(actor) === request.by && request.kind !== 'direct'
  const own = isSubject(situation) || asked
  const waits = request.status === 'pendingApproval' || planned !== undefined
  return {
    reasons: [
      ...when(!own && !isAdministrator(situation), 'request.forbidden'),
      ...when(!waits, 'request.not-cancellable'),
    ],
    effect: () => {
      request.status = 'cancelled'
      if (planned !== undefined) planned.status = 'cancelled'
    },
  }
}

export const removeAssignmentExpected = (
  command: Of<'RemoveAssignment'>,
  situation: Situation,
): Expectation => {
  const { model } = situation
  const assignment = assignmentNamed(model, command.assignmentId)
  if (assignment === undefined) {
    const known = isSubject(situation) || isAdministrator(situation)
    return { reasons: [known ? 'assignment.not-found' : 'assignment.forbidden'], effect: () => {} }
  }
  return {
    reasons: [
      ...when(!isSubject(situation) && !isAdministrator(situation), 'assignment.forbidden'),
      ...when(currentIn(model) !== assignment, 'assignment.already-ended'),
    ],
    effect: () => finish(model, assignment),
  }
}
