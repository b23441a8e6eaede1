import {
  type Actor,
  addMillis,
  type Instant,
  jsonEqual,
  type RecordedEvent,
} from '@portcullis/core'
import { type Dice, deepFreeze, dice } from '@portcullis/core/testing'
import { type Deadline, foldDeadlines } from '../deadlines.ts'
import type { EntitlementEvent } from '../events.ts'
import { at, checkStorable, ENGINE_ACTOR } from '../testing/index.ts'
import type { EntitlementCommand } from './entitlement.commands.ts'
import { entitlementDecider } from './entitlement.decide.ts'
import { type Model, seenInModel, seenInState, timersOf } from './entitlement.model.fixture.ts'
import { expectationOf } from './entitlement.modelTimers.fixture.ts'
import {
  anyCommand,
  anySender,
  beginning,
  commandOfTimer,
  laterThan,
  photoFinish,
} from './entitlement.random.fixture.ts'
import { changeWorld, createWorld, factsOf, SUBJECT } from './entitlement.world.fixture.ts'

/** Thrown with the whole story of the run: a list of numbers says little. */
const broken = (story: readonly string[], what: string, ...values: readonly unknown[]): Error =>
  new Error([what, ...values.map((value) => JSON.stringify(value)), ...story].join('\n'))

/** Plays a script against the decider and the model side by side. @throws Error with the story when they differ */
export const play = (script: readonly number[]): readonly EntitlementEvent['type'][] => {
  const first = script[0] ?? 0
  const world = createWorld(first)
  const model: Model = { requests: [], assignments: [] }
  const story: string[] = [JSON.stringify(world.policies)]
  const log: RecordedEvent<EntitlementEvent>[] = []
  const deadlines = new Map<string, Deadline>()
  const oldTimers = new Set<string>()
  let state = deepFreeze(entitlementDecider.initialState())
  let now: Instant = beginning(dice(first))

  const follow = (event: EntitlementEvent): void => {
    const recorded: RecordedEvent<EntitlementEvent> = {
      ...event,
      id: 'e',
      stream: `entitlement-tools.${SUBJECT}`,
      revision: BigInt(log.length),
      position: BigInt(log.length + 1),
      metadata: { commandId: 'c', correlationId: 'c', actor: ENGINE_ACTOR, at: now },
    }
    const { clear, clearPrefixes, set } = foldDeadlines([recorded])
    for (const key of [...deadlines.keys()])
      if (clear.includes(key) || clearPrefixes.some((prefix) => key.startsWith(prefix)))
        deadlines.delete(key)
    for (const row of set) {
      deadlines.set(row.key, row)
      oldTimers.add(row.key)
    }
    state = deepFreeze(entitlementDecider.evolve(state, recorded))
    log.push(recorded)
  }

  const decide = (command: EntitlementCommand, actor: Actor) => {
    const requestId = 'requestId' in command ? command.requestId : undefined
    const facts = factsOf(world, actor, state, requestId)
    return entitlementDecider.decide(command, state, at(now, actor), facts)
  }

  const send = (command: EntitlementCommand, actor: Actor): void => {
    story.push(`${now} ${actor.kind} ${actor.id}: ${JSON.stringify(command)}`)
    const { reasons, effect } = expectationOf(command, { model, world, now, actor })
    const decision = decide(command, actor)
    checkStorable(decision)
    if (decision.ok) {
      story.push(`  ${decision.events.map(({ type }) => type).join(' ') || 'nothing'}`)
      if (reasons.length > 0) throw broken(story, 'accepted, although', reasons)
      effect()
      for (const event of decision.events) follow(event)
    } else {
      const { code, message } = decision.refusal
      story.push(`  refused: ${code}`)
      if (!reasons.includes(code))
        throw broken(story, `refused by ${code}, the model says`, reasons)
      if (!WAY_OUT.test(message)) throw broken(story, `${code} shows no way out: ${message}`)
    }
    const [mine, theirs] = [seenInModel(model), seenInState(state)]
    if (!jsonEqual(mine, theirs)) throw broken(story, 'model and state differ', mine, theirs)
    checkTimers()
    const again = decide(command, actor)
    if (again.ok && again.events.length > 0)
      throw broken(story, 'deciding it again does it again', again.events)
  }

  const checkTimers = (): void => {
    const expected = timersOf(model)
    const wrong =
      expected.size !== deadlines.size ||
      [...expected].some(([key, dueAt]) => deadlines.get(key)?.dueAt !== dueAt)
    if (wrong) throw broken(story, 'the timers differ', [...expected], [...deadlines.values()])
  }

  /** The first timer, by its time; undefined when none is left. */
  const firstTimer = () =>
    [...timersOf(model)].sort(([, left], [, right]) => (left < right ? -1 : 1))[0]

  /** Fires what is due, in order: each must settle its deadline. */
  const fireWhile = (goOn: (dueAt: Instant) => boolean): void => {
    for (let fired = 0; ; fired += 1) {
      const next = firstTimer()
      if (next === undefined || !goOn(next[1])) return
      if (fired === 50) throw broken(story, 'timers go on without end')
      if (next[1] > now) now = next[1]
      send(commandOfTimer(next[0]), ENGINE_ACTOR)
      if (deadlines.has(next[0])) throw broken(story, `${next[0]} fired, and is still set`)
    }
  }

  const step = (chance: Dice): void => {
    now = laterThan(now, chance, [...timersOf(model).values()])
    const kind = chance.int(1, 100)
    if (kind <= 8) {
      story.push(changeWorld(world, chance))
      return
    }
    if (kind <= 25) {
      fireWhile((dueAt) => dueAt <= now)
      return
    }
    if (kind <= 32) {
      // Early, late, a second time or for nothing: a queue does all of that.
      const [key, ...others] = oldTimers
      if (key !== undefined) send(commandOfTimer(chance.pick([key, ...others])), ENGINE_ACTOR)
      return
    }
    const next = firstTimer()
    if (kind <= 40 && next !== undefined) {
      now = addMillis(next[1], chance.pick([-1, 0, 0, 1]))
      for (const [command, actor] of photoFinish(model)) send(command, actor)
      return
    }
    const command = anyCommand(now, model, chance)
    send(command, anySender(command, chance))
    // Somebody else at the same instant, on what was seen before: the first append wins, the other decides again.
    if (kind <= 55) {
      const rival = command.type === 'DecideApproval' ? command : anyCommand(now, model, chance)
      send(rival, anySender(rival, chance))
    }
  }

  for (const seed of script.slice(1)) step(dice(seed))
  story.push('the end: time passes')
  fireWhile(() => true)
  const left = state.assignments.find(
    ({ endAt, status }) => endAt !== null && status !== 'ended' && status !== 'cancelled',
  )
  if (left !== undefined) throw broken(story, 'outlives its end', left)
  const unknown = { type: 'EventOfALaterRelease.v9', data: {} } as unknown
  if (!jsonEqual(entitlementDecider.evolve(state, unknown as EntitlementEvent), state))
    throw broken(story, 'an unknown event changes the state')
  return log.map(({ type }) => type)
}

/**
 * A refusal says more than "no": behind a semicolon, in a second sentence or after a colon, what to do about it, or who
 * may.
 */
const WAY_OUT = /; \S|\. [A-Z]|: \S|^Only /
