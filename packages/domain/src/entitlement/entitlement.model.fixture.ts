import { type Actor, actorKey, type Instant } from '@portcullis/core'
import type { PolicyTerms } from '../policyTerms.ts'
import type { ReminderOffset } from '../time.ts'
import { addDays, expirationEnd, reminderTimes } from '../time.ts'
import type { EntitlementCommand } from './entitlement.commands.ts'
import type { EntitlementState } from './entitlement.state.ts'
import type { Policy, World } from './entitlement.world.fixture.ts'

// What must be, told a second time and more simply than by the decider: a list of requests and one of assignments that
// are changed in place.
// (Only the calendar is shared: it has specs of its own.)

export interface ModelRequest {
  readonly id: string
  readonly kind: 'new' | 'extension' | 'direct'
  readonly by: string
  readonly policy: Policy
  status: 'pendingApproval' | 'approved' | 'denied' | 'timedOut' | 'cancelled'
  stage: number | null
  decideBy: Instant | null
  readonly approvedBy: string[]
  decidedBy: string | null
  /** To extend; null for the other kinds. */
  readonly extends: ModelAssignment | null
}

export interface ModelAssignment {
  readonly id: string
  readonly request: ModelRequest
  status: 'scheduled' | 'active' | 'ended' | 'cancelled'
  startAt: Instant
  endAt: Instant | null
  endVersion: number
  /** Of this end: those that still wait. */
  reminders: Map<ReminderOffset, Instant>
  /** Of the last look that was news; 0 before the first. */
  rolesVersion: number
  complete: boolean
  /** By resource: delivered, failed or revoked, as last told. */
  readonly roles: Map<string, string>
  everythingGone: boolean
  /** Its time came while the subject had left. */
  startWithheld: boolean
}

export interface Model {
  readonly requests: ModelRequest[]
  readonly assignments: ModelAssignment[]
}

export interface Situation {
  readonly model: Model
  readonly world: World
  readonly now: Instant
  readonly actor: Actor
}

/** What a command must lead to: refused for one of these reasons, or accepted with this effect. */
export interface Expectation {
  readonly reasons: readonly string[]
  readonly effect: () => void
}

export const PREFIX = 'tools.mira'
export const modelTerms = ({ policy }: ModelRequest): PolicyTerms => policy.terms
export const pendingIn = ({ requests }: Model): ModelRequest | undefined =>
  requests.find(({ status }) => status === 'pendingApproval')
export const currentIn = ({ assignments }: Model): ModelAssignment | undefined =>
  assignments.find(({ status }) => status === 'scheduled' || status === 'active')

export const stagesOf = (terms: PolicyTerms) =>
  terms.approval.required ? terms.approval.stages : []

/** Adds a request, open at its first stage where somebody has to approve. */
export const ask = (
  { model, now, actor }: Situation,
  kind: ModelRequest['kind'],
  policy: Policy,
  needsApproval: boolean,
  extended: ModelAssignment | null = null,
): ModelRequest => {
  const days = stagesOf(policy.terms)[0]?.timeoutDays
  const open = needsApproval && days !== undefined
  const request: ModelRequest = {
    id: `${PREFIX}.r${model.requests.length + 1}`,
    kind,
    by: actorKey(actor),
    policy,
    status: open ? 'pendingApproval' : 'approved',
    stage: open ? 1 : null,
    decideBy: open ? addDays(now, days, policy.terms.zone) : null,
    approvedBy: [],
    decidedBy: null,
    extends: extended,
  }
  model.requests.push(request)
  return request
}

/** Nobody is asked to extend what wouldn't end later for it. */
const remindersOf = (terms: PolicyTerms, endAt: Instant | null, now: Instant) => {
  const later = endAt === null ? null : oneMorePeriod(terms, endAt)
  return new Map(
    endAt === null || later === null || later <= endAt || !terms.extension.allowed
      ? []
      : reminderTimes(endAt, now, terms.zone).map(({ offset, at }) => [offset, at]),
  )
}

/** Begins, or plans, an assignment. */
export const give = (
  { model, now }: Pick<Situation, 'model' | 'now'>,
  request: ModelRequest,
  startAt: Instant,
  endAt: Instant | null,
): void => {
  const begins = startAt <= now
  model.assignments.push({
    id: `${PREFIX}.a${model.assignments.length + 1}`,
    request,
    status: begins ? 'active' : 'scheduled',
    startAt,
    endAt,
    endVersion: 1,
    reminders: begins ? remindersOf(modelTerms(request), endAt, now) : new Map(),
    rolesVersion: 0,
    complete: false,
    roles: new Map(),
    everythingGone: false,
    startWithheld: false,
  })
}

export const begin = (assignment: ModelAssignment, now: Instant): void => {
  assignment.status = 'active'
  assignment.startAt = now
  assignment.reminders = remindersOf(modelTerms(assignment.request), assignment.endAt, now)
}

/** The end of an assignment ends a request to extend it as well. */
export const finish = (model: Model, assignment: ModelAssignment): void => {
  assignment.status = 'ended'
  const pending = pendingIn(model)
  if (pending !== undefined) pending.status = 'cancelled'
}

/** What a request that is approved now leads to. */
export const fulfil = (situation: Situation, request: ModelRequest): void => {
  const { now } = situation
  const terms = modelTerms(request)
  const extended = request.extends
  if (extended === null) {
    give(situation, request, now, expirationEnd(terms.expiration, now, terms.zone))
    return
  }
  extended.endAt = oneMorePeriod(terms, extended.endAt ?? now)
  extended.endVersion += 1
  extended.reminders = remindersOf(terms, extended.endAt, now)
}

/** From the current end on. */
export const oneMorePeriod = (terms: PolicyTerms, endAt: Instant): Instant | null =>
  expirationEnd(terms.expiration, endAt, terms.zone)

/** Reasons that concern who the access is for. */
export const subjectReasons = ({ world }: Situation): readonly string[] => {
  if (!world.subject.exists) return ['subject.not-found']
  return world.subject.enabled ? [] : ['subject.disabled']
}

export const blank = (text: string | null): boolean => (text ?? '').trim() === ''
export const when = (condition: boolean, code: string): readonly string[] =>
  condition ? [code] : []

export const requestNamed = (model: Model, id: string) =>
  model.requests.find((request) => request.id === id)
export const assignmentNamed = (model: Model, id: string) =>
  model.assignments.find((assignment) => assignment.id === id)

/** Every timer that must be set: key to time. */
export const timersOf = ({ requests, assignments }: Model): ReadonlyMap<string, Instant> => {
  const timers = new Map<string, Instant>()
  for (const { status, id, stage, decideBy } of requests)
    if (status === 'pendingApproval' && decideBy !== null)
      timers.set(`approval:${id}:${stage}`, decideBy)
  for (const { status, id, startAt, endAt, endVersion, reminders, startWithheld } of assignments) {
    const withheld = status === 'scheduled' && startWithheld
    if (status === 'scheduled' && !withheld) timers.set(`start:${id}`, startAt)
    if (status !== 'active' && !withheld) continue
    if (endAt !== null) timers.set(`expiry:${id}:${endVersion}`, endAt)
    for (const [offset, at] of reminders) timers.set(`reminder:${id}:${endVersion}:${offset}`, at)
  }
  return timers
}

const byText = (left: string, right: string): number => (left < right ? -1 : 1)

/** The model in the words that {@link seenInState} finds for the decider's state: both must be equal. */
export const seenInModel = (model: Model): object => ({
  requests: model.requests.map((request) => ({
    id: request.id,
    kind: request.kind,
    by: request.by,
    policy: `${request.policy.policyId}@${request.policy.policyVersion}`,
    terms: request.policy.terms.displayName,
    status: request.status,
    stage: request.stage,
    decideBy: request.decideBy,
    approvedBy: request.approvedBy,
    decidedBy: request.decidedBy,
    extends: request.extends?.id ?? null,
  })),
  assignments: model.assignments.map((assignment) => ({
    id: assignment.id,
    request: assignment.request.id,
    policy: `${assignment.request.policy.policyId}@${assignment.request.policy.policyVersion}`,
    status: assignment.status,
    startAt: assignment.startAt,
    endAt: assignment.endAt,
    endVersion: assignment.endVersion,
    roles: [...assignment.roles].map(([id, what]) => `${id} ${what}`).sort(byText),
    complete: assignment.complete,
    everythingGone: assignment.everythingGone,
  })),
})

export const seenInState = (state: EntitlementState): object => ({
  requests: state.requests.map((request) => ({
    id: request.requestId,
    kind: request.kind,
    by: request.requestorId,
    policy: `${request.policyId}@${request.policyVersion}`,
    terms: request.terms.displayName,
    status: request.status,
    stage: request.approval?.stage ?? null,
    decideBy: request.approval?.decideBy ?? null,
    approvedBy: request.approvedBy,
    decidedBy: request.decided?.by ?? null,
    extends: request.assignmentId,
  })),
  assignments: state.assignments.map((assignment) => ({
    id: assignment.assignmentId,
    request: assignment.requestId,
    policy: `${assignment.policyId}@${assignment.policyVersion}`,
    status: assignment.status,
    startAt: assignment.startAt,
    endAt: assignment.endAt,
    endVersion: assignment.endVersion,
    roles: assignment.roles.map((role) => `${role.resourceId} ${role.status.kind}`).sort(byText),
    complete: assignment.complete,
    everythingGone: assignment.revoked,
  })),
})

export type Of<Type extends EntitlementCommand['type']> = Extract<
  EntitlementCommand,
  { type: Type }
>
