import { type Actor, addMillis, type Instant } from '@portcullis/core'
import type { Dice } from '@portcullis/core/testing'
import { deadlineCommand } from '../deadlineKeys.ts'
import { ENGINE_ACTOR, user } from '../testing/index.ts'
import type { EntitlementCommand } from './entitlement.commands.ts'
import type { ObservedRole } from './entitlement.fulfilment.ts'
import { currentIn, type Model, PREFIX, pendingIn } from './entitlement.model.fixture.ts'
import { ADMINISTRATOR, APPROVERS, PORTAL, STRANGER, SUBJECT } from './entitlement.world.fixture.ts'

// Random commands, senders and times for one entitlement: mostly sensible, sometimes from the wrong sender or about the
// wrong thing.

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** When a run begins: an ordinary day, the night before clocks go forward or back, the day before a leap day. */
export const beginning = (chance: Dice): Instant =>
  chance.pick([
    '2026-05-01T08:00:00.000Z',
    '2026-03-28T01:30:00.000Z',
    '2026-10-24T00:30:00.000Z',
    '2026-10-31T05:59:59.999Z',
    '2028-02-28T23:30:00.000Z',
    '2027-12-31T23:59:59.999Z',
  ])

/** How far the clock goes before a step. It may also go back; and it likes the very instant of a timer. */
export const laterThan = (now: Instant, chance: Dice, timers: readonly Instant[]): Instant => {
  const [first, ...others] = timers
  const kind = chance.int(1, 100)
  if (first !== undefined && kind <= 25)
    return addMillis(chance.pick([first, ...others]), chance.pick([-1, 0, 0, 0, 1, HOUR]))
  if (kind <= 35) return addMillis(now, -chance.pick([1, 1000, HOUR, 2 * DAY]))
  if (kind <= 60) return now
  return addMillis(now, chance.int(0, kind <= 90 ? DAY : 20 * DAY))
}

const STATUSES = [
  { kind: 'delivered', preexisting: false },
  { kind: 'delivered', preexisting: false },
  { kind: 'failed', code: 'x.down', message: 'down', transient: true, attempts: 1 },
  { kind: 'revoked', kept: null },
  { kind: 'revoked', kept: 'other-assignment' },
  { kind: 'pending' },
] as const satisfies readonly ObservedRole['status'][]

const observed = (chance: Dice): readonly ObservedRole[] =>
  ['repo', 'wiki'].slice(0, chance.int(0, 2)).map((resourceId) => ({
    resourceId,
    roleId: 'member',
    desired: chance.chance(60),
    status: chance.pick(STATUSES),
  }))

const text = (chance: Dice) => chance.pick(['because', 'because', 'because', null, ' \n', ''])
const OFFSETS = ['P14D', 'P1D'] as const

/** A command that people, services or the engine send; about the newest request or assignment, or one near it. */
export const anyCommand = (now: Instant, model: Model, chance: Dice): EntitlementCommand => {
  const behind = chance.pick([0, 0, 0, 0, 0, 1, 2, -1])
  const requestId = `${PREFIX}.r${Math.max(1, model.requests.length - behind)}`
  const assignmentId = `${PREFIX}.a${Math.max(1, model.assignments.length - behind)}`
  const endVersion = Math.max(
    1,
    (model.assignments.at(-1)?.endVersion ?? 1) - chance.pick([0, 0, 0, 1, -1]),
  )
  const who = { packageId: 'tools', subjectId: SUBJECT }
  const policyId = chance.pick(['standard', 'standard', 'other', 'no-such'])
  const justification = text(chance)
  const inSpan = () =>
    addMillis(now, chance.pick([-1, 0, 1, HOUR, DAY, 15 * DAY, 40 * DAY, 400 * DAY]))
  return chance.weighted<() => EntitlementCommand>([
    [
      5,
      () => ({
        type: 'SubmitRequest',
        ...who,
        policyId: chance.chance(50) ? null : policyId,
        justification,
      }),
    ],
    [
      2,
      () => ({
        type: 'AssignDirectly',
        ...who,
        policyId,
        startAt: chance.chance(50) ? null : inSpan(),
        endAt: chance.chance(50) ? null : inSpan(),
        justification,
      }),
    ],
    [4, () => ({ type: 'RequestExtension', assignmentId, justification })],
    [
      pendingIn(model) === undefined ? 2 : 14,
      () => ({
        type: 'DecideApproval',
        requestId,
        decision: chance.chance(80) ? 'approve' : 'deny',
        justification,
      }),
    ],
    [1, () => ({ type: 'CancelRequest', requestId, reason: justification })],
    [1, () => ({ type: 'RemoveAssignment', assignmentId, justification })],
    [1, () => ({ type: 'TimeOutApproval', requestId, stage: chance.int(1, 3) })],
    [1, () => ({ type: 'StartAssignment', assignmentId })],
    [1, () => ({ type: 'RemindOfEnd', assignmentId, endVersion, offset: chance.pick(OFFSETS) })],
    [1, () => ({ type: 'ExpireAssignment', assignmentId, endVersion })],
    [1, () => ({ type: 'EndWithPackage' })],
    [
      5,
      () => ({
        type: 'RecordFulfilment',
        assignmentId,
        rolesVersion: chance.int(0, 3),
        roles: observed(chance),
      }),
    ],
  ])()
}

/** What meets a timer in its very instant: every approver approves, or the subject asks for more time. */
export const photoFinish = (model: Model): readonly (readonly [EntitlementCommand, Actor])[] => {
  const pending = pendingIn(model)
  const current = currentIn(model)
  const justification = 'in time'
  if (pending !== undefined)
    return APPROVERS.map((approver) => [
      { type: 'DecideApproval', requestId: pending.id, decision: 'approve', justification },
      approver,
    ])
  return current === undefined
    ? []
    : [[{ type: 'RequestExtension', assignmentId: current.id, justification }, user(SUBJECT)]]
}

/** A timer's command from its key, as the engine's alarm clock makes it. */
export const commandOfTimer = (key: string): EntitlementCommand => {
  const action = deadlineCommand(key)
  if (action?.kind !== 'command') throw new Error(`no command for ${key}`)
  return action.command
}

const ANYBODY = [
  user(SUBJECT),
  ...APPROVERS,
  ADMINISTRATOR,
  PORTAL,
  STRANGER,
  { kind: 'service', id: SUBJECT },
  ENGINE_ACTOR,
] as const satisfies readonly Actor[]

/**
 * Mostly who would send it: the subject or a service asks, an approver decides, an administrator gives, the engine does
 * the rest.
 */
export const anySender = (command: EntitlementCommand, chance: Dice): Actor => {
  if (chance.chance(12)) return chance.pick(ANYBODY)
  switch (command.type) {
    case 'SubmitRequest':
    case 'RequestExtension':
    case 'CancelRequest':
    case 'RemoveAssignment':
      return chance.pick([user(SUBJECT), user(SUBJECT), PORTAL, PORTAL, ADMINISTRATOR])
    case 'DecideApproval':
      return chance.pick([...APPROVERS, ...APPROVERS, user(SUBJECT)])
    case 'AssignDirectly':
      return ADMINISTRATOR
    default:
      return ENGINE_ACTOR
  }
}
