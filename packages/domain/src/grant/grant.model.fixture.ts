import { type Actor, addMillis, type Instant } from '@portcullis/core'
import type { GrantCommand } from './grant.commands.ts'
import {
  because,
  blocks,
  failInModel,
  type GrantExpectation,
  type GrantModel,
  isSettled,
  land,
  NOTHING,
  nextAttempt,
  succeed,
  wanted,
} from './grant.modelState.fixture.ts'
import { expectedOfReport } from './grant.reports.fixture.ts'

// What each command must lead to, told a second time.

const start = (
  {
    operationId,
    observed,
    leaseMillis,
    lookedAt,
    takeOver = false,
  }: Extract<GrantCommand, { type: 'StartOperation' }>,
  model: GrantModel,
  now: Instant,
): GrantExpectation => {
  if (isSettled(model)) return NOTHING
  const operation = wanted(model)
  if (model.flight?.awaited) return outOfTime(model, model.flight, now)
  return {
    reasons: [...blocks(model, now), ...(lookedAt === model.news ? [] : ['grant.stale-look'])],
    effect: () => {
      if (operation === 'grant' && observed === 'present' && !model.ours) {
        succeed(model, 'present')
        model.foreign ||= !takeOver
        model.ours = !model.foreign
        return ['PreexistingAccessFound.v3']
      }
      const attempt = nextAttempt(model, operation)
      land(model, 'replaced')
      const until = addMillis(now, leaseMillis)
      model.flight = { id: operationId, operation, attempt, until, awaited: false, reported: null }
      model.lastTry = { operation, attempt }
      model.blocked = null
      model.drift = null
      model.known = 'unknown'
      model.foreign &&= observed === 'present'
      model.ours = true
      model.news += 1
      return ['ProvisioningStarted.v2']
    },
  }
}

/** Nobody said how it went: that is a failure, once the time is over. */
const outOfTime = (
  model: GrantModel,
  { id, operation, attempt }: NonNullable<GrantModel['flight']>,
  now: Instant,
): GrantExpectation => ({
  reasons: blocks(model, now),
  effect: () => failInModel(model, id, operation, attempt, now, true, null),
})

const complete = (
  { readBack }: Extract<GrantCommand, { type: 'CompleteOperation' }>,
  model: GrantModel,
  { id, operation, attempt }: NonNullable<GrantModel['flight']>,
  now: Instant,
): readonly string[] => {
  if (readBack !== 'unknown' && (operation === 'grant') !== (readBack === 'present'))
    return failInModel(model, id, operation, attempt, now, true, null)
  succeed(model, operation === 'grant' ? 'present' : 'absent')
  if (operation === 'grant') return ['AccessProvisioned.v2']
  model.foreign = false
  model.ours = false
  return ['AccessRevoked.v3']
}

const scanned = (
  { found, lookedAt, repair }: Extract<GrantCommand, { type: 'ReportDrift' }>,
  model: GrantModel,
): GrantExpectation => {
  const held = model.holders.length > 0
  if (!isSettled(model) || (!held && model.foreign)) return NOTHING
  const drift = (found === 'present') === held ? null : held ? 'missing' : 'unexpected'
  return {
    reasons: lookedAt === model.news ? [] : ['grant.stale-look'],
    effect: () => {
      if (drift === model.drift && (drift === null || !repair)) return []
      model.drift = repair ? null : drift
      if (drift === null) return ['DriftGone.v1']
      if (!repair) return ['DriftFound.v3']
      model.known = found
      model.news += 1
      if (!held) return ['DriftFound.v3']
      model.foreign = false
      model.ours = false
      return ['DriftFound.v3']
    },
  }
}

/** What a command must lead to: refused for one of the reasons, or accepted with the effect. */
export const grantExpectationOf = (
  command: GrantCommand,
  model: GrantModel,
  now: Instant,
  actor: Actor,
): GrantExpectation => {
  if (command.type === 'ReportFulfilment') return expectedOfReport(command, model, now, actor)
  if (command.type !== 'RetryNow' && actor.kind !== 'system') return because('grant.engine-only')
  switch (command.type) {
    case 'AddHold': {
      const { assignmentId } = command
      if (!assignmentId.includes('.mira.')) return because('grant.wrong-subject')
      if (model.holders.includes(assignmentId) || model.over.has(assignmentId)) return NOTHING
      return {
        reasons: [],
        effect: () => {
          model.holders = [...model.holders, assignmentId]
          if (model.blocked?.until === 'operator') model.blocked = null
          return ['HoldAdded.v1']
        },
      }
    }
    case 'ReleaseHold': {
      const { assignmentId, reason } = command
      const ends = reason === 'assignment-ended' && !model.over.has(assignmentId)
      if (!model.holders.includes(assignmentId) && !ends) return NOTHING
      return {
        reasons: [],
        effect: () => {
          model.holders = model.holders.filter((holder) => holder !== assignmentId)
          if (ends) model.over.add(assignmentId)
          return ['HoldReleased.v1']
        },
      }
    }
    case 'StartOperation':
      return start(command, model, now)
    case 'ReportUnreachable': {
      if (isSettled(model)) return NOTHING
      const { operationId, transient, retryAfterMillis } = command
      const operation = wanted(model)
      const attempt = nextAttempt(model, operation)
      const before = model.flight?.awaited ? outOfTime(model, model.flight, now) : NOTHING
      return {
        reasons: blocks(model, now),
        effect: () => [
          ...before.effect(),
          ...failInModel(model, operationId, operation, attempt, now, transient, retryAfterMillis),
        ],
      }
    }
    case 'AwaitFulfilment': {
      const { flight } = model
      if (flight?.id !== command.operationId) return because('grant.stale-operation')
      if (flight.awaited) return NOTHING
      return {
        reasons: [],
        effect: () => {
          model.flight = { ...flight, awaited: true, until: command.until }
          model.news += 1
          return ['FulfilmentAwaited.v1']
        },
      }
    }
    case 'CompleteOperation':
    case 'FailOperation': {
      const { flight } = model
      if (flight?.id !== command.operationId) return because('grant.stale-operation')
      return {
        reasons: [],
        effect: () =>
          command.type === 'CompleteOperation'
            ? complete(command, model, flight, now)
            : failInModel(
                model,
                flight.id,
                flight.operation,
                flight.attempt,
                now,
                command.transient,
                command.retryAfterMillis,
              ),
      }
    }
    case 'ReportDrift':
      return scanned(command, model)
    case 'RetryNow':
      if (isSettled(model)) {
        if (model.holders.length === 0) return NOTHING
        return {
          reasons: [],
          effect: () => {
            model.known = 'unknown'
            model.news += 1
            model.blocked = null
            return ['RetryRequested.v1']
          },
        }
      }
      if (model.blocked === null) return NOTHING
      return {
        reasons: [],
        effect: () => {
          model.blocked = null
          return ['RetryRequested.v1']
        },
      }
    default:
      return command satisfies never
  }
}
