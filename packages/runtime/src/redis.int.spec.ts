import { redisMissing, startRedis, type TestRedis } from '@portcullis/jobs/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from './config.ts'
import { checkRedis } from './redis.ts'

const missing = redisMissing()

/** What is logged when this Redis is looked at. */
const loggedOf = async (url?: string): Promise<readonly string[]> => {
  const logged: string[] = []
  const config = readConfig(url === undefined ? {} : { REDIS_URL: url }, '/srv')
  await checkRedis(config, { warn: (_, message) => void logged.push(message) })
  return logged
}

describe('Redis at the start of a worker', () => {
  it('is not asked for where none is configured', async () => {
    expect(await loggedOf()).toEqual([])
  })

  it('that does not answer is told, and keeps nothing from starting', async () => {
    const [line, ...more] = await loggedOf('redis://user:hidden@127.0.0.1:1')
    expect(line).toMatch(/^REDIS_URL: Redis can't be used now: .*requests and decisions are taken/)
    expect(line).not.toContain('hidden')
    expect(more).toEqual([])
  })

  describe.skipIf(missing !== undefined)(
    `that answers${missing ? ` (skipped: ${missing})` : ''}`,
    () => {
      let redis: TestRedis
      beforeAll(async () => {
        redis = await startRedis()
      })
      afterAll(() => redis?.stop())

      it('is warned about by the name of its variable', async () => {
        expect(await loggedOf(redis.url)).toEqual([
          expect.stringMatching(/^REDIS_URL: neither appendonly nor save is set/),
        ])
      })

      it('and refuses us is a mistake of the configuration', async () => {
        const wrong = loggedOf(redis.url.replace('//', '//user:hidden@'))
        await expect(wrong).rejects.toBeInstanceOf(ConfigError)
        await expect(wrong).rejects.toThrow(/^REDIS_URL: Redis refuses the user or the password/)
      })
    },
  )
})
