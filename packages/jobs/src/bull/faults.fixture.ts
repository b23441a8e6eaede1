import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Jobs } from '@portcullis/core'
import { endProcess } from '@portcullis/core/testing'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { logSpy } from '../testing/logSpy.ts'
import { JobsUnavailable } from '../within.ts'
import { PATIENCE, testJobs } from './bull.fixture.ts'
import type { BullJobsOptions } from './bullJobs.ts'
import type { JobsServer } from './openBackend.ts'

export interface FaultyServer {
  readonly server: JobsServer
  /** Breaks every connection of the queue; the server itself goes on, or comes back. */
  disconnect(): Promise<void>
  stop(): Promise<void>
}

/** What BullMQ has to bear on each of its servers, beyond the contract of the port. */
export const describeFaults = (makeServer: () => Promise<FaultyServer>): void => {
  let faulty: FaultyServer
  let clients: Jobs[]
  let ran: string[]

  beforeEach(async () => {
    faulty = await makeServer()
    clients = []
    ran = []
  })
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.close(0)))
    await faulty.stop()
  })
  const client = (options: Partial<BullJobsOptions> = {}): Jobs => {
    const jobs = testJobs(faulty.server, options)
    clients.push(jobs)
    return jobs
  }
  const work = (jobs: Jobs): Promise<void> =>
    jobs.work({
      queue: 'q',
      concurrency: 2,
      handler: async (job) => {
        ran.push(job.name)
      },
    })
  const job = (name: string, key?: string) => ({
    queue: 'q',
    name,
    data: {},
    ...(key === undefined ? {} : { key }),
  })
  const hasRun = (name: string): Promise<void> =>
    vi.waitFor(() => expect(ran).toContain(name), PATIENCE)

  it('goes on after its connections broke, with jobs of before and after', async () => {
    const jobs = client()
    await work(jobs)
    await jobs.enqueue([job('before')])
    await hasRun('before')
    await faulty.disconnect()
    await vi.waitFor(() => jobs.enqueue([job('after', 'once')]), PATIENCE)
    await hasRun('after')
  })

  it('gives a job of a killed process to another one', async () => {
    const script = fileURLToPath(new URL('takesAndHangs.fixture.ts', import.meta.url))
    const child = spawn(process.execPath, [script, faulty.server.kind, faulty.server.url], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const jobs = client()
    await jobs.enqueue([job('orphan', 'k')])
    await once(child.stdout, 'data')
    await endProcess(child)
    expect(await jobs.counts('q')).toMatchObject({ active: 1 })
    await work(jobs)
    await hasRun('orphan')
    await vi.waitFor(async () => expect(await jobs.counts('q')).toMatchObject({ active: 0 }))
    expect(ran).toEqual(['orphan'])
  })

  it('gives up after the last attempt, says so, and frees the key', async () => {
    const log = logSpy()
    const jobs = client({ maxAttempts: 3, log })
    let attempts = 0
    await jobs.work({
      queue: 'q',
      concurrency: 1,
      handler: async () => {
        attempts += 1
        throw new Error('broken')
      },
    })
    await jobs.enqueue([job('hopeless', 'k')])
    await vi.waitFor(
      () => expect(log.lines.filter((line) => line.level === 'error')).toHaveLength(1),
      PATIENCE,
    )
    expect(attempts).toBe(3)
    expect(log.lines.at(-1)).toEqual({
      level: 'error',
      data: { queue: 'q', job: 'hopeless', key: 'k', attempt: 3 },
      message: 'job given up: broken',
    })
    await jobs.enqueue([job('again', 'k')])
    await vi.waitFor(() => expect(attempts).toBeGreaterThan(3), PATIENCE)
  })

  it('gives a job back on closing, even when its handler takes no notice', async () => {
    const jobs = client()
    let started = false
    await jobs.work({
      queue: 'q',
      concurrency: 1,
      handler: () => {
        started = true
        return new Promise(() => {})
      },
    })
    await jobs.enqueue([job('deaf')])
    await vi.waitFor(() => expect(started).toBe(true), PATIENCE)
    await jobs.close(0)
    const other = client()
    expect(await other.counts('q')).toMatchObject({ waiting: 1, active: 0 })
    await expect(jobs.enqueue([job('late')])).rejects.toThrow(/the queue is closed/)
  })

  it('waits on closing for what ends in time', async () => {
    const jobs = client()
    let finish: (() => void) | undefined
    await jobs.work({
      queue: 'q',
      concurrency: 1,
      handler: () =>
        new Promise((resolve) => {
          finish = resolve
        }),
    })
    await jobs.enqueue([job('quick')])
    await vi.waitFor(() => expect(finish).toBeDefined(), PATIENCE)
    const closed = jobs.close(60_000)
    finish?.()
    await closed
    expect(await client().counts('q')).toMatchObject({ waiting: 0, active: 0, delayed: 0 })
  })

  it('lets a job that finishes on closing add others', async () => {
    const jobs = client()
    let finish: (() => void) | undefined
    await jobs.work({
      queue: 'q',
      concurrency: 1,
      handler: async () => {
        await new Promise<void>((resolve) => {
          finish = resolve
        })
        await jobs.enqueue([job('next')])
      },
    })
    await jobs.enqueue([job('last')])
    await vi.waitFor(() => expect(finish).toBeDefined(), PATIENCE)
    const ended = jobs.close(60_000)
    finish?.()
    await ended
    const other = client()
    await work(other)
    await hasRun('next')
    expect(ran).toEqual(['next'])
  })

  it('closed while it gets to work, it ends, and starts nothing that nobody would stop', async () => {
    const jobs = client()
    const asked = Promise.allSettled([work(jobs), jobs.enqueue([job('late')])])
    await jobs.close(0)
    expect(await asked).toMatchObject([
      { status: 'rejected', reason: { message: expect.stringContaining('the queue is closed') } },
      { status: 'fulfilled' },
    ])
    expect(await client().counts('q')).toMatchObject({ waiting: 1, active: 0 })
  })

  it('says clearly that the server is not there', async () => {
    const url = new URL(faulty.server.url)
    url.port = '1'
    const jobs = testJobs({ ...faulty.server, url: url.href }, { answerMillis: 1500 })
    clients.push(jobs)
    const added = jobs.enqueue([job('nowhere')])
    await expect(added).rejects.toBeInstanceOf(JobsUnavailable)
    await expect(added).rejects.toThrow(/adding jobs to q.*check that the queue's server runs/)
    await expect(work(jobs)).rejects.toBeInstanceOf(JobsUnavailable)
  })
}
