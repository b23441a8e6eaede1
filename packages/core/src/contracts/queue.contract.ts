import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addMillis, type Clock } from '../instant.ts'
import type { Job, JobHandler, Jobs, NewJob } from '../jobs.ts'

/** One fresh, empty queue server with one client of it. */
export interface QueueUnderTest {
  readonly jobs: Jobs
  /** The one that `jobs` was given. */
  readonly clock: Clock
  /** A second client of the same server, as another process would have; closed by the suite. */
  another(): Promise<Jobs>
  /** Lets time and workers go on until the condition holds; throws when it never does. */
  until(condition: () => boolean | Promise<boolean>): Promise<void>
  /** Does something while the clock is so far ahead, and sets it right again. */
  ahead(millis: number, work: () => Promise<void>): Promise<void>
  /** Empties the server under the feet of its clients. */
  wipe(): Promise<void>
  /** Ends the server, after the clients were closed. */
  stop(): Promise<void>
}

const QUEUE = 'contract'
const FIFTEEN_DAYS = 15 * 86_400_000

/** What every adapter of the queue port promises. */
export const describeQueueContract = (
  name: string,
  makeQueue: () => Promise<QueueUnderTest>,
): void => {
  describe(`queue contract: ${name}`, () => {
    let queue: QueueUnderTest
    let clients: Jobs[]
    let ran: { name: string; at: string; attempt: number }[]

    beforeEach(async () => {
      queue = await makeQueue()
      clients = [queue.jobs]
      ran = []
    })
    afterEach(async () => {
      await Promise.all(clients.map((client) => client.close(0)))
      await queue.stop()
    })

    const another = async (): Promise<Jobs> => {
      const client = await queue.another()
      clients.push(client)
      return client
    }
    const record = async (job: Job): Promise<void> => {
      ran.push({ name: job.name, at: queue.clock.now(), attempt: job.attempt })
    }
    const names = (): string[] => ran.map((run) => run.name)
    const job = (jobName: string, more: Partial<NewJob> = {}): NewJob => ({
      queue: QUEUE,
      name: jobName,
      data: {},
      ...more,
    })
    const work = (handler: JobHandler = record, client = queue.jobs): Promise<void> =>
      client.work({ queue: QUEUE, concurrency: 1, handler })
    const unfinished = async (): Promise<{ all: number; delayed: number }> => {
      const { waiting, delayed, active } = await queue.jobs.counts(QUEUE)
      return { all: waiting + delayed + active, delayed }
    }
    const empty = async (): Promise<boolean> => (await unfinished()).all === 0
    /** A schedule at rest. Its next run is set before the one under way has ended. */
    const onlyNextWaits = async (): Promise<boolean> => {
      const { all, delayed } = await unfinished()
      return all === 1 && delayed === 1
    }

    it('hands a job to its handler with name and data, once', async () => {
      const seen: Job[] = []
      await work(async (taken) => {
        seen.push(taken)
      })
      const data = { ids: ['a', 'ü', '中'], nested: { on: true, off: null }, n: 1.5 }
      await queue.jobs.enqueue([job('first', { data })])
      await queue.until(() => seen.length > 0)
      await queue.until(empty)
      expect(seen).toEqual([{ queue: QUEUE, name: 'first', data, attempt: 1 }])
    })

    it('hands on what asked for a job, for traces', async () => {
      const origins = [
        {
          traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
          correlationId: 'c',
        },
      ]
      const seen: Job[] = []
      await work(async (taken) => {
        seen.push(taken)
      })
      await queue.jobs.enqueue([job('asked for', { origins })])
      await queue.until(() => seen.length > 0)
      expect(seen).toEqual([{ queue: QUEUE, name: 'asked for', data: {}, attempt: 1, origins }])
    })

    it('adds many jobs of several queues in one call', async () => {
      await queue.jobs.work({ queue: 'other', concurrency: 4, handler: record })
      await work()
      const mine = Array.from({ length: 30 }, (_, index) => job(`mine-${index}`))
      await queue.jobs.enqueue([...mine, job('theirs', { queue: 'other' })])
      await queue.until(() => ran.length >= 31)
      expect(names().filter((ranName) => ranName !== 'theirs')).toEqual(
        mine.map((added) => added.name),
      )
      await queue.jobs.enqueue([])
    })

    it('keeps one job of a key while it waits, whatever characters the key has', async () => {
      const key = 'expiry:a.b:2 / 1234 ✓'
      await queue.jobs.enqueue([job('first', { key }), job('second', { key })])
      await queue.jobs.enqueue([job('third', { key }), job('other', { key: '12345' })])
      expect(await queue.jobs.counts(QUEUE)).toMatchObject({ waiting: 2, delayed: 0 })
      await work()
      await queue.until(empty)
      expect(names()).toEqual(['first', 'other'])
    })

    it('keeps one job of a key while it is delayed', async () => {
      const runAt = addMillis(queue.clock.now(), 3_600_000)
      await queue.jobs.enqueue([job('first', { key: 'k', runAt }), job('now', { key: 'k' })])
      expect(await queue.jobs.counts(QUEUE)).toMatchObject({ waiting: 0, delayed: 1 })
    })

    it('keeps one job of a key while it runs, and takes it again afterwards', async () => {
      await work(async (taken) => {
        await record(taken)
        await queue.jobs.enqueue([job('while it runs', { key: 'k' })])
      })
      await queue.jobs.enqueue([job('first', { key: 'k' })])
      await queue.until(() => ran.length > 0)
      await queue.until(empty)
      expect(names()).toEqual(['first'])
      await queue.jobs.enqueue([job('again', { key: 'k' })])
      await queue.until(() => ran.length > 1)
      expect(names()).toEqual(['first', 'again'])
    })

    it('keys of different queues have nothing to do with each other', async () => {
      await queue.jobs.enqueue([job('a', { key: 'k' }), job('b', { key: 'k', queue: 'other' })])
      expect(await queue.jobs.counts('other')).toMatchObject({ waiting: 1 })
      expect(await queue.jobs.counts(QUEUE)).toMatchObject({ waiting: 1 })
    })

    it('runs a delayed job not before its time', async () => {
      await work()
      const soon = addMillis(queue.clock.now(), 1_000)
      const past = addMillis(queue.clock.now(), -60_000)
      await queue.jobs.enqueue([job('soon', { runAt: soon }), job('past', { runAt: past })])
      await queue.until(() => ran.length === 2)
      expect(new Set(names())).toEqual(new Set(['past', 'soon']))
      expect(ran.find(({ name }) => name === 'soon')?.at).toSatisfy((at: string) => at >= soon)
    })

    it('refuses a time that is none', async () => {
      await expect(queue.jobs.enqueue([job('odd', { runAt: 'tomorrow' })])).rejects.toThrow(
        /runAt tomorrow is not an instant/,
      )
    })

    it('runs the most urgent first: without priority, then 1, 2, …; equal ones as they came', async () => {
      await queue.jobs.enqueue([
        job('two', { priority: 2 }),
        job('one', { priority: 1 }),
        job('none'),
        job('two again', { priority: 2 }),
        job('none again'),
      ])
      await work()
      await queue.until(() => ran.length === 5)
      expect(names()).toEqual(['none', 'none again', 'one', 'two', 'two again'])
    })

    it('tries a job again whose handler throws, and goes on with the others', async () => {
      await work(async (taken) => {
        await record(taken)
        if (taken.name === 'shaky' && taken.attempt < 3) throw new Error(`no ${taken.attempt}`)
      })
      await queue.jobs.enqueue([job('shaky', { key: 'k' }), job('solid')])
      await queue.until(() => ran.length === 4)
      await queue.until(empty)
      expect(ran.filter((run) => run.name === 'shaky').map((run) => run.attempt)).toEqual([1, 2, 3])
      expect(names().indexOf('solid')).toBeLessThan(names().lastIndexOf('shaky'))
    })

    it('runs a scheduled job at once and again and again, however often it is scheduled', async () => {
      await work()
      const schedule = () => queue.jobs.schedule({ ...job('sweep'), key: 'sweep' }, 1)
      await schedule()
      await queue.until(() => ran.length === 1)
      await Promise.all([schedule(), schedule()])
      await schedule()
      // The one under way and the next one: four schedules would stay four.
      await queue.until(async () => (await unfinished()).all <= 2)
      await queue.until(() => ran.length === 3)
      const [first, , third] = ran.map((run) => Date.parse(run.at))
      expect((third ?? 0) - (first ?? 0)).toBeGreaterThan(1000)
    })

    it('sets a schedule right that lies further ahead than its period, whoever schedules it', async () => {
      const sweep = { ...job('sweep'), key: 'sweep' }
      await work()
      await queue.ahead(FIFTEEN_DAYS, async () => {
        await queue.jobs.schedule(sweep, 3600)
        await queue.until(() => ran.length === 1)
        await queue.until(onlyNextWaits)
      })
      await (await another()).schedule(sweep, 3600)
      await queue.until(() => ran.length === 2)
      // On time again: scheduling once more doesn't run it.
      await queue.until(onlyNextWaits)
      await queue.jobs.schedule(sweep, 3600)
      const atRest = { waiting: 0, delayed: 1, active: 0, failed: 0 }
      expect(await queue.jobs.counts(QUEUE)).toEqual(atRest)
    })

    it('leaves a schedule alone that was made while the clock was a little ahead', async () => {
      const sweep = { ...job('sweep'), key: 'sweep' }
      await work()
      await queue.ahead(5_000, async () => {
        await queue.jobs.schedule(sweep, 3600)
        await queue.until(() => ran.length === 1)
        await queue.until(onlyNextWaits)
      })
      await queue.jobs.schedule(sweep, 3600)
      expect(await queue.jobs.counts(QUEUE)).toMatchObject({ waiting: 0, delayed: 1, active: 0 })
    })

    it('tries a job again that failed while the clock was ahead, and keeps what is set for later', async () => {
      const runAt = addMillis(queue.clock.now(), 7_200_000)
      await queue.ahead(FIFTEEN_DAYS, async () => {
        let failed = false
        const first = await another()
        await work(async () => {
          failed = true
          throw new Error('no')
        }, first)
        await first.enqueue([job('shaky', { key: 'shaky' })])
        await queue.until(() => failed)
        await queue.until(async () => (await first.counts(QUEUE)).delayed === 1)
        await first.close(0)
      })
      await queue.jobs.enqueue([job('later', { key: 'later', runAt })])
      await work()
      await queue.until(() => ran.length === 1)
      expect(names()).toEqual(['shaky'])
      expect(await queue.jobs.counts(QUEUE)).toMatchObject({ delayed: 1 })
    })

    it('survives a wipe: old jobs are gone, new ones run, schedules are repaired', async () => {
      const later = addMillis(queue.clock.now(), 3_600_000)
      await queue.jobs.schedule({ ...job('sweep', { queue: 'swept' }), key: 'sweep' }, 3600)
      await queue.jobs.enqueue([job('lost'), job('lost too', { key: 'k', runAt: later })])
      await queue.wipe()
      expect(await empty()).toBe(true)
      await work()
      await queue.jobs.work({ queue: 'swept', concurrency: 1, handler: record })
      await queue.jobs.enqueue([job('new', { key: 'k' })])
      await queue.until(() => ran.length === 1)
      await queue.jobs.schedule({ ...job('sweep', { queue: 'swept' }), key: 'sweep' }, 3600)
      await queue.until(() => ran.length === 2)
      expect(names()).toEqual(['new', 'sweep'])
    })

    it('survives a wipe while a job runs', async () => {
      await work(async (taken) => {
        if (taken.name === 'first') await queue.wipe()
        await record(taken)
      })
      await queue.jobs.enqueue([job('first')])
      await queue.until(() => ran.length === 1)
      await queue.jobs.enqueue([job('second')])
      await queue.until(() => names().includes('second'))
    })

    it('closing gives the job under way back, whole, for somebody else', async () => {
      let started = false
      const stubborn = async (_: Job, signal: AbortSignal): Promise<void> => {
        started = true
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => resolve())
        })
        throw new Error('interrupted')
      }
      await work(stubborn)
      await queue.jobs.enqueue([job('long', { key: 'k' })])
      await queue.until(() => started)
      await queue.jobs.close(0)
      const other = await another()
      expect(await other.counts(QUEUE)).toMatchObject({ waiting: 1, active: 0 })
      await work(record, other)
      await queue.until(() => ran.length === 1)
      expect(ran).toMatchObject([{ name: 'long', attempt: 1 }])
    })
  })
}
