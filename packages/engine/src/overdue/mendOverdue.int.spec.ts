import { addMillis, deriveId } from '@portcullis/core'
import { exampleTerms } from '@portcullis/domain/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPackage, openTerms, send, submit, user } from '../testing/send.ts'
import { openTestEngine, START, type TestEngine } from '../testing/testEngine.ts'
import { ViewsLagging } from '../viewsLagging.ts'
import { createSweep } from '../work/sweep.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const never = new AbortController().signal

describe('what the deadlines miss (promises 2 and 5)', () => {
  let engine: TestEngine
  let told: string[]
  beforeEach(async () => {
    engine = await openTestEngine()
    told = []
    await createPackage(engine, 'p', {
      terms: openTerms({ expiration: { kind: 'afterHours', hours: 5 } }),
    })
    await createPackage(engine, 'asked', { terms: exampleTerms() })
    await submit(engine, 'p', 'alice')
    await engine.project()
  })
  afterEach(() => engine.close())

  const at = (millis: number) => engine.clock.set(addMillis(START, millis))
  const deadlines = (change: string) => engine.pool.query(change)
  const loseDeadlines = () => deadlines('delete from portcullis_views.deadlines')
  const sweep = async (changes: Partial<TestEngine['parts']> = {}) => {
    // What the sweep itself notes of people and imports would put the views behind.
    await engine.parts.logImports()
    await engine.parts.lookAfterPeople(never)
    await engine.project()
    return createSweep({
      ...engine.parts,
      onOverdue: (kind) => told.push(`overdue ${kind}`),
      onWithoutEffect: (command) => told.push(command),
      ...changes,
    })(never)
  }
  const problems = async () => {
    const { items } = await engine.application.problems(user('admin'), {
      kind: 'overdue',
      limit: 100,
    })
    return items.map(({ id, since, detail }) => `${id} ${since} ${detail?.code}`)
  }
  const last = async (stream: string) => (await engine.typesOf(stream)).at(-1)

  it.each([
    ['is gone', 'delete from portcullis_views.deadlines'],
    ['is wrong', "update portcullis_views.deadlines set due_at = '2030-01-01T00:00:00.000Z'"],
    ['has a key that says nothing', "update portcullis_views.deadlines set key = 'nonsense'"],
  ])(
    'ends though its deadline %s, is listed with its age, and goes from the list',
    async (_, change) => {
      await deadlines(change)
      at(5 * HOUR + MINUTE)
      expect(await sweep()).toMatchObject({ overdue: 0 })
      at(5 * HOUR + 3 * MINUTE)
      expect(await sweep()).toMatchObject({ overdue: 1 })
      expect(await last('entitlement-p.alice')).toBe('AssignmentEnded.v2')
      expect(await problems()).toEqual([
        `overdue:expiry:p.alice.a1:1 ${addMillis(START, 5 * HOUR)} overdue.end`,
      ])
      expect(told).toEqual(['overdue expiry'])
      expect(await sweep()).toMatchObject({ overdue: 0 })
      expect(await problems()).toEqual([])
    },
  )

  it('starts, times out and ends without a deadline, in the order of the times', async () => {
    await submit(engine, 'asked', 'alice')
    await send(engine, 'admin', {
      type: 'AssignDirectly',
      packageId: 'p',
      subjectId: 'anna',
      policyId: 'standard',
      startAt: addMillis(START, DAY),
      endAt: addMillis(START, 30 * DAY),
      justification: null,
    })
    await engine.project()
    await loseDeadlines()
    at(15 * DAY)
    expect(await sweep()).toMatchObject({ overdue: 3 })
    expect(told).toEqual(['overdue expiry', 'overdue start', 'overdue approval'])
    const ends = ['p.alice', 'p.anna', 'asked.alice'].map((id) => last(`entitlement-${id}`))
    expect(await Promise.all(ends)).toEqual([
      'AssignmentEnded.v2',
      'AssignmentStarted.v1',
      'ApprovalTimedOut.v1',
    ])
  })

  it('is left to the deadlines while they do it', async () => {
    at(5 * HOUR + 10 * MINUTE)
    expect(await sweep()).toMatchObject({ fired: 1, overdue: 0 })
    expect(told).toEqual([])
    expect(await problems()).toEqual([])
  })

  it('ends while the view of deadlines is stuck, after a longer while', async () => {
    await loseDeadlines()
    const projections = { ...engine.parts.projections, waitForView: async () => false }
    at(5 * HOUR + 9 * MINUTE)
    await expect(sweep({ projections })).rejects.toThrow(ViewsLagging)
    expect(await last('entitlement-p.alice')).toBe('AssignmentStarted.v1')
    at(5 * HOUR + 11 * MINUTE)
    await expect(sweep({ projections })).rejects.toThrow(ViewsLagging)
    expect(await last('entitlement-p.alice')).toBe('AssignmentEnded.v2')
    expect(await problems()).toHaveLength(1)
  })

  it('is not believed to the view of assignments alone: the log knows better', async () => {
    await loseDeadlines()
    at(5 * HOUR + 3 * MINUTE)
    // Removed a moment ago, and the view hasn't got there.
    await send(engine, 'alice', {
      type: 'RemoveAssignment',
      assignmentId: 'p.alice.a1',
      justification: null,
    })
    const events = await engine.typesOf('entitlement-p.alice')
    const projections = { ...engine.parts.projections, waitForView: async () => true }
    expect(await createSweep({ ...engine.parts, projections })(never)).toMatchObject({ overdue: 0 })
    expect(await engine.typesOf('entitlement-p.alice')).toEqual(events)
    expect(await problems()).toEqual([])
  })

  it('is made up for where it can be, and listed with the reason where it can’t', async () => {
    await submit(engine, 'p', 'anna')
    await engine.project()
    await loseDeadlines()
    at(5 * HOUR + 3 * MINUTE)
    const handleMany: typeof engine.parts.handleMany = (items, options) => {
      if (items.some(({ stream }) => stream === 'entitlement-p.alice'))
        throw new Error('the stream can’t be read')
      return engine.parts.handleMany(items, options)
    }
    expect(await sweep({ handleMany })).toMatchObject({ overdue: 2 })
    expect(await last('entitlement-p.anna')).toBe('AssignmentEnded.v2')
    const page = await engine.application.problems(user('admin'), { kind: 'overdue', limit: 100 })
    expect(page.items.map(({ detail }) => detail?.message)).toEqual([
      expect.stringContaining('can’t be read'),
      expect.stringContaining('the sweep has ended it'),
    ])
    expect(page.items[0]).toMatchObject({
      packageId: 'p',
      subjectId: 'alice',
      assignmentIds: ['p.alice.a1'],
    })
    // Found again, it keeps its age; what could be made up for is gone.
    at(6 * HOUR)
    await sweep({ handleMany })
    expect(await problems()).toEqual([
      `overdue:expiry:p.alice.a1:1 ${addMillis(START, 5 * HOUR)} overdue.end`,
    ])
  })

  it('happens at its time though another’s event carries the deadline’s command id, as old logs may hold it', async () => {
    const [newest] = (await engine.events('entitlement-p.alice')).slice(-1)
    await engine.store.append('entitlement-p.alice', newest?.revision ?? 0n, [
      {
        type: 'ExtensionReminderSkipped.v1',
        data: {
          assignmentId: 'p.alice.a1',
          endVersion: 1,
          offset: 'P14D',
          reason: 'later-reminder-due',
        },
        id: deriveId('event', 'of an attack'),
        metadata: {
          commandId: deriveId('deadline', 'expiry:p.alice.a1:1'),
          correlationId: deriveId('deadline', 'expiry:p.alice.a1:1'),
          actor: { kind: 'user', id: 'alice' },
          at: engine.clock.now(),
        },
      },
    ])
    at(5 * HOUR)
    expect(await sweep()).toMatchObject({ fired: 1, overdue: 0 })
    expect(await last('entitlement-p.alice')).toBe('AssignmentEnded.v2')
  })

  it('is sent again under a new id, told and counted, when a timer is said to be done and the log doesn’t show it', async () => {
    at(5 * HOUR)
    const lines: object[] = []
    let first = true
    /** Says of the first commands that they were done before. */
    const handleMany: typeof engine.parts.handleMany = async (items, options) => {
      const real = first ? items.map((item) => ({ ...item, commands: [] })) : items
      const outcomes = await engine.parts.handleMany(real, options)
      if (!first) return outcomes
      first = false
      return outcomes.map(({ after }) => ({
        after,
        outcomes: [
          {
            ok: true,
            events: after.events.slice(-1),
            state: after.state,
            position: after.position,
            revision: after.revision,
            repeated: true,
          },
        ],
      }))
    }
    const log = { ...engine.parts.log, error: (data: object) => lines.push(data) }
    expect(await sweep({ handleMany, log })).toMatchObject({ fired: 1, overdue: 0 })
    expect(await last('entitlement-p.alice')).toBe('AssignmentEnded.v2')
    expect(told).toEqual(['ExpireAssignment'])
    expect(lines).toMatchObject([{ command: 'ExpireAssignment', stream: 'entitlement-p.alice' }])
  })
})
