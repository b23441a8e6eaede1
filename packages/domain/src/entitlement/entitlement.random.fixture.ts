import { type Actor, addMillis, type Instant } from '@portcullis/core'
import fc from 'fast-check'
import type { PolicyTerms, Principal } from '../policyTerms.ts'
import { ENGINE_ACTOR, exampleTerms, user } from '../testing/index.ts'
import type { EntitlementCommand, ObservedRole } from './entitlement.commands.ts'
import { LEADS, LENA, MIRA } from './entitlement.fixture.ts'
import type { EntitlementState } from './entitlement.state.ts'

// Random policies and commands for one entitlement: mostly sensible, sometimes from the wrong sender or about the wrong thing.

const HOUR = 3_600_000
const DAY = 24 * HOUR

const stage = fc.record({
  approvers: fc.constant<Principal[]>([LEADS]),
  timeoutDays: fc.integer({ min: 1, max: 30 }),
  approverJustification: fc.boolean(),
})

export const anyTerms: fc.Arbitrary<PolicyTerms> = fc
  .record({
    approval: fc.oneof(
      fc.constant({ required: false as const }),
      fc.record({
        required: fc.constant(true as const),
        stages: fc.array(stage, { minLength: 1, maxLength: 2 }),
      }),
    ),
    expiration: fc.oneof(
      { weight: 1, arbitrary: fc.constant({ kind: 'never' as const }) },
      {
        weight: 2,
        arbitrary: fc
          .constantFrom('2026-05-20', '2026-10-25')
          .map((date) => ({ kind: 'onDate' as const, date })),
      },
      {
        weight: 4,
        arbitrary: fc
          .integer({ min: 1, max: 90 })
          .map((days) => ({ kind: 'afterDays' as const, days })),
      },
      {
        weight: 2,
        arbitrary: fc
          .integer({ min: 1, max: 500 })
          .map((hours) => ({ kind: 'afterHours' as const, hours })),
      },
    ),
    extension: fc.oneof(
      fc.constant({ allowed: false as const }),
      fc.boolean().map((approvalRequired) => ({ allowed: true as const, approvalRequired })),
    ),
    requestors: fc.oneof(
      { weight: 4, arbitrary: fc.constant(exampleTerms().requestors) },
      { weight: 1, arbitrary: fc.constant({ kind: 'none' as const }) },
    ),
    zone: fc.constantFrom('Europe/Berlin', 'Pacific/Apia', 'UTC'),
  })
  .map((terms): PolicyTerms => exampleTerms(terms))

/** A command, made when time and state are known. */
type Make = (now: Instant, state: EntitlementState) => EntitlementCommand

const who = { packageId: 'tools', subjectId: 'mira' } as const
const justification = fc.constantFrom('because', 'because', null)
/** How far behind the newest request or assignment: mostly the newest. */
const back = fc.constantFrom(0, 0, 0, 0, 1, 2, -1)
const requestOf = (state: EntitlementState, behind: number) =>
  `tools.mira.r${Math.max(1, state.requests.length - behind)}`
const assignmentOf = (state: EntitlementState, behind: number) =>
  `tools.mira.a${Math.max(1, state.assignments.length - behind)}`
const endVersionOf = (state: EntitlementState, behind: number) =>
  Math.max(1, (state.assignments.at(-1)?.endVersion ?? 1) - behind)

const observed: fc.Arbitrary<ObservedRole> = fc.record({
  resourceId: fc.constantFrom('repo', 'wiki'),
  roleId: fc.constant('member'),
  desired: fc.boolean(),
  status: fc.constantFrom<ObservedRole['status']>(
    { kind: 'pending' },
    { kind: 'delivered', preexisting: false },
    { kind: 'failed', code: 'x', message: 'x', transient: true, attempts: 1 },
    { kind: 'revoked', kept: null },
  ),
})
const offset = fc.option(fc.integer({ min: -DAY, max: 60 * DAY }))
const later = (now: Instant, millis: number | null) =>
  millis === null ? null : addMillis(now, millis)

const usually = (arbitrary: fc.Arbitrary<Make>) => ({ weight: 3, arbitrary })

const makes: fc.Arbitrary<Make> = fc.oneof(
  usually(
    justification.map(
      (text): Make =>
        () => ({ type: 'SubmitRequest', ...who, policyId: null, justification: text }),
    ),
  ),
  fc.tuple(offset, offset).map(
    ([startIn, endIn]): Make =>
      (now) => ({
        type: 'AssignDirectly',
        ...who,
        policyId: 'standard',
        startAt: later(now, startIn),
        endAt: later(now, endIn),
        justification: null,
      }),
  ),
  usually(
    fc.tuple(back, justification).map(
      ([behind, text]): Make =>
        (_now, state) => ({
          type: 'RequestExtension',
          assignmentId: assignmentOf(state, behind),
          justification: text,
        }),
    ),
  ),
  usually(
    fc
      .tuple(
        back,
        justification,
        fc.constantFrom('approve' as const, 'approve' as const, 'deny' as const),
      )
      .map(
        ([behind, text, decision]): Make =>
          (_now, state) => ({
            type: 'DecideApproval',
            requestId: requestOf(state, behind),
            decision,
            justification: text,
          }),
      ),
  ),
  fc.tuple(back, justification).map(
    ([behind, reason]): Make =>
      (_now, state) => ({ type: 'CancelRequest', requestId: requestOf(state, behind), reason }),
  ),
  fc.tuple(back, justification).map(
    ([behind, text]): Make =>
      (_now, state) => ({
        type: 'RemoveAssignment',
        assignmentId: assignmentOf(state, behind),
        justification: text,
      }),
  ),
  fc.tuple(back, fc.integer({ min: 1, max: 2 })).map(
    ([behind, number]): Make =>
      (_now, state) => ({
        type: 'TimeOutApproval',
        requestId: requestOf(state, behind),
        stage: number,
      }),
  ),
  back.map(
    (behind): Make =>
      (_now, state) => ({ type: 'StartAssignment', assignmentId: assignmentOf(state, behind) }),
  ),
  fc.tuple(back, back, fc.constantFrom('P14D' as const, 'P1D' as const)).map(
    ([behind, version, which]): Make =>
      (_now, state) => ({
        type: 'RemindOfEnd',
        assignmentId: assignmentOf(state, behind),
        endVersion: endVersionOf(state, version),
        offset: which,
      }),
  ),
  fc.tuple(back, back).map(
    ([behind, version]): Make =>
      (_now, state) => ({
        type: 'ExpireAssignment',
        assignmentId: assignmentOf(state, behind),
        endVersion: endVersionOf(state, version),
      }),
  ),
  usually(
    fc
      .tuple(
        back,
        fc.integer({ min: 0, max: 3 }),
        fc.uniqueArray(observed, { maxLength: 2, selector: (role) => role.resourceId }),
      )
      .map(
        ([behind, rolesVersion, roles]): Make =>
          (_now, state) => ({
            type: 'RecordFulfilment',
            assignmentId: assignmentOf(state, behind),
            rolesVersion,
            roles,
          }),
      ),
  ),
)

const SENDERS = [MIRA, LENA, user('leo'), ENGINE_ACTOR] as const

/** Who would send it: the subject asks, an approver decides, an administrator gives, the engine does the rest. */
const usualSender = (command: EntitlementCommand, approver: Actor): Actor => {
  switch (command.type) {
    case 'SubmitRequest':
    case 'RequestExtension':
    case 'CancelRequest':
    case 'RemoveAssignment':
      return MIRA
    case 'DecideApproval':
      return approver
    case 'AssignDirectly':
      return user('ada')
    default:
      return ENGINE_ACTOR
  }
}

export interface Step {
  readonly wait: number
  /** Do the timers that are due fire first? */
  readonly timers: boolean
  readonly make: Make
  readonly senderOf: (command: EntitlementCommand) => Actor
  readonly administrator: boolean
}

export const anySteps: fc.Arbitrary<Step[]> = fc.array(
  fc
    .record({
      make: makes,
      usual: fc.constantFrom(true, true, true, true, false),
      timers: fc.boolean(),
      other: fc.constantFrom(...SENDERS),
      approver: fc.constantFrom(LENA, user('leo')),
      // A clock may also go back.
      wait: fc.oneof(
        fc.integer({ min: -2 * HOUR, max: 12 * HOUR }),
        fc.integer({ min: 0, max: 15 * DAY }),
      ),
    })
    .map(({ make, usual, other, approver, wait, timers }) => ({
      wait,
      timers,
      make,
      senderOf: (command) => (usual ? usualSender(command, approver) : other),
      administrator: usual,
    })),
  { minLength: 5, maxLength: 50, size: 'max' },
)
