import { addMillis } from '@portcullis/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createPackage, openTerms, submit } from '../testing/send.ts'
import { openTestEngine, START, type TestEngine } from '../testing/testEngine.ts'
import { fireDue } from './fireDue.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const never = new AbortController().signal

describe('firing in turns', () => {
  let engine: TestEngine
  beforeEach(async () => {
    engine = await openTestEngine()
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    await engine.close()
  })

  it('is done by one at a time, so that the others find nothing left to decide', async () => {
    const terms = openTerms({
      expiration: { kind: 'afterHours', hours: 5 },
      extension: { allowed: false },
    })
    for (const id of ['p', 'q']) {
      await createPackage(engine, id, { terms })
      await submit(engine, id, 'alice')
    }
    engine.clock.set(addMillis(START, 5 * HOUR))
    const { handleMany, projections } = engine.parts
    let decided = 0
    const parts: typeof engine.parts = {
      ...engine.parts,
      handleMany: (items, options) => {
        decided += items.length
        return handleMany(items, options)
      },
      projections: {
        ...projections,
        waitForView: async () => {
          await engine.project()
          return true
        },
      },
    }
    const counts = await Promise.all([1, 2, 3].map(() => fireDue(parts, never)))
    expect(counts.toSorted()).toEqual([0, 0, 2])
    expect(decided).toBe(2)
  })

  it('leaves its turn to whoever waits when there is much to do, and goes on behind what it has done', async () => {
    await createPackage(engine, 'p')
    await submit(engine, 'p', 'alice')
    engine.clock.set(addMillis(START, 40 * DAY))
    await engine.project()
    const projections = { ...engine.parts.projections, waitForView: async () => true }
    let taken = 0
    const turns: typeof engine.parts.turns = {
      take: (signal, work) => {
        taken += 1
        return engine.parts.turns.take(signal, work)
      },
    }
    let time = 0
    vi.spyOn(performance, 'now').mockImplementation(() => {
      time += 60_000
      return time
    })
    expect(await fireDue({ ...engine.parts, projections, turns }, never)).toBe(3)
    expect(taken).toBe(3)
    const { events } = await engine.store.readAll({ after: 0n, limit: 1000 })
    expect(
      events.filter(({ metadata }) => metadata.actor.id === 'timer').map(({ type }) => type),
    ).toEqual(['ExtensionReminderSkipped.v1', 'ExtensionReminderSkipped.v1', 'AssignmentEnded.v2'])
  })
})
