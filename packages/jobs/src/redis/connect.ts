import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { codeOf } from '@portcullis/core'
import { Cluster, type RedisOptions } from 'ioredis'
import type { RedisAddress } from './address.ts'
import { RedisUnusable } from './errors.ts'

const CONNECT_MILLIS = 5000
/** A dead peer that sends no reset is found out by probes that begin after this. */
const KEEP_ALIVE_MILLIS = 10_000

/** Milliseconds before the n-th attempt (from 1) to connect again; null: never. */
export type Retry = (attempt: number) => number | null

/**
 * How ioredis reaches a single server, or the master that Sentinels name.
 * @throws RedisUnusable when a file of TLS can't be read
 */
export const redisOptions = (address: RedisAddress, retry: Retry) => {
  const [only] = address.hosts
  const shared = nodeOptions(address)
  const reach = address.kind === 'sentinel' ? sentinels(address, shared.tls) : only
  return {
    ...shared,
    ...reach,
    db: address.database,
    retryStrategy: retry,
    sentinelRetryStrategy: retry,
  } satisfies RedisOptions
}

const sentinels = (
  { hosts, master, sentinelUsername, sentinelPassword }: RedisAddress,
  tls: ConnectionOptions | undefined,
) => ({
  sentinels: [...hosts],
  name: master ?? '',
  ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
  ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
  ...(tls === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: tls }),
})

/**
 * A client of a cluster; connects when first used.
 * @throws RedisUnusable when a file of TLS can't be read
 */
export const redisCluster = (
  address: RedisAddress,
  retry: Retry,
  options: { readonly maxRetriesPerRequest?: number | null } = {},
): Cluster =>
  new Cluster([...address.hosts], {
    lazyConnect: true,
    clusterRetryStrategy: retry,
    // Slots that change owner are told by redirections; this finds nodes that have gone.
    slotsRefreshInterval: 10_000,
    redisOptions: { ...nodeOptions(address), ...options },
  })

/** What holds for a connection to any node. */
const nodeOptions = ({ username, password, tls }: RedisAddress) => ({
  ...(username === undefined ? {} : { username }),
  ...(password === undefined ? {} : { password }),
  ...(tls === undefined ? {} : { tls: tlsOptions(tls) }),
  connectTimeout: CONNECT_MILLIS,
  keepAlive: KEEP_ALIVE_MILLIS,
  // A master that became a replica: look for the new one, and ask that again.
  reconnectOnError: (error: Error): 2 | false => (error.message.startsWith('READONLY') ? 2 : false),
})

const tlsOptions = (tls: NonNullable<RedisAddress['tls']>): ConnectionOptions => {
  const files = {
    ca: pem('ssl_ca_certs', tls.ca),
    cert: pem('ssl_certfile', tls.cert),
    key: pem('ssl_keyfile', tls.key),
  }
  return {
    ...Object.fromEntries(Object.entries(files).filter(([, text]) => text !== undefined)),
    rejectUnauthorized: tls.verify,
    ...(tls.checkHostname ? {} : { checkServerIdentity: () => undefined }),
  }
}

const pem = (option: string, path: string | undefined): string | undefined => {
  if (path === undefined) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const reason = codeOf(error) ?? 'unreadable'
    throw new RedisUnusable(`the file of ${option} can't be read (${reason})`)
  }
}
