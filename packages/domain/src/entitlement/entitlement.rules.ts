import {
  type Actor,
  type Decision,
  type DecisionContext,
  type Instant,
  type Refused,
  refuse,
} from '@portcullis/core'
import type { EntitlementEvent } from '../events.ts'
import type { PolicyTerms } from '../policyTerms.ts'
import { parseAssignmentId, parseRequestId } from '../streams.ts'
import { endOfDate, type Reminder, reminderTimes } from '../time.ts'
import type { EntitlementFacts } from './entitlement.facts.ts'
import {
  type AssignmentState,
  currentAssignment,
  type EntitlementState,
  findAssignment,
  findRequest,
  pendingRequest,
  type RequestState,
} from './entitlement.state.ts'

// What the decisions about requests, approvals and assignments share.

export type Answer = Decision<EntitlementEvent>

/** Who the engine's own events say they are by. */
export const ENGINE = 'system'

export const isSubject = (actor: Actor, subjectId: string | null): boolean =>
  actor.kind === 'user' && actor.id === subjectId

/**
 * Whom a request or an assignment is about, as its id says: known also where there is no such thing, so that who may
 * not see it doesn't learn which.
 */
export const subjectOf = (id: string): string | null =>
  (parseRequestId(id) ?? parseAssignmentId(id))?.subjectId ?? null

export const isBlank = (text: string | null): boolean => text === null || text.trim() === ''

/**
 * Whether access that ends then can be extended by these terms (S15): they allow it, and have a period, or a date that
 * is later.
 */
export const canBeExtended = (
  { extension, expiration, zone }: PolicyTerms,
  endAt: Instant,
): boolean => {
  if (!extension.allowed || expiration.kind === 'never') return false
  return expiration.kind !== 'onDate' || endAt < endOfDate(expiration.date, zone)
}

/** When an extension is to be asked for: never where there would be none (S15). */
export const remindersFor = (
  terms: PolicyTerms,
  endAt: Instant | null,
  now: Instant,
): Reminder[] =>
  endAt !== null && canBeExtended(terms, endAt) ? [...reminderTimes(endAt, now, terms.zone)] : []

export const withRequest = (
  state: EntitlementState,
  requestId: string,
  go: (request: RequestState) => Answer,
): Answer => {
  const request = findRequest(state, requestId)
  return request === undefined
    ? refuse(
        'not-found',
        'request.not-found',
        `There is no request with the id ${requestId}; check the id.`,
      )
    : go(request)
}

export const withAssignment = (
  state: EntitlementState,
  assignmentId: string,
  go: (assignment: AssignmentState) => Answer,
): Answer => {
  const assignment = findAssignment(state, assignmentId)
  return assignment === undefined
    ? refuse(
        'not-found',
        'assignment.not-found',
        `There is no assignment with the id ${assignmentId}; check the id.`,
      )
    : go(assignment)
}

/** A timer that comes before its time does nothing: the clock of its sender is ahead, or went back since (S28). */
export const unlessDue = ({ now }: DecisionContext, dueAt: Instant): Refused | undefined =>
  now < dueAt
    ? refuse('conflict', 'deadline.early', `This is due at ${dueAt}, not before; try again then.`, {
        dueAt,
      })
    : undefined

/**
 * Nobody gets access, or has it extended, who is disabled, whom the directory doesn't know, or whose external directory
 * is refused now (S8).
 */
export const unlessSubjectThere = (
  subjectId: string,
  { subject }: EntitlementFacts,
): Refused | undefined => {
  if (!subject.exists) {
    return refuse(
      'not-found',
      'subject.not-found',
      `The directory knows nobody with the id ${subjectId}; check the id, or import the person first.`,
      { subjectId },
    )
  }
  if (!subject.enabled) {
    return refuse(
      'not-allowed',
      'subject.disabled',
      `${subjectId} is disabled in the directory, and only enabled people get access; enable the person first.`,
      { subjectId },
    )
  }
  const { origin } = subject
  return origin === undefined || origin.refusedBecause === null
    ? undefined
    : refuse(
        'not-allowed',
        'subject.directory-refused',
        `The collaboration restrictions refuse external directory '${origin.displayName}', which ${subjectId} is of (S8): it ${origin.refusedBecause}. What its people have stays until its end; to give them more, have the directory allowed first.`,
        { subjectId, directoryId: origin.id, reason: origin.refusedBecause },
      )
}

/** One subject has at most one open request and one current assignment of a package. */
export const unlessFree = (state: EntitlementState): Refused | undefined => {
  const assignment = currentAssignment(state)
  if (assignment !== undefined) {
    const { assignmentId, status, endAt } = assignment
    return refuse(
      'conflict',
      'request.already-assigned',
      `${state.subjectId} has this access package already (${assignmentId}, ${status}${endAt === null ? '' : `, until ${endAt}`}); ask for an extension instead, or remove that assignment first.`,
      { assignmentId, status, endAt },
    )
  }
  const pending = pendingRequest(state)
  return pending === undefined
    ? undefined
    : refuse(
        'conflict',
        'request.already-pending',
        `A request of ${state.subjectId} for this access package is waiting for approval (${pending.requestId}); wait for the decision, or cancel that request first.`,
        { requestId: pending.requestId },
      )
}

/**
 * Who may see a package: anybody who has a role in its catalog; and a subject whom one of its policies is for, or who
 * has had a request or an assignment of it.
 * To everybody else it is as if there were none (S23).
 */
export const seesPackage = (
  state: EntitlementState,
  facts: Pick<EntitlementFacts, 'package'>,
): boolean =>
  facts.package.exists &&
  (facts.package.shown === true ||
    state.requests.length > 0 ||
    facts.package.policies.some(({ basis }) => basis !== null))

/** Not there, or not to be seen: the same words. */
export const unlessPackageSeen = (
  packageId: string,
  state: EntitlementState,
  facts: EntitlementFacts,
): Refused | undefined =>
  unlessPackageThere(packageId, {
    ...facts,
    package: { ...facts.package, exists: seesPackage(state, facts) },
  })

export const unlessPackageThere = (
  packageId: string,
  facts: EntitlementFacts,
): Refused | undefined =>
  facts.package.exists
    ? undefined
    : refuse(
        'not-found',
        'package.not-found',
        `There is no access package with the id ${packageId}; check the id.`,
        { packageId },
      )

/** S24: of a deleted package nothing is approved, started or extended any more; what is open is ended by the engine. */
export const unlessPackageDeleted = (
  packageId: string | null,
  facts: EntitlementFacts,
): Refused | undefined =>
  facts.package.exists
    ? undefined
    : refuse(
        'not-allowed',
        'package.deleted',
        `Access package ${packageId} has been deleted, so nobody gets access by it any more; its open requests and assignments are being ended.`,
        { packageId },
      )
