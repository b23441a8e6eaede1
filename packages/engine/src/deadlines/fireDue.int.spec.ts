import { addMillis } from '@portcullis/core'
import { grantDecider } from '@portcullis/domain'
import { exampleTerms } from '@portcullis/domain/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPackage, openTerms, roleOf, send, submit } from '../testing/send.ts'
import { openTestEngine, START, type TestEngine } from '../testing/testEngine.ts'
import { ViewsLagging } from '../viewsLagging.ts'
import { fireDue } from './fireDue.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const never = new AbortController().signal

describe('fireDue (S28, promise 5)', () => {
  let engine: TestEngine
  beforeEach(async () => {
    engine = await openTestEngine()
  })
  afterEach(() => engine.close())

  const at = (millis: number) => engine.clock.set(addMillis(START, millis))
  const fire = async () => {
    await engine.project()
    return fireDue(engine.parts, never)
  }
  /** What timers did, in the order of the log: type and stream. */
  const fired = async () => {
    const { events } = await engine.store.readAll({ after: 0n, limit: 1000 })
    return events
      .filter(({ metadata }) => metadata.actor.kind === 'system' && metadata.actor.id === 'timer')
      .map(({ type, stream }) => `${type.split('.')[0]} ${stream.replace('entitlement-', '')}`)
  }
  const hours = (count: number) =>
    openTerms({ expiration: { kind: 'afterHours', hours: count }, extension: { allowed: false } })

  it('fires at the time and not a millisecond before', async () => {
    await createPackage(engine, 'p', { terms: hours(5) })
    await submit(engine, 'p', 'alice')
    at(5 * HOUR - 1)
    expect(await fire()).toBe(0)
    expect(await fired()).toEqual([])
    at(5 * HOUR)
    expect(await fire()).toBe(1)
    expect(await fired()).toEqual(['AssignmentEnded p.alice'])
  })

  it('fires what the view shows though the view is behind, and asks to be tried again', async () => {
    await createPackage(engine, 'p', { terms: hours(5) })
    await submit(engine, 'p', 'alice')
    await engine.project()
    at(5 * HOUR)
    const projections = { ...engine.parts.projections, waitForView: async () => false }
    await expect(fireDue({ ...engine.parts, projections }, never)).rejects.toThrow(ViewsLagging)
    expect(await fired()).toEqual(['AssignmentEnded p.alice'])
  })

  it('catches up in the order of the times, whatever the order of the requests', async () => {
    for (const [id, count] of [
      ['late', 9],
      ['soon', 3],
      ['middle', 6],
    ] as const) {
      await createPackage(engine, id, { terms: hours(count) })
      await submit(engine, id, 'alice')
    }
    await createPackage(engine, 'asked', {
      terms: exampleTerms({
        approval: {
          required: true,
          stages: [
            {
              approvers: [{ kind: 'group', id: 'leads' }],
              timeoutDays: 1,
              approverJustification: false,
            },
          ],
        },
      }),
    })
    await submit(engine, 'asked', 'alice')
    at(30 * HOUR)
    expect(await fire()).toBe(4)
    expect(await fired()).toEqual([
      'AssignmentEnded soon.alice',
      'AssignmentEnded middle.alice',
      'AssignmentEnded late.alice',
      'ApprovalTimedOut asked.alice',
    ])
  })

  it('fires once: sent again, side by side, and after the clock went back', async () => {
    await createPackage(engine, 'p', { terms: hours(5) })
    await submit(engine, 'p', 'alice')
    at(5 * HOUR)
    await engine.project()
    // Nobody waits for the view, so that all see the deadline: the stream knows better.
    const projections = { ...engine.projections, waitForView: async () => true }
    const parts = { ...engine.parts, projections }
    await Promise.all([fireDue(parts, never), fireDue(parts, never)])
    expect(await fired()).toEqual(['AssignmentEnded p.alice'])
    expect(await engine.views.dueDeadlines(engine.clock.now(), 10)).toHaveLength(1)
    expect(await fireDue(parts, never)).toBe(0)
    for (const time of [1, 4, 5, 6]) {
      at(time * HOUR)
      expect(await fire()).toBe(0)
    }
    expect(await fired()).toEqual(['AssignmentEnded p.alice'])
  })

  it('doesn’t fire for a clock that was ahead and went back before the time', async () => {
    await createPackage(engine, 'p', { terms: hours(5) })
    await submit(engine, 'p', 'alice')
    at(6 * HOUR)
    await engine.project()
    const due = await engine.views.dueDeadlines(engine.clock.now(), 10)
    at(4 * HOUR)
    const ahead = { ...engine.parts, views: { ...engine.views, dueDeadlines: async () => due } }
    expect(await fireDue(ahead, never)).toBe(0)
    expect(await fired()).toEqual([])
    at(5 * HOUR)
    expect(await fire()).toBe(1)
  })

  describe('reminders (S15)', () => {
    beforeEach(async () => {
      await createPackage(engine, 'p')
      await submit(engine, 'p', 'alice')
    })

    it('come 14 days and 1 day before the end, once each', async () => {
      at(16 * DAY - 1)
      expect(await fire()).toBe(0)
      at(16 * DAY)
      expect(await fire()).toBe(1)
      at(29 * DAY)
      expect(await fire()).toBe(1)
      expect(await fire()).toBe(0)
      expect(await fired()).toEqual([
        'ExtensionReminderDue p.alice',
        'ExtensionReminderDue p.alice',
      ])
    })

    it('are skipped, and recorded so, when they have lost their use', async () => {
      at(29 * DAY + HOUR)
      expect(await fire()).toBe(2)
      expect(await fired()).toEqual([
        'ExtensionReminderSkipped p.alice',
        'ExtensionReminderDue p.alice',
      ])
      at(31 * DAY)
      expect(await fire()).toBe(1)
      expect((await fired()).at(-1)).toBe('AssignmentEnded p.alice')
    })

    it('are all skipped after a downtime beyond the end, and the end comes', async () => {
      at(40 * DAY)
      expect(await fire()).toBe(3)
      expect(await fired()).toEqual([
        'ExtensionReminderSkipped p.alice',
        'ExtensionReminderSkipped p.alice',
        'AssignmentEnded p.alice',
      ])
      expect(await fire()).toBe(0)
    })

    it('of an end that was moved are void', async () => {
      at(17 * DAY)
      await fire()
      await send(engine, 'alice', {
        type: 'RequestExtension',
        assignmentId: 'p.alice.a1',
        justification: null,
      })
      at(31 * DAY)
      expect(await fire()).toBe(0)
      at(46 * DAY)
      expect(await fire()).toBe(1)
      expect((await fired()).slice(-2)).toEqual([
        'ExtensionReminderDue p.alice',
        'ExtensionReminderDue p.alice',
      ])
    })
  })

  describe('a scheduled start (S18)', () => {
    beforeEach(async () => {
      await createPackage(engine, 'p')
      await send(engine, 'admin', {
        type: 'AssignDirectly',
        packageId: 'p',
        subjectId: 'alice',
        policyId: 'standard',
        startAt: addMillis(START, DAY),
        endAt: addMillis(START, 2 * DAY),
        justification: null,
      })
    })

    it('comes at its time, and the end at its own', async () => {
      at(DAY)
      expect(await fire()).toBe(1)
      at(2 * DAY)
      // Both reminders lie before the start; the end is the only deadline left.
      expect(await fire()).toBe(1)
      expect(await fired()).toEqual(['AssignmentStarted p.alice', 'AssignmentEnded p.alice'])
    })

    it('that was missed together with the end ends without having started', async () => {
      at(3 * DAY)
      expect(await fire()).toBe(1)
      expect(await fired()).toEqual(['AssignmentEnded p.alice'])
      expect(await fire()).toBe(0)
    })
  })

  it('queues the grant of a retry that is due', async () => {
    await engine.parts.handle({
      stream: 'grant-wiki.member.alice',
      decider: grantDecider,
      command: { type: 'AddHold', assignmentId: 'p.alice.a1' },
      envelope: { commandId: engine.parts.newId(), actor: { kind: 'system', id: 'reconcile' } },
      facts: () => ({ ...roleOf('wiki.member'), subjectId: 'alice' }),
    })
    await engine.parts.handle({
      stream: 'grant-wiki.member.alice',
      decider: grantDecider,
      command: {
        type: 'ReportUnreachable',
        operationId: engine.parts.newId(),
        code: 'main.down',
        message: 'does not answer',
        transient: true,
        retryAfterMillis: HOUR,
      },
      envelope: { commandId: engine.parts.newId(), actor: { kind: 'system', id: 'provisioning' } },
      facts: () => ({ ...roleOf('wiki.member'), subjectId: 'alice' }),
    })
    at(HOUR - 1)
    expect(await fire()).toBe(0)
    // What a target asks for, and up to a fifth.
    at(1.2 * HOUR)
    expect(await fire()).toBe(1)
    expect(await engine.jobs.counts('provision')).toMatchObject({ waiting: 1 })
  })

  it('goes on past a key that says nothing, page after page', async () => {
    const lines: string[] = []
    const pages = [500, 500, 3].map((size, page) =>
      Array.from({ length: size }, (_, index) => ({
        key: `nonsense:${page}:${index}`,
        kind: 'expiry' as const,
        dueAt: START,
        stream: 'entitlement-p.alice',
      })),
    )
    const asked: (string | undefined)[] = []
    const odd = {
      ...engine.parts,
      views: {
        ...engine.views,
        dueDeadlines: async (_now: string, _limit: number, after?: { readonly key: string }) => {
          asked.push(after?.key)
          return pages[asked.length - 1] ?? []
        },
      },
      log: { ...engine.parts.log, error: (data: object) => lines.push(JSON.stringify(data)) },
    }
    await engine.project()
    expect(await fireDue(odd, never)).toBe(0)
    expect(asked).toEqual([undefined, 'nonsense:0:499', 'nonsense:1:499'])
    expect(lines).toHaveLength(1003)
  })

  it('stops between two waves when it is told to, and goes on from there', async () => {
    await createPackage(engine, 'p')
    for (const id of ['alice', 'anna']) await submit(engine, 'p', id)
    at(40 * DAY)
    await engine.project()
    const stop = new AbortController()
    const handleMany: typeof engine.parts.handleMany = (items, options) => {
      stop.abort()
      return engine.parts.handleMany(items, options)
    }
    expect(await fireDue({ ...engine.parts, handleMany }, stop.signal)).toBe(2)
    const skipped = ['ExtensionReminderSkipped p.alice', 'ExtensionReminderSkipped p.anna']
    expect(await fired()).toEqual(skipped)
    expect(await fire()).toBe(4)
    expect(await fired()).toEqual([
      ...skipped,
      ...skipped,
      'AssignmentEnded p.alice',
      'AssignmentEnded p.anna',
    ])
  })
})
