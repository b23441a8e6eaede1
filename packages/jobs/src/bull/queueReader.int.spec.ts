import { addMillis, fromMillis } from '@portcullis/core'
import { testDatabase } from '@portcullis/postgres/testing'
import { describe, expect, it } from 'vitest'
import { redisMissing, startRedis } from '../testing/redis.ts'
import { testJobs } from './bull.fixture.ts'
import type { JobsServer } from './openBackend.ts'
import { createQueueReader } from './queueReader.ts'

const missing = redisMissing()

describe('looking at queues from outside', () => {
  const tellsWhatWaits = async (server: JobsServer): Promise<void> => {
    const jobs = testJobs(server)
    const reader = createQueueReader(server, (error) => {
      throw error
    })
    expect(await reader.read('q')).toMatchObject({ waiting: 0, oldestReadyAt: null })
    const job = { queue: 'q', name: 'n', data: {} }
    const before = fromMillis(Date.now())
    await jobs.enqueue([{ ...job, key: 'first' }])
    const first = (await reader.read('q')).oldestReadyAt
    expect(first !== null && first >= before).toBe(true)
    await jobs.enqueue([
      { ...job, key: 'second' },
      { ...job, key: 'third' },
      { ...job, key: 'later', runAt: addMillis(before, 3_600_000) },
    ])
    expect(await reader.read('q')).toEqual({
      waiting: 3,
      delayed: 1,
      active: 0,
      failed: 0,
      oldestReadyAt: first,
    })
    await reader.close()
    await jobs.close(0)
  }

  it('counts what waits, and says since when the oldest of it could have been run: PostgreSQL', async () => {
    const database = await testDatabase()
    await tellsWhatWaits({ kind: 'postgres', url: database.url })
    await database.close()
  })

  it.skipIf(missing !== undefined)(
    `the same on Redis${missing ? ` (skipped: ${missing})` : ''}`,
    async () => {
      const redis = await startRedis()
      await tellsWhatWaits({ kind: 'redis', url: redis.url })
      await redis.stop()
    },
  )
})
