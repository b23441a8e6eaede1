import { addMillis, deriveId, type Instant } from '@portcullis/core'
import type { Dice } from '@portcullis/core/testing'
import { deadlineKey, entitlementId, type PolicyTerms } from '@portcullis/domain'
import { exampleTerms } from '@portcullis/domain/testing'
import type { Caller } from '../caller.ts'
import type { OutsideCommand } from '../commands/outsideCommand.ts'
import type { TimerCommand } from './engine.fixture.ts'
import { APPROVERS, PACKAGES, ROLES, SUBJECTS } from './organisation.fixture.ts'

// Random commands from outside, mostly by who would send them.

export interface Sent {
  readonly command: OutsideCommand
  readonly caller: Caller
}

/** How many requests and assignments an entitlement has, as far as their senders know. */
export interface Known {
  readonly requests: Map<string, number>
  readonly assignments: Map<string, number>
}

const HOUR = 3_600_000
const DAY = 24 * HOUR

export const user = (id: string): Caller => ({ actor: { kind: 'user', id }, directoryRoles: [] })
const STRANGER = user('ned')
const ADMIN = user('admin')
const PORTAL: Caller = { actor: { kind: 'service', id: 'portal' }, directoryRoles: [] }

const BY_LEADS = { kind: 'group', id: 'leads' } as const
const BY_BOB = { kind: 'user', id: 'bob' } as const

export const anyTerms = (chance: Dice): PolicyTerms => {
  const stage = { timeoutDays: chance.pick([1, 3]), approverJustification: false }
  const approval = chance.weighted<PolicyTerms['approval']>([
    [4, { required: false }],
    [4, { required: true, stages: [{ ...stage, approvers: [BY_LEADS, BY_BOB] }] }],
    [
      1,
      {
        required: true,
        stages: [
          { ...stage, approvers: [BY_LEADS] },
          { ...stage, approvers: [BY_BOB, BY_LEADS] },
        ],
      },
    ],
  ])
  return exampleTerms({
    approval,
    expiration: chance.weighted<PolicyTerms['expiration']>([
      [1, { kind: 'never' }],
      [1, { kind: 'onDate', date: '2026-04-05' }],
      [3, { kind: 'afterDays', days: chance.pick([1, 3, 15]) }],
      [3, { kind: 'afterHours', hours: chance.pick([1, 5, 30]) }],
    ]),
    extension: chance.chance(30)
      ? { allowed: false }
      : { allowed: true, approvalRequired: approval.required && chance.chance(50) },
  })
}

const roleFrom = (chance: Dice) => {
  const [resourceId = '', roleId = ''] = chance.pick(ROLES).split('.')
  return { resourceId, roleId }
}

export const anySent = (now: Instant, known: Known, chance: Dice): Sent => {
  const packageId = chance.pick(PACKAGES)
  const subjectId = chance.pick(SUBJECTS)
  const id = entitlementId(packageId, subjectId)
  const requestId = `${id}.r${known.requests.get(id) ?? 1}`
  const assignmentId = `${id}.a${known.assignments.get(id) ?? 1}`
  const who = { packageId, subjectId }
  const span = (): Instant | null => {
    if (chance.chance(60)) return null
    const at = addMillis(now, chance.pick([HOUR, 6 * HOUR, 2 * DAY, 20 * DAY]))
    // Often a whole day, so that one ends when another starts.
    return chance.chance(50) ? `${addMillis(at, DAY).slice(0, 10)}T00:00:00.000Z` : at
  }
  const rollOut = () => (chance.chance(70) ? {} : ({ rollOut: 'held' } as const))
  const own = chance.chance(80) ? user(subjectId) : PORTAL
  const justification = 'because'
  const make = chance.weighted<() => Sent>([
    [
      7,
      () => ({
        command: { type: 'SubmitRequest', ...who, policyId: null, justification },
        caller: own,
      }),
    ],
    [
      8,
      () => ({
        command: {
          type: 'DecideApproval',
          requestId,
          decision: chance.chance(85) ? 'approve' : 'deny',
          justification,
        },
        caller: user(chance.pick(APPROVERS)),
      }),
    ],
    [
      3,
      () => ({
        command: {
          type: 'AssignDirectly',
          ...who,
          policyId: 'standard',
          startAt: span(),
          endAt: span(),
          justification,
        },
        caller: ADMIN,
      }),
    ],
    [
      4,
      () => ({ command: { type: 'RequestExtension', assignmentId, justification }, caller: own }),
    ],
    [
      3,
      () => ({
        command: { type: 'RemoveAssignment', assignmentId, justification },
        caller: chance.pick([user(subjectId), ADMIN]),
      }),
    ],
    [
      1,
      () => ({
        command: { type: 'CancelRequest', requestId, reason: null },
        caller: user(subjectId),
      }),
    ],
    [
      2,
      () => ({
        command: { type: 'AddResourceRole', packageId, ...roleFrom(chance), ...rollOut() },
        caller: ADMIN,
      }),
    ],
    [
      2,
      () => ({
        command: { type: 'RemoveResourceRole', packageId, ...roleFrom(chance), ...rollOut() },
        caller: ADMIN,
      }),
    ],
    [
      3,
      () => ({
        command: {
          type: chance.pick(['PauseRollOut', 'ResumeRollOut', 'ReleaseRollOut', 'CancelRollOut']),
          packageId,
        },
        caller: ADMIN,
      }),
    ],
    [
      1,
      () => ({
        command: { type: 'ChangePolicy', packageId, policyId: 'standard', terms: anyTerms(chance) },
        caller: ADMIN,
      }),
    ],
    [
      1,
      () => ({
        command: {
          type: chance.pick(['EnablePolicy', 'DisablePolicy']),
          packageId,
          policyId: 'standard',
        },
        caller: ADMIN,
      }),
    ],
  ])
  const sent = make()
  return chance.chance(5) ? { ...sent, caller: STRANGER } : sent
}

/**
 * Timers of what a command made, long before their time: refused as early, or passed over; never for something that
 * isn't there.
 */
export const probesOf = (result: {
  readonly requestId?: string
  readonly assignmentId?: string | null
}): readonly TimerCommand[] => {
  const { requestId, assignmentId } = result
  return [
    ...(requestId === undefined ? [] : [{ type: 'TimeOutApproval' as const, requestId, stage: 1 }]),
    ...(typeof assignmentId === 'string'
      ? [{ type: 'ExpireAssignment' as const, assignmentId, endVersion: 1 }]
      : []),
  ]
}

/** What the engine calls one of its commands by: anybody can work it out, and send a command under it. */
export const engineKey = (chance: Dice): string => {
  const packageId = chance.pick(PACKAGES)
  const number = chance.int(1, 2)
  const entitlement = entitlementId(packageId, chance.pick(SUBJECTS))
  const assignmentId = `${entitlement}.a${number}`
  const endVersion = chance.int(1, 2)
  return chance.weighted<() => string>([
    [4, () => deriveId('deadline', deadlineKey({ kind: 'expiry', assignmentId, endVersion }))],
    [1, () => deriveId('deadline', deadlineKey({ kind: 'start', assignmentId }))],
    [
      2,
      () =>
        deriveId(
          'deadline',
          deadlineKey({ kind: 'approval', requestId: `${entitlement}.r${number}`, stage: 1 }),
        ),
    ],
    [2, () => deriveId('roll-out', packageId, String(chance.int(5, 60)))],
  ])()
}
