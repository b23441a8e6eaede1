import { describeQueueContract } from '@portcullis/core/contracts'
import { describe } from 'vitest'
import { redisMissing, startRedis } from '../testing/index.ts'
import { bullUnderTest } from './bull.fixture.ts'

const missing = redisMissing()

describe.skipIf(missing !== undefined)(`on Redis${missing ? ` (skipped: ${missing})` : ''}`, () => {
  describeQueueContract('BullMQ on Redis, restarted empty', async () => {
    const redis = await startRedis()
    return bullUnderTest({ kind: 'redis', url: redis.url }, redis.restartEmpty, redis.stop)
  })
})
