import { type Actor, type Decision, jsonEqual } from '@portcullis/core'
import {
  type Dice,
  deepFreeze,
  dice,
  propertyRuns,
  propertyTimeout,
} from '@portcullis/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { GrantEvent } from '../events.ts'
import { at, checkStorable, ENGINE_ACTOR, user } from '../testing/index.ts'
import type { GrantCommand } from './grant.commands.ts'
import { grantDecider } from './grant.decide.ts'
import { grantEvents } from './grant.events.ts'
import { facts, NOW } from './grant.fixture.ts'
import { grantExpectationOf } from './grant.model.fixture.ts'
import {
  createModel,
  grantSeenInModel,
  grantSeenInState,
  isSettled,
} from './grant.modelState.fixture.ts'
import { grantSettled } from './grant.state.ts'
import {
  createWorker,
  LEASE_MILLIS,
  type Place,
  passTime,
  type Worker,
  workByHand,
} from './grant.workers.fixture.ts'

const NEVER = '99999999-0000-4000-8000-000000000000'
const ASSIGNMENTS = ['tools.mira.a1', 'tools.mira.a2', 'extra.mira.a1', 'more.mira.a7'] as const

const broken = (story: readonly string[], what: string, ...values: readonly unknown[]): Error =>
  new Error([what, ...values.map((value) => JSON.stringify(value)), ...story].join('\n'))

/** A grant, a target and three workers, beside the model. @throws Error with the story when they differ */
const play = (script: readonly number[]): readonly GrantEvent['type'][] => {
  const first = dice(script[0] ?? 0)
  const presentAtFirst = first.chance(25)
  const changedByHand = first.chance(40)
  const model = createModel()
  const story: string[] = [`at first the target has it: ${presentAtFirst}`]
  const types: GrantEvent['type'][] = []
  let state = deepFreeze(grantDecider.initialState())
  let ids = 0
  let before = presentAtFirst
  /** Somebody changed the target by hand: nobody knows until a scan looks. */
  let byHand = false
  let look: { readonly found: 'present' | 'absent'; readonly lookedAt: number } | undefined

  const send = (command: GrantCommand, actor: Actor = ENGINE_ACTOR) => {
    const { now } = place
    story.push(`${now} target ${place.target} ${actor.kind}: ${JSON.stringify(command)}`)
    const holders = model.holders
    const { reasons, effect } = grantExpectationOf(command, model, now, actor)
    const decision = grantDecider.decide(command, state, at(now, actor), facts)
    const told = check(decision, reasons, effect)
    const [begun] = told ?? []
    if (begun?.type === 'ProvisioningStarted.v2' && begun.data.operation === 'revoke')
      if (holders.length > 0) throw broken(story, 'a revoke, although it is held', holders)
    if (begun?.type === 'DriftFound.v3') {
      if (!byHand && !(before && begun.data.found === 'present'))
        throw broken(story, 'drift, although nobody touched the target', begun)
      if (begun.data.repair === 'revoke') before = false
    }
    // Ordered to go, but held in time: then it is what was there before, as for anybody.
    // Taken over it is ours, and goes when the last holder does.
    if (begun?.type === 'PreexistingAccessFound.v3')
      before = begun.data.kept && (before || presentAtFirst)
    checkState(command, actor)
    return told
  }
  const check = (
    decision: Decision<GrantEvent>,
    reasons: readonly string[],
    effect: () => readonly string[],
  ): readonly GrantEvent[] | undefined => {
    checkStorable(decision)
    if (!decision.ok) {
      const { code, message } = decision.refusal
      story.push(`  refused: ${code}`)
      if (!reasons.includes(code) || !/[;,:] \S/.test(message))
        throw broken(story, `refused: ${code}: ${message}; the model says`, reasons)
      return undefined
    }
    if (reasons.length > 0) throw broken(story, 'accepted, although', reasons)
    const expected = effect()
    for (const event of decision.events) {
      state = deepFreeze(grantDecider.evolve(state, event))
      types.push(event.type)
    }
    const actual = decision.events.map(({ type }) => type)
    story.push(`  ${actual.join(' ') || 'nothing'}`)
    if (!jsonEqual(actual, expected)) throw broken(story, 'other events', actual, expected)
    return decision.events
  }
  const checkState = (command: GrantCommand, actor: Actor): void => {
    const [mine, theirs] = [grantSeenInModel(model), grantSeenInState(state)]
    if (!jsonEqual(mine, theirs) || isSettled(model) !== grantSettled(state))
      throw broken(story, 'model and state differ', mine, theirs)
    const again = grantDecider.decide(command, state, at(place.now, actor), facts)
    if (again.ok && again.events.length > 0)
      throw broken(story, 'deciding it again does it again', again.events)
  }
  /** What was there before us stays; and where the log says that nothing is left to do, that is so. */
  const checkTarget = (): void => {
    const { target } = place
    if (byHand) return
    if (before && !target) throw broken(story, 'access from before us was taken away')
    const must = model.holders.length > 0 || before
    if (isSettled(model) && target !== must)
      throw broken(story, `settled, but the target has it: ${target}`)
  }

  const place: Place = {
    target: presentAtFirst,
    now: NOW,
    elapsed: 0,
    send,
    news: () => state.news,
    tickets: [],
    reports: [],
    newId: () => {
      ids += 1
      return `00000000-0000-4000-8000-${String(ids).padStart(12, '0')}`
    },
  }
  const workers: readonly [Worker, Worker, Worker] = [
    createWorker(place),
    createWorker(place),
    createWorker(place),
  ]
  const saying = () => (place.target ? 'present' : 'absent')
  /** A look, and some time later what was seen. */
  const scan = (chance: Dice): void => {
    const seen = look ?? { found: saying(), lookedAt: state.news }
    look = look === undefined && chance.chance(50) ? seen : undefined
    if (look === undefined) send({ type: 'ReportDrift', ...seen, repair: chance.chance(30) })
  }
  const step = (chance: Dice): void => {
    const kind = chance.int(1, 100)
    const assignmentId = chance.pick(ASSIGNMENTS)
    if (kind <= 12) send({ type: 'AddHold', assignmentId })
    else if (kind <= 18) send({ type: 'ReleaseHold', assignmentId, reason: 'assignment-ended' })
    else if (kind <= 24) send({ type: 'ReleaseHold', assignmentId, reason: 'role-removed' })
    else if (kind <= 38) passTime(place, chance)
    else if (kind <= 42) send({ type: 'RetryNow' }, chance.pick([ENGINE_ACTOR, user('ada')]))
    else if (kind <= 45) {
      const [report, ...others] = place.reports
      if (report !== undefined) send(chance.pick([report, ...others]))
    } else if (kind <= 46) send({ type: 'AddHold', assignmentId: 'tools.omar.a1' })
    else if (kind <= 47) send({ type: 'AddHold', assignmentId }, user('ada'))
    else if (kind <= 57) scan(chance)
    else if (kind <= 62 && changedByHand) {
      byHand = true
      place.target = !place.target
      story.push(`by hand: the target has it: ${place.target}`)
    } else if (kind <= 62) {
      const report = workByHand(place, state.inFlight?.operationId ?? null, chance)
      if (report !== undefined) place.reports.push(report)
      if (report !== undefined) send(report)
    } else if (kind <= 63)
      send({ type: 'ReportFulfilment', operationId: NEVER, outcome: 'done', message: null })
    else chance.pick(workers).step(chance)
    checkTarget()
  }
  /** From here on everything works, and what was changed by hand is set right. */
  const heal = (): void => {
    story.push('from now on everything works')
    settle()
    if (!byHand) return
    send({ type: 'ReportDrift', found: saying(), lookedAt: state.news, repair: true })
    settle()
    byHand = model.foreign && model.holders.length === 0
    before = model.foreign
    checkTarget()
  }
  const settle = (): void => {
    for (let tries = 0; !isSettled(model); tries += 1) {
      if (tries === 4) throw broken(story, 'not settled')
      place.now = model.flight?.until ?? place.now
      send({ type: 'RetryNow' })
      const operationId = place.newId()
      const observed = saying()
      const lookedAt = state.news
      send({ type: 'StartOperation', operationId, observed, lookedAt, leaseMillis: LEASE_MILLIS })
      if (model.flight?.id !== operationId) continue
      place.target = model.flight.operation === 'grant'
      const readBack = saying()
      send({ type: 'CompleteOperation', operationId, readBack, readAt: place.now })
    }
    checkTarget()
  }
  for (const seed of script.slice(1)) step(dice(seed))
  heal()
  const unknown = { type: 'EventOfALaterRelease.v9', data: {} } as unknown
  if (!jsonEqual(grantDecider.evolve(state, unknown as GrantEvent), state))
    throw broken(story, 'an unknown event changes the state')
  return types
}

/** The target at first, then a number for each step. */
const scripts = fc.array(fc.noShrink(fc.nat()), { minLength: 5, maxLength: 60, size: 'max' })

describe('grant, whatever happens', () => {
  it(
    'is held, operated and settled as the model says, and the target ends as it should',
    () => {
      const seen = new Set<string>()
      const runs = propertyRuns()
      fc.assert(
        fc.property(scripts, (script) => {
          for (const type of play(script)) seen.add(type)
        }),
        runs,
      )
      // Else the property would be about nothing.
      if (runs.path === undefined && runs.numRuns >= 1_000)
        expect([...seen].sort()).toEqual(Object.keys(grantEvents).sort())
    },
    propertyTimeout(),
  )
})
