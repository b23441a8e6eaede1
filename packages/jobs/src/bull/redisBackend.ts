import { createRedisBackend } from 'bullmq'
import type { BullBackend } from './backend.ts'

/** Milliseconds before the n-th attempt (from 1) to connect again: from 100 ms, doubling, at most 2 s. */
const reconnectAfter = (attempt: number): number => Math.min(100 * 2 ** (attempt - 1), 2000)

/** A producer's command fails after as many attempts to connect: about 3 s. Workers wait for ever. */
const PRODUCER_RETRIES = 5

/**
 * BullMQ on Redis (6.2 or newer). Scripts and keys are set up by whoever comes first, so that nothing has to be prepared or repaired.
 * @param url `redis://[[user]:password@]host[:port][/db]`, or `rediss://` for TLS
 */
export const createRedisBullBackend = (url: string, prefix: string): BullBackend => {
  let closed = false
  return {
    prefix,
    factory: (name, options, role = {}) =>
      createRedisBackend(
        name,
        {
          ...options,
          connection: {
            url,
            // Connections that never came about can't be closed otherwise.
            retryStrategy: (attempt) => (closed ? null : reconnectAfter(attempt)),
            connectTimeout: 5000,
            keepAlive: 10_000,
            ...(role.withBlockingConnection ? {} : { maxRetriesPerRequest: PRODUCER_RETRIES }),
          },
        },
        role,
      ),
    prepare: async () => {},
    repair: async () => false,
    close: async () => {
      closed = true
    },
  }
}
