import { addMillis } from '@portcullis/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SWEEP_JOB } from '../queues.ts'
import { createPackage, openTerms, submit, user } from '../testing/send.ts'
import { openTestEngine, START, type TestEngine } from '../testing/testEngine.ts'
import { tellLogAhead } from '../work/logAhead.ts'
import { createSweep } from '../work/sweep.ts'
import { DEFAULT_WORKER_SETTINGS } from '../work/workerDependencies.ts'

const HOUR = 3_600_000
const never = new AbortController().signal

describe('while the clock is behind where it was', () => {
  let engine: TestEngine
  beforeEach(async () => {
    engine = await openTestEngine()
    await engine.start()
    await engine.settle()
    await createPackage(engine, 'p', {
      terms: openTerms({
        expiration: { kind: 'afterHours', hours: 5 },
        extension: { allowed: false },
      }),
    })
  })
  afterEach(() => engine.close())

  const at = (millis: number) => engine.clock.set(addMillis(START, millis))
  const status = async () =>
    (await engine.application.assignment(user('admin'), 'p.alice.a1'))?.status

  it('a sweep looks at what changed before it was set back', async () => {
    await submit(engine, 'p', 'alice')
    await engine.caughtUp()
    engine.jobs.wipe()
    at(-3 * HOUR)
    expect(await createSweep(engine.parts)(never)).toMatchObject({ entitlements: 1 })
    await engine.settle()
    expect(engine.main.held()).toEqual(['wiki.member.alice'])
    expect(await status()).toBe('Delivered')
  })

  it('sweeps go on after a restart, though the next one was due when the clock gets there once more', async () => {
    await submit(engine, 'p', 'alice')
    await engine.settle()
    at(6 * 24 * HOUR)
    // By a process that is gone; its alarms were lost.
    engine.jobs.wipe()
    await engine.jobs.schedule(SWEEP_JOB, DEFAULT_WORKER_SETTINGS.sweepSeconds)
    at(5 * HOUR)
    await engine.worker.schedule()
    await engine.settle()
    expect(await status()).toBe('Expired')
    expect(engine.main.held()).toEqual([])
  })

  it('a revoke that failed while it was ahead is tried again', async () => {
    await submit(engine, 'p', 'alice')
    await engine.settle()
    engine.main.down()
    at(15 * 24 * HOUR)
    await engine.settle()
    expect(engine.main.held()).toEqual(['wiki.member.alice'])
    engine.main.up()
    engine.jobs.wipe()
    at(6 * HOUR)
    await engine.worker.schedule()
    await engine.settle()
    expect(engine.main.held()).toEqual([])
  })

  it('a log whose newest event lies in the future is told at the start, and listed as long as it is so', async () => {
    const told: string[] = []
    const log = { warn: (_: object, message: string) => void told.push(message) }
    const listed = async () =>
      (await engine.pool.query('select kind, code from portcullis_problems.findings')).rows
    await tellLogAhead(engine, log)
    expect(told).toEqual([])
    at(15 * 24 * HOUR)
    await submit(engine, 'p', 'alice')
    await engine.settle()
    at(0)
    await tellLogAhead(engine, log)
    expect(told).toEqual([expect.stringContaining('in the future: a clock was ahead')])
    await engine.worker.sweepNow()
    await engine.settle()
    expect(await listed()).toContainEqual({ kind: 'schedule-ahead', code: 'clock.log-ahead' })
    expect(await engine.runs.lastFinished('sweep')).toBe(engine.clock.now())
    at(16 * 24 * HOUR)
    await engine.worker.sweepNow()
    await engine.settle()
    expect(await listed()).not.toContainEqual({ kind: 'schedule-ahead', code: 'clock.log-ahead' })
  })

  it('sweeps go on, and what is due in the meantime fires', async () => {
    await submit(engine, 'p', 'alice')
    await engine.settle()
    at(6 * 24 * HOUR)
    await engine.worker.schedule()
    at(0)
    // Alarms that were lost, and the queue's own next sweep days ahead.
    engine.jobs.wipe()
    at(6 * 24 * HOUR)
    await engine.jobs.schedule(
      { queue: 'deadlines', name: 'sweep', data: {}, key: 'sweep' },
      86_400,
    )
    at(5 * HOUR)
    await engine.settle()
    expect(await status()).toBe('Delivered')
    await engine.worker.schedule()
    await engine.settle()
    expect(await status()).toBe('Expired')
    expect(engine.main.held()).toEqual([])
  })
})
