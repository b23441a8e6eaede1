import { describeQueueContract } from '@portcullis/core/contracts'
import { describe } from 'vitest'
import { redisMissing, startRedis } from '../testing/index.ts'
import { bullUnderTest } from './bull.fixture.ts'
import { describeFaults } from './faults.fixture.ts'

const missing = redisMissing()

describe.skipIf(missing !== undefined)(`on Redis${missing ? ` (skipped: ${missing})` : ''}`, () => {
  describeQueueContract('BullMQ on Redis, restarted empty', async () => {
    const redis = await startRedis()
    return bullUnderTest({ kind: 'redis', url: redis.url }, redis.restartEmpty, redis.stop)
  })

  describe('BullMQ on Redis, faults', () => {
    describeFaults(async () => {
      const redis = await startRedis()
      return {
        server: { kind: 'redis', url: redis.url },
        disconnect: redis.restartEmpty,
        stop: redis.stop,
      }
    })
  })
})
