import { DEFAULT_PREFIX } from '../redis/prefix.ts'
import type { BullBackend } from './backend.ts'
import { createPostgresBullBackend } from './postgresBackend.ts'
import { createRedisBullBackend } from './redisBackend.ts'

/**
 * Where the queue lives: a PostgreSQL (BullMQ's tables in schema `portcullis_jobs`) or a Redis (`parseRedisAddress`
 * says what its URL may be), where keys begin with `{prefix:queue}`.
 */
export type JobsServer =
  | { readonly kind: 'postgres'; readonly url: string; readonly maxConnections?: number }
  | { readonly kind: 'redis'; readonly url: string; readonly prefix?: string }

/**
 * What BullMQ works with on that server.
 * @param connections to PostgreSQL at most, where the server doesn't say it
 * @param onError told of lost connections to PostgreSQL; on Redis each queue tells its own
 * @throws RedisAddressError, RedisUnusable when a file of TLS can't be read
 */
export const openBackend = (
  server: JobsServer,
  connections: number,
  onError: (error: Error) => void,
): BullBackend =>
  server.kind === 'postgres'
    ? createPostgresBullBackend(server.url, server.maxConnections ?? connections, onError)
    : createRedisBullBackend(server.url, server.prefix ?? DEFAULT_PREFIX)
