import { fromMillis, type Jobs } from '@portcullis/core'
import type { QueueUnderTest } from '@portcullis/core/contracts'
import { vi } from 'vitest'
import { logSpy } from '../testing/logSpy.ts'
import { type BullJobsOptions, createBullJobs } from './bullJobs.ts'
import type { JobsServer } from './openBackend.ts'

export const systemClock = { now: () => fromMillis(Date.now()) }

export const PATIENCE = { timeout: 60_000, interval: 10 }

/** Jobs on a server for a test, with short locks and back-offs. */
export const testJobs = (server: JobsServer, options: Partial<BullJobsOptions> = {}): Jobs =>
  createBullJobs(server, {
    clock: systemClock,
    log: logSpy(),
    firstWaitMillis: 50,
    lockMillis: 2000,
    stalledCheckMillis: 500,
    ...options,
  })

/** The contract's view of a BullMQ server. */
export const bullUnderTest = (
  server: JobsServer,
  wipe: () => Promise<void>,
  stop: () => Promise<void>,
): QueueUnderTest => ({
  jobs: testJobs(server),
  clock: systemClock,
  another: async () => testJobs(server),
  until: (condition) =>
    vi.waitFor(async () => {
      if (!(await condition())) throw new Error('not yet')
    }, PATIENCE),
  ahead: async (millis, work) => {
    const { now } = Date
    const spy = vi.spyOn(Date, 'now').mockImplementation(() => now() + millis)
    try {
      await work()
    } finally {
      spy.mockRestore()
    }
  },
  wipe,
  stop,
})
