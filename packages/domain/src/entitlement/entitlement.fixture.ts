import type { Actor } from '@portcullis/core'
import { specify } from '@portcullis/core/testing'
import type { EntitlementEvent } from '../events.ts'
import { at, checkStorable, exampleFacts, exampleTerms, user } from '../testing/index.ts'
import type { EntitlementCommand } from './entitlement.commands.ts'
import { entitlementDecider } from './entitlement.decide.ts'
import type { EntitlementFacts } from './entitlement.facts.ts'

// Mira and the package `tools`: events, commands and times for the specs of entitlements.

type DataOf<Type extends EntitlementEvent['type']> = Extract<
  EntitlementEvent,
  { type: Type }
>['data']

export const NOW = '2026-05-01T08:00:00.000Z'
export const DECIDE_BY = '2026-05-15T08:00:00.000Z'
export const P14D = '2026-05-17T08:00:00.000Z'
export const P1D = '2026-05-30T08:00:00.000Z'
/** 30 days after NOW, the period of the example terms. */
export const END = '2026-05-31T08:00:00.000Z'
/** One period more. */
export const END2 = '2026-06-30T08:00:00.000Z'
export const R1 = 'tools.mira.r1'
export const R2 = 'tools.mira.r2'
export const A1 = 'tools.mira.a1'
export const MIRA = user('mira')
export const LENA = user('lena')
export const REMINDERS: DataOf<'AssignmentStarted.v1'>['reminders'] = [
  { offset: 'P14D', at: P14D },
  { offset: 'P1D', at: P1D },
]
export const NO_APPROVAL = { approval: { required: false } } as const
export const LEADS = { kind: 'group', id: 'leads' } as const
/** Lena is an approver through group `leads`. */
export const approverFacts = (changes: Partial<EntitlementFacts> = {}): EntitlementFacts =>
  exampleFacts(undefined, { approverBasis: LEADS, ...changes })

const policy = { policyId: 'standard', policyVersion: 1 } as const
const who = { packageId: 'tools', subjectId: 'mira' } as const

export const submitted = (
  changes: Partial<DataOf<'RequestSubmitted.v1'>> = {},
): EntitlementEvent => ({
  type: 'RequestSubmitted.v1',
  data: {
    requestId: R1,
    kind: 'new',
    ...who,
    requestorId: 'mira',
    ...policy,
    terms: exampleTerms(),
    basis: { kind: 'group', id: 'eng' },
    justification: null,
    startAt: null,
    endAt: null,
    assignmentId: null,
    approval: { stage: 1, decideBy: DECIDE_BY },
    ...changes,
  },
})
export const autoApproved = (
  reason: DataOf<'RequestAutoApproved.v1'>['reason'],
  requestId = R1,
): EntitlementEvent => ({ type: 'RequestAutoApproved.v1', data: { requestId, reason } })
export const granted = (changes: Partial<DataOf<'ApprovalGranted.v1'>> = {}): EntitlementEvent => ({
  type: 'ApprovalGranted.v1',
  data: {
    requestId: R1,
    stage: 1,
    approverId: 'lena',
    basis: LEADS,
    justification: null,
    next: null,
    ...changes,
  },
})
export const denied = (changes: Partial<DataOf<'ApprovalDenied.v1'>> = {}): EntitlementEvent => ({
  type: 'ApprovalDenied.v1',
  data: {
    requestId: R1,
    stage: 1,
    approverId: 'lena',
    basis: LEADS,
    justification: null,
    ...changes,
  },
})
export const timedOut = (requestId = R1): EntitlementEvent => ({
  type: 'ApprovalTimedOut.v1',
  data: { requestId, stage: 1, decideBy: DECIDE_BY },
})
export const cancelled = (
  changes: Partial<DataOf<'RequestCancelled.v1'>> = {},
): EntitlementEvent => ({
  type: 'RequestCancelled.v1',
  data: { requestId: R1, by: 'mira', reason: null, ...changes },
})
export const started = (
  changes: Partial<DataOf<'AssignmentStarted.v1'>> = {},
): EntitlementEvent => ({
  type: 'AssignmentStarted.v1',
  data: {
    assignmentId: A1,
    requestId: R1,
    ...who,
    ...policy,
    startedAt: NOW,
    endAt: END,
    endVersion: 1,
    reminders: REMINDERS,
    ...changes,
  },
})
export const scheduled = (
  changes: Partial<DataOf<'AssignmentScheduled.v1'>> = {},
): EntitlementEvent => ({
  type: 'AssignmentScheduled.v1',
  data: {
    assignmentId: A1,
    requestId: R1,
    ...who,
    ...policy,
    startAt: END,
    endAt: END2,
    ...changes,
  },
})
export const extended = (
  changes: Partial<DataOf<'AssignmentExtended.v1'>> = {},
): EntitlementEvent => ({
  type: 'AssignmentExtended.v1',
  data: {
    assignmentId: A1,
    requestId: R2,
    previousEndAt: END,
    endAt: END2,
    endVersion: 2,
    reminders: [
      { offset: 'P14D', at: '2026-06-16T08:00:00.000Z' },
      { offset: 'P1D', at: '2026-06-29T08:00:00.000Z' },
    ],
    ...changes,
  },
})
export const ended = (changes: Partial<DataOf<'AssignmentEnded.v2'>> = {}): EntitlementEvent => ({
  type: 'AssignmentEnded.v2',
  data: {
    assignmentId: A1,
    reason: 'expired',
    by: 'system',
    justification: null,
    endAt: END,
    ...changes,
  },
})

/** Mira has the package, approved by Lena. */
export const ASSIGNED: readonly EntitlementEvent[] = [submitted(), granted(), started()]
/** Mira has the package until END by terms like these, without approval. */
export const assignedBy = (
  terms: Parameters<typeof exampleTerms>[0],
  changes: Partial<DataOf<'AssignmentStarted.v1'>> = {},
): readonly EntitlementEvent[] => [
  submitted({ terms: exampleTerms({ ...NO_APPROVAL, ...terms }), approval: null }),
  autoApproved('policy-without-approval'),
  started(changes),
]

export const given = (...events: readonly EntitlementEvent[]) => ({
  when: (
    command: EntitlementCommand,
    options: {
      readonly now?: string
      readonly actor?: Actor
      readonly facts?: EntitlementFacts
    } = {},
  ) => {
    const outcome = specify(entitlementDecider)
      .given(events)
      .when(command, at(options.now ?? NOW, options.actor), options.facts ?? exampleFacts())
    checkStorable(outcome.decision)
    return outcome
  },
})
