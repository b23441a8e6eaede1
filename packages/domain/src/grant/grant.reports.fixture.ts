import type { Actor, Instant } from '@portcullis/core'
import type { ReportFulfilment } from './grant.fulfilment.ts'
import {
  because,
  failInModel,
  type GrantExpectation,
  type GrantModel,
  NOTHING,
  succeed,
} from './grant.modelState.fixture.ts'
import type { Operation } from './grant.state.ts'

// What must follow from a word on work by hand, told a second time.

const effectOf = (operation: Operation) => (operation === 'grant' ? 'present' : 'absent')

const succeedBy = (model: GrantModel, operation: Operation): string => {
  succeed(model, effectOf(operation))
  if (operation === 'grant') return 'AccessProvisioned.v2'
  model.foreign = false
  model.ours = false
  return 'AccessRevoked.v3'
}

const note = (model: GrantModel, id: string, reported: 'done' | 'refused'): void => {
  model.past = model.past.map((each) => (each.id === id ? { ...each, reported } : each))
}

export const expectedOfReport = (
  { operationId, outcome }: ReportFulfilment,
  model: GrantModel,
  now: Instant,
  actor: Actor,
): GrantExpectation => {
  const { flight } = model
  if (flight?.id === operationId) {
    if (!flight.awaited && actor.kind !== 'system') return because('fulfilment.not-awaited')
    return {
      reasons: [],
      effect: () => {
        const { operation, attempt } = flight
        model.flight = { ...flight, reported: outcome }
        if (outcome === 'done') return ['FulfilmentReported.v1', succeedBy(model, operation)]
        const wait = operation === 'revoke' ? 3_600_000 : null
        return [
          'FulfilmentReported.v1',
          ...failInModel(model, operationId, operation, attempt, now, false, wait),
        ]
      },
    }
  }
  const past = model.past.slice(-50).find(({ id }) => id === operationId)
  if (past === undefined) return because('fulfilment.not-found')
  if (past.reported === outcome) return NOTHING
  const effect = effectOf(past.operation)
  const told = (follows: () => readonly string[]): GrantExpectation => ({
    reasons: [],
    effect: () => {
      note(model, operationId, outcome)
      model.known = 'unknown'
      model.ours ||= past.operation === 'grant'
      model.drift = null
      model.news += 1
      return ['FulfilmentReported.v1', ...follows()]
    },
  })
  if (outcome === 'done' && flight === null) {
    if (model.known !== 'unknown' && model.known !== effect) return told(() => [])
    if (model.known === 'unknown' && model.past.at(-1)?.id === operationId)
      return told(() => [succeedBy(model, past.operation)])
  }
  return because('fulfilment.ended')
}
