import { addMillis } from '@portcullis/core'
import { checkPromises } from '@portcullis/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestEngine, START, type TestEngine } from '../testing/testEngine.ts'
import { fireDue } from './fireDue.ts'
import { DAY, fillWeeks, type Timer } from './weekDown.fixture.ts'

const DOWN = addMillis(START, 10 * DAY)
const UP = addMillis(START, 17 * DAY)
const END = addMillis(START, 45 * DAY)
/** An alarm rings at the whole second after. */
const SECOND = 1000

describe('a week’s downtime (promise 5, S28)', () => {
  let engine: TestEngine
  let missed: readonly Timer[]
  let before: { readonly head: bigint; readonly mails: number }
  beforeEach(async () => {
    engine = await openTestEngine()
    await engine.start()
    const timers = await fillWeeks(engine, DOWN)
    await engine.settleUntil(DOWN)
    await engine.stop()
    engine.clock.set(UP)
    missed = timers
      .filter(({ dueAt }) => dueAt > DOWN && dueAt <= UP)
      .sort((left, right) => (left.dueAt < right.dueAt ? -1 : 1))
    before = { head: await engine.store.head(), mails: engine.mails.length }
  })
  afterEach(() => engine.close())

  const log = async (after: bigint) => (await engine.store.readAll({ after, limit: 10_000 })).events
  /** What timers did since it went down, in the order of the log. */
  const fired = async () =>
    (await log(before.head))
      .filter(({ metadata }) => metadata.actor.id === 'timer')
      .map(({ type, stream }) => `${type.split('.')[0]} ${stream.replace('entitlement-', '')}`)
  const expected = () => missed.map(({ firing }) => firing(UP))
  const mailed = () =>
    engine.mails.slice(before.mails).map(({ kind, recipientId }) => `${kind} ${recipientId}`)
  /** Until everything has ended: nothing was lost, or comes twice. */
  const keepsItsPromises = async () => {
    await engine.settleUntil(END)
    const results = checkPromises({
      events: (await log(0n)) as Parameters<typeof checkPromises>[0]['events'],
      memberships: new Set([...engine.main.held(), ...engine.other.held()]),
      membershipsBefore: new Set(),
      mails: engine.mails,
      tolerance: { lateMillis: SECOND, downtimes: [{ from: DOWN, to: UP }] },
      probes: { viewsEqual: [], repeats: [], readYourWrites: [], replay: [] },
      now: END,
    })
    expect(results.flatMap(({ broken }) => broken)).toEqual([])
    expect(results.find(({ number }) => number === 5)?.checked).toBeGreaterThan(200)
    expect(engine.main.held()).toEqual([])
  }

  it('is caught up in the order of the times, with the right mails, each once', async () => {
    const kinds = new Set(expected().map(({ event }) => event.split(' ')[0]))
    expect([...kinds].sort()).toEqual([
      'ApprovalTimedOut',
      'AssignmentEnded',
      'AssignmentStarted',
      'ExtensionReminderDue',
      'ExtensionReminderSkipped',
    ])
    // The queue has been lost as well.
    engine.jobs.wipe()
    await engine.start()
    await engine.settle()
    expect(await fired()).toEqual(expected().map(({ event }) => event))
    expect(mailed().sort()).toEqual(
      expected()
        .flatMap(({ mails }) => mails)
        .sort(),
    )
    await keepsItsPromises()
    expect(new Set(engine.mails.map(({ messageId }) => messageId)).size).toBe(engine.mails.length)
  })

  it('goes on in the same order when it is stopped on the way, by many at once, and by a clock that goes back', async () => {
    await engine.project()
    for (const number of [1, 2, 3]) {
      const stop = new AbortController()
      const handleMany: typeof engine.parts.handleMany = (items, options) => {
        stop.abort()
        return engine.parts.handleMany(items, options)
      }
      await fireDue({ ...engine.parts, handleMany }, stop.signal)
      const soFar = await fired()
      expect(soFar.length).toBeGreaterThanOrEqual(number)
      expect(soFar.length).toBeLessThan(missed.length)
      await engine.project()
    }
    // What is due by then has been, and nothing else may be.
    const done = (await fired()).length
    engine.clock.set(addMillis(UP, -7 * DAY))
    expect(await fireDue(engine.parts, new AbortController().signal)).toBe(0)
    expect(await fired()).toHaveLength(done)
    engine.clock.set(UP)
    // None waits for the view: who is first has moved the log on for the others.
    const projections = { ...engine.projections, waitForView: async () => true }
    const parts = { ...engine.parts, projections }
    await Promise.all([1, 2, 3].map(() => fireDue(parts, new AbortController().signal)))
    expect(await fired()).toEqual(expected().map(({ event }) => event))
    await engine.start()
    await engine.settle()
    expect(mailed().sort()).toEqual(
      expected()
        .flatMap(({ mails }) => mails)
        .sort(),
    )
    await keepsItsPromises()
  })
})
