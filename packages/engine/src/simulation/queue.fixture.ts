import type { Instant, Jobs, NewJob } from '@portcullis/core'
import type { Dice } from '@portcullis/core/testing'
import { only } from './only.fixture.ts'

/** A queue that loses jobs, runs them twice, early and in any order. */
export interface SimulatedQueue {
  readonly jobs: Jobs
  /** How often anybody put something in. */
  readonly calls: () => number
  readonly length: () => number
  /** Takes out one that is due, the oldest first, or any at all. */
  take(now: Instant, chance?: Dice): NewJob | undefined
  /** Puts one back that failed. */
  putBack(job: NewJob): void
  double(chance: Dice): void
  lose(chance: Dice): void
  wipe(): void
}

export const createQueue = (): SimulatedQueue => {
  let waiting: NewJob[] = []
  let calls = 0

  const without = (job: NewJob | undefined): void => {
    waiting = waiting.filter((other) => other !== job)
  }
  const any = (chance: Dice): NewJob | undefined => waiting[chance.int(0, waiting.length - 1)]
  return {
    calls: () => calls,
    length: () => waiting.length,
    take: (now, chance) => {
      const job = chance
        ? any(chance)
        : waiting.find(({ runAt }) => runAt === undefined || runAt <= now)
      without(job)
      return job
    },
    putBack: (job) => waiting.push(job),
    double: (chance) => {
      const job = any(chance)
      if (job !== undefined) waiting.push({ ...job })
    },
    lose: (chance) => without(any(chance)),
    wipe: () => {
      waiting = []
    },
    jobs: only<Jobs>('jobs', {
      enqueue: async (jobs) => {
        if (jobs.length === 0) return
        calls += 1
        for (const job of jobs) {
          const there = waiting.some(({ key }) => key !== undefined && key === job.key)
          if (!there) waiting.push(job)
        }
      },
      counts: async () => ({ waiting: waiting.length, delayed: 0, active: 0, failed: 0 }),
    }),
  }
}
