import { backOff } from '@portcullis/core'
import { createRedisBackend } from 'bullmq'
import type { Cluster } from 'ioredis'
import { parseRedisAddress } from '../redis/address.ts'
import { redisCluster, redisOptions } from '../redis/connect.ts'
import { prefixOf } from '../redis/prefix.ts'
import type { BullBackend } from './backend.ts'

/** Milliseconds before the n-th attempt (from 1) to connect again: from 100 ms, doubling, at most 2 s. */
const reconnectAfter = backOff({ first: 100, longest: 2_000 })

/** A producer's command fails after as many attempts to connect: about 3 s. Workers wait for ever. */
const PRODUCER_RETRIES = 5

/**
 * BullMQ on Redis (6.2 or newer): one server, a cluster, or the master that Sentinels name. Scripts and keys are set up
 * by the one who comes first, so that nothing has to be prepared or repaired.
 * @param url see `parseRedisAddress`
 * @throws RedisAddressError, RedisUnusable when a file of TLS can't be read
 */
export const createRedisBullBackend = (url: string, prefix: string): BullBackend => {
  const address = parseRedisAddress(url)
  let closed = false
  // Connections that never came about can't be closed otherwise.
  const retry = (attempt: number) => (closed ? null : reconnectAfter(attempt))
  const options = redisOptions(address, retry)
  /** Handed to BullMQ, which leaves what it is handed open. */
  const clusters: Cluster[] = []
  const cluster = (blocking: boolean): Cluster => {
    const client = redisCluster(
      address,
      retry,
      blocking ? { maxRetriesPerRequest: null } : { maxRetriesPerRequest: PRODUCER_RETRIES },
    )
    clusters.push(client)
    return client
  }
  return {
    prefixOf: (queue) => prefixOf(prefix, queue),
    factory: (name, queue, role = {}) => {
      const blocking = role.withBlockingConnection === true
      const connection =
        address.kind === 'cluster'
          ? cluster(blocking)
          : { ...options, ...(blocking ? {} : { maxRetriesPerRequest: PRODUCER_RETRIES }) }
      return createRedisBackend(name, { ...queue, connection }, role)
    },
    prepare: async () => {},
    repair: async () => false,
    close: async () => {
      closed = true
      for (const client of clusters) client.disconnect()
    },
  }
}
