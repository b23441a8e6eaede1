import {
  type Actor,
  accept,
  actorKey,
  type DecisionContext,
  type Refused,
  refuse,
} from '@portcullis/core'
import type { EntitlementEvent } from '../events.ts'
import { unlessPermitted } from '../permissions/permissions.ts'
import { addDays, expirationEnd } from '../time.ts'
import type { Basis } from './entitlement.events.ts'
import { extend } from './entitlement.extension.ts'
import type { EntitlementFacts } from './entitlement.facts.ts'
import { assignmentStarted, nextAssignmentId } from './entitlement.request.ts'
import {
  type Answer,
  isBlank,
  isSubject,
  subjectOf,
  unlessDue,
  unlessPackageDeleted,
  unlessSubjectThere,
  withAssignment,
  withRequest,
} from './entitlement.rules.ts'
import {
  type EntitlementState,
  findRequest,
  openStage,
  type RequestState,
} from './entitlement.state.ts'

export interface DecideApproval {
  readonly type: 'DecideApproval'
  readonly requestId: string
  readonly decision: 'approve' | 'deny'
  readonly justification: string | null
}

export interface TimeOutApproval {
  readonly type: 'TimeOutApproval'
  readonly requestId: string
  readonly stage: number
}

type OpenStage = NonNullable<ReturnType<typeof openStage>>

const STATUS_WORDS: Readonly<Record<RequestState['status'], string>> = {
  pendingApproval: 'is waiting for approval',
  approved: 'has been approved',
  denied: 'has been denied',
  timedOut: 'has timed out',
  cancelled: 'has been cancelled',
}

/** S11: the first decision wins; who comes later learns whose it was. */
const notPending = ({ requestId, status, decided }: RequestState): Refused =>
  decided !== null && (status === 'approved' || status === 'denied')
    ? refuse(
        'conflict',
        'approval.already-decided',
        `Request ${requestId} ${STATUS_WORDS[status]} by ${decided.by}${decided.at === null ? '' : ` at ${decided.at}`}; the first decision counts.`,
        { decision: decided.decision, by: decided.by, at: decided.at },
      )
    : refuse(
        'conflict',
        'request.not-pending',
        `Request ${requestId} ${STATUS_WORDS[status]}${status === 'approved' ? ' automatically' : ''}; there is nothing to decide.`,
        { status },
      )

/** S11: nobody decides on their own request, approver or not. */
const unlessOwn = (
  requestId: string,
  state: EntitlementState,
  actor: Actor,
): Refused | undefined => {
  const requestorId = findRequest(state, requestId)?.requestorId
  return isSubject(actor, subjectOf(requestId)) || actorKey(actor) === requestorId
    ? refuse(
        'forbidden',
        'approval.own-request',
        'Nobody decides on their own request (S11); another approver has to.',
      )
    : undefined
}

const mayDecide = (
  command: DecideApproval,
  request: RequestState,
  stage: OpenStage,
  { now, actor }: DecisionContext,
  approverBasis: Basis,
): { readonly basis: Basis } | Refused => {
  if (request.approvedBy.includes(actor.id)) {
    return refuse(
      'forbidden',
      'approval.same-approver',
      `${actor.id} has approved an earlier stage of this request, and each stage takes another person; another approver has to decide now.`,
      { stage: stage.number },
    )
  }
  if (now >= stage.decideBy) {
    return refuse(
      'conflict',
      'approval.timed-out',
      `The time to decide on this request ended at ${stage.decideBy} (S13); the subject can request again.`,
      { decideBy: stage.decideBy },
    )
  }
  return command.decision === 'approve' &&
    stage.approverJustification &&
    isBlank(command.justification)
    ? refuse(
        'invalid',
        'approval.justification-needed',
        `Policy ${request.terms.displayName} asks for a justification to approve; say why.`,
      )
    : { basis: approverBasis }
}

/** What follows from the last approval: the assignment starts, or goes on longer. */
const fulfil = (
  request: RequestState,
  state: EntitlementState,
  { now }: DecisionContext,
): EntitlementEvent | Refused => {
  const { requestId, policyId, policyVersion, terms } = request
  const { packageId, subjectId } = state
  if (packageId === null || subjectId === null) {
    throw new Error(`request ${requestId} is in a stream without a package`)
  }
  const endAt = expirationEnd(terms.expiration, now, terms.zone)
  if (endAt !== null && endAt <= now) {
    return refuse(
      'not-allowed',
      'approval.end-passed',
      `Access by policy ${terms.displayName} ended for everybody at ${endAt}, so it can't be approved any more; deny the request, and let the subject choose another policy.`,
      { endAt },
    )
  }
  const assignmentId = nextAssignmentId(state, packageId, subjectId)
  const beginning = { assignmentId, requestId, packageId, subjectId, policyId, policyVersion }
  return assignmentStarted(beginning, terms, endAt, now)
}

const approve = (
  command: DecideApproval,
  request: RequestState,
  stage: OpenStage,
  basis: Basis,
  state: EntitlementState,
  context: DecisionContext,
): Answer => {
  const { requestId, terms } = request
  const stages = terms.approval.required ? terms.approval.stages : []
  const following = stages[stage.number]
  const granted = (next: { readonly stage: number; readonly decideBy: string } | null) =>
    ({
      type: 'ApprovalGranted.v1',
      data: {
        requestId,
        stage: stage.number,
        approverId: context.actor.id,
        basis,
        justification: command.justification,
        next,
      },
    }) satisfies EntitlementEvent
  if (following !== undefined) {
    const decideBy = addDays(context.now, following.timeoutDays, terms.zone)
    return accept(granted({ stage: stage.number + 1, decideBy }))
  }
  if (request.assignmentId === null) {
    const started = fulfil(request, state, context)
    return 'ok' in started ? started : accept<EntitlementEvent>(granted(null), started)
  }
  return withAssignment(state, request.assignmentId, (assignment) => {
    const extended = extend(assignment, request, context.now)
    return 'ok' in extended ? extended : accept<EntitlementEvent>(granted(null), extended)
  })
}

/**
 * An approver decides (S11–S13). What is asked of approvers "to approve" (the justification, S12) isn't asked to deny.
 * A subject who has been disabled since can't be approved, only denied; nor can access by a package that has been
 * deleted since (S24).
 * From the time-out on nobody decides any more, also while its timer is late.
 */
export const decideApproval = (
  command: DecideApproval,
  state: EntitlementState,
  context: DecisionContext,
  facts: EntitlementFacts,
): Answer => {
  const { actor } = context
  const { approverBasis } = facts
  // Before anything is said of the request: anybody who may not decide doesn't learn whether there is one.
  const refusal =
    unlessOwn(command.requestId, state, actor) ??
    unlessPermitted('DecideApproval', actor, facts.actor, { approver: approverBasis !== null })
  if (refusal !== undefined) return refusal
  return withRequest(state, command.requestId, (request) => {
    const stage = openStage(request)
    if (stage === undefined) return notPending(request)
    if (approverBasis === null) throw new Error('an approver decides without a basis')
    const allowed = mayDecide(command, request, stage, context, approverBasis)
    if ('ok' in allowed) return allowed
    if (command.decision === 'approve') {
      return (
        unlessPackageDeleted(state.packageId, facts) ??
        unlessSubjectThere(state.subjectId ?? '', facts) ??
        approve(command, request, stage, allowed.basis, state, context)
      )
    }
    return accept({
      type: 'ApprovalDenied.v1',
      data: {
        requestId: request.requestId,
        stage: stage.number,
        approverId: actor.id,
        basis: allowed.basis,
        justification: command.justification,
      },
    })
  })
}

/** Nobody has decided in time (S13). Nothing when somebody has. */
export const timeOutApproval = (
  command: TimeOutApproval,
  state: EntitlementState,
  context: DecisionContext,
): Answer =>
  withRequest(state, command.requestId, (request) => {
    const stage = openStage(request)
    if (stage === undefined || stage.number !== command.stage) return accept()
    const { requestId } = request
    const { number, decideBy } = stage
    return (
      unlessDue(context, decideBy) ??
      accept({ type: 'ApprovalTimedOut.v1', data: { requestId, stage: number, decideBy } })
    )
  })
