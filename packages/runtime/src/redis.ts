import type { Log } from '@portcullis/engine'
import { inspectRedis, type JobsServer, RedisUnreachable, RedisUnusable } from '@portcullis/jobs'
import { type Config, ConfigError } from './config.ts'

/**
 * Looks at the Redis of REDIS_URL, if there is one, before jobs are put there. One that doesn't answer keeps nothing
 * from starting: it's only logged, as is what would make jobs come late.
 * @throws ConfigError when it answers and can't be used as it is configured
 */
export const checkRedis = async (
  { redisUrl, redisPrefix }: Pick<Config, 'redisUrl' | 'redisPrefix'>,
  log: Pick<Log, 'warn'>,
): Promise<void> => {
  if (redisUrl === undefined) return
  try {
    const { warnings } = await inspectRedis(redisUrl, redisPrefix)
    for (const warning of warnings) log.warn({}, `REDIS_URL: ${warning}`)
  } catch (error) {
    if (error instanceof RedisUnusable) throw new ConfigError([`REDIS_URL: ${error.message}`])
    if (!(error instanceof RedisUnreachable)) throw error
    log.warn(
      {},
      `REDIS_URL: ${error.message}; requests and decisions are taken meanwhile, and deliveries, mails and timers wait until it is back`,
    )
  }
}

/**
 * Where the jobs are: on Redis where there is one, else in the database.
 * @param maxConnections to the database; as few as the purpose needs when absent
 */
export const jobsServerOf = (
  { redisUrl, redisPrefix }: Pick<Config, 'redisUrl' | 'redisPrefix'>,
  databaseUrl: string,
  maxConnections?: number,
): JobsServer =>
  redisUrl === undefined
    ? {
        kind: 'postgres',
        url: databaseUrl,
        ...(maxConnections === undefined ? {} : { maxConnections }),
      }
    : { kind: 'redis', url: redisUrl, prefix: redisPrefix }
