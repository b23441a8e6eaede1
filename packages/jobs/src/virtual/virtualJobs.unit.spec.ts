import { setImmediate as nextTurn } from 'node:timers/promises'
import { addMillis, type Job } from '@portcullis/core'
import { describeQueueContract } from '@portcullis/core/contracts'
import { describe, expect, it } from 'vitest'
import { logSpy } from '../testing/logSpy.ts'
import { createVirtualJobs, type VirtualJobs } from './virtualJobs.ts'

const START = '2026-03-01T09:00:00.000Z'

const virtualClock = () => {
  let now = START
  return {
    now: () => now,
    set: (instant: string) => {
      now = instant
    },
  }
}

describeQueueContract('virtual', async () => {
  const clock = virtualClock()
  const jobs = createVirtualJobs(clock)
  let running: Promise<unknown> | undefined
  const step = (): void => {
    if (running !== undefined) return
    const due = jobs.nextDueAt()
    if (due === undefined) throw new Error('nothing is left to run')
    if (due > clock.now()) clock.set(due)
    running = jobs.runNext().finally(() => {
      running = undefined
    })
  }
  return {
    jobs,
    clock,
    another: async () => jobs,
    until: async (condition) => {
      while (!(await condition())) {
        step()
        await nextTurn()
      }
    },
    ahead: async (millis, work) => {
      clock.set(addMillis(clock.now(), millis))
      await work()
      clock.set(addMillis(clock.now(), -millis))
    },
    wipe: async () => jobs.wipe(),
    stop: async () => {},
  }
})

describe('virtual jobs', () => {
  const recording = async (jobs: VirtualJobs, clock: { now(): string }, queue = 'q') => {
    const ran: string[] = []
    const handler = async (job: Job) => {
      ran.push(`${job.name} ${clock.now().slice(11, 19)}`)
    }
    await jobs.work({ queue, concurrency: 5, handler })
    return ran
  }

  it('does nothing by itself, and moves the clock only in drain', async () => {
    const clock = virtualClock()
    const jobs = createVirtualJobs(clock)
    const ran = await recording(jobs, clock)
    const job = (name: string, minutes: number) => ({
      queue: 'q',
      name,
      data: {},
      runAt: addMillis(START, minutes * 60_000),
    })
    await jobs.enqueue([job('c', 30), job('a', 10), job('b', 20)])
    expect(await jobs.runDue()).toBe(0)
    expect(jobs.nextDueAt()).toBe('2026-03-01T09:10:00.000Z')
    expect(await jobs.drain('2026-03-01T09:25:00.000Z')).toBe(2)
    expect(clock.now()).toBe('2026-03-01T09:25:00.000Z')
    clock.set('2026-03-01T12:00:00.000Z')
    expect(await jobs.runDue()).toBe(1)
    expect(ran).toEqual(['a 09:10:00', 'b 09:20:00', 'c 12:00:00'])
    expect(jobs.nextDueAt()).toBeUndefined()
  })

  it('runs overdue jobs of several queues in the order of their times', async () => {
    const clock = virtualClock()
    const jobs = createVirtualJobs(clock)
    const ran = await recording(jobs, clock, 'one')
    await jobs.work({
      queue: 'two',
      concurrency: 1,
      handler: async (job) => {
        ran.push(job.name)
      },
    })
    const at = (queue: string, name: string, seconds: number) => ({
      queue,
      name,
      data: {},
      runAt: addMillis(START, seconds * 1000),
    })
    await jobs.enqueue([at('one', '3rd', 3), at('two', '2nd', 2), at('one', '1st', 1)])
    clock.set(addMillis(START, 60_000))
    await jobs.runDue()
    expect(ran).toEqual(['1st 09:01:00', '2nd', '3rd 09:01:00'])
  })

  it('leaves jobs of a queue that nobody works on', async () => {
    const clock = virtualClock()
    const jobs = createVirtualJobs(clock)
    await jobs.enqueue([{ queue: 'idle', name: 'a', data: {} }])
    expect(jobs.nextDueAt()).toBeUndefined()
    expect(await jobs.runNext()).toBe(false)
    expect(await jobs.counts('idle')).toMatchObject({ waiting: 1 })
  })

  it('gives a job up after twelve attempts, and says so', async () => {
    const clock = virtualClock()
    const log = logSpy()
    const jobs = createVirtualJobs(clock, log)
    await jobs.work({
      queue: 'q',
      concurrency: 1,
      handler: async () => {
        throw new Error('broken')
      },
    })
    await jobs.enqueue([{ queue: 'q', name: 'a', data: {}, key: 'k' }])
    expect(await jobs.drain(addMillis(START, 3_600_000))).toBe(12)
    expect(log.lines.filter((line) => line.level === 'error')).toEqual([
      {
        level: 'error',
        data: { queue: 'q', job: 'a', key: 'k', attempt: 12 },
        message: 'job given up: broken',
      },
    ])
    await jobs.enqueue([{ queue: 'q', name: 'b', data: {}, key: 'k' }])
    expect(await jobs.counts('q')).toMatchObject({ waiting: 1 })
  })

  it('runs a schedule once after a long jump of the clock, then on its grid', async () => {
    const clock = virtualClock()
    const jobs = createVirtualJobs(clock)
    const ran = await recording(jobs, clock)
    await jobs.schedule({ queue: 'q', name: 's', data: {}, key: 's' }, 60)
    await jobs.runDue()
    clock.set('2026-03-01T10:30:30.000Z')
    await jobs.runDue()
    await jobs.drain('2026-03-01T10:32:00.000Z')
    expect(ran).toEqual(['s 09:00:00', 's 10:30:30', 's 10:31:00', 's 10:32:00'])
  })
})
