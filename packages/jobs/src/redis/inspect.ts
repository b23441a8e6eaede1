import { Redis } from 'ioredis'
import { within } from '../within.ts'
import { parseRedisAddress, type RedisAddress } from './address.ts'
import { redisCluster, redisOptions } from './connect.ts'
import { RedisUnreachable, RedisUnusable, redisError } from './errors.ts'
import { type Judgement, judgeServer } from './judge.ts'
import { DEFAULT_PREFIX, prefixOf } from './prefix.ts'

const never = (): null => null

/** Asks for what the queue's own scripts use, on a key of ours that is gone afterwards. */
const PROBE = `
redis.call('HSET', KEYS[1], 'f', '1'); redis.call('DEL', KEYS[1])
redis.call('ZADD', KEYS[1], 1, 'm'); redis.call('DEL', KEYS[1])
redis.call('RPUSH', KEYS[1], 'm'); redis.call('DEL', KEYS[1])
redis.call('XADD', KEYS[1], '*', 'f', '1'); redis.call('DEL', KEYS[1])
return 1`

/**
 * Looks once whether the Redis of this address can keep the queue, and how safely.
 * @param millis for the whole look
 * @returns the version, and a warning for everything that would make jobs come late
 * @throws RedisUnusable (another address or configuration is needed), RedisUnreachable (it may pass)
 */
export const inspectRedis = async (
  url: string,
  prefix = DEFAULT_PREFIX,
  millis = 10_000,
): Promise<Judgement> => {
  const address = parseRedisAddress(url)
  const clients: { disconnect(): void }[] = []
  try {
    return await within(look(address, prefix, clients), millis, 'looking at Redis')
  } catch (error) {
    throw redisError(error instanceof Error && error.cause ? error.cause : error, 'Redis')
  } finally {
    for (const client of clients) client.disconnect()
  }
}

type Clients = { disconnect(): void }[]

const look = async (
  address: RedisAddress,
  prefix: string,
  clients: Clients,
): Promise<Judgement> => {
  if (address.kind === 'cluster') return lookAtCluster(address, prefix, clients)
  if (address.kind === 'sentinel') await askSentinels(address, clients)
  const node = await opened(new Redis(once(address)), clients)
  const judgement = await judged(node, address.kind)
  await node.eval(PROBE, 1, probeKey(prefix))
  return judgement
}

const once = (address: RedisAddress) => ({
  ...redisOptions(address, never),
  lazyConnect: true,
  maxRetriesPerRequest: 0,
  reconnectOnError: null,
})

/** Each node on its own first: a cluster's client says only that none of them would do. */
const lookAtCluster = async (
  address: RedisAddress,
  prefix: string,
  clients: Clients,
): Promise<Judgement> => {
  await firstThatAnswers(address, clients, async (node) => {
    const state = String(await node.cluster('INFO'))
    if (!/cluster_state:ok/.test(state))
      throw new RedisUnreachable(
        'the cluster is not complete: not every slot has a node that answers',
      )
  })
  const cluster = redisCluster(address, never)
  clients.push(cluster)
  cluster.on('error', () => {})
  await cluster.connect()
  const judgements: Judgement[] = []
  for (const node of cluster.nodes('master')) judgements.push(await judged(node, 'cluster'))
  await cluster.eval(PROBE, 1, probeKey(prefix))
  return {
    version: judgements[0]?.version ?? '',
    warnings: [...new Set(judgements.flatMap(({ warnings }) => warnings))],
  }
}

/** Whether one of them knows the master: their client only says that none would do. */
const askSentinels = (address: RedisAddress, clients: Clients): Promise<void> =>
  firstThatAnswers(
    { ...address, username: address.sentinelUsername, password: address.sentinelPassword },
    clients,
    async (sentinel) => {
      const found = await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', address.master ?? '')
      if (found === null)
        throw new RedisUnusable(
          'the Sentinels watch no master of the name in the address; correct what stands behind the hosts',
        )
    },
    'the Sentinel',
  )

/** What the first of the hosts that is there says; the last error when none is. */
const firstThatAnswers = async (
  address: RedisAddress,
  clients: Clients,
  ask: (node: Redis) => Promise<void>,
  subject = 'Redis',
): Promise<void> => {
  let failure: RedisUnusable | RedisUnreachable | undefined
  for (const host of address.hosts) {
    try {
      const single = { ...address, kind: 'single' as const, hosts: [host], database: 0 }
      return await ask(await opened(new Redis(once(single)), clients))
    } catch (error) {
      failure = redisError(error, subject)
      if (failure instanceof RedisUnusable) break
    }
  }
  throw failure ?? new RedisUnreachable('no host is named')
}

/** Connected, or the reason why not: the client's own rejection only says that it is closed. */
const opened = async (client: Redis, clients: Clients): Promise<Redis> => {
  clients.push(client)
  let reason: unknown
  client.on('error', (error: unknown) => {
    reason ??= error
  })
  try {
    await client.connect()
  } catch (error) {
    throw reason ?? error
  }
  return client
}

const judged = async (node: Redis, kind: RedisAddress['kind']): Promise<Judgement> =>
  judgeServer(kind, { info: await node.info(), save: await saveOf(node) })

/** `CONFIG` is forbidden on most managed servers, and to careful users' accounts. */
const saveOf = async (node: Redis): Promise<string | undefined> => {
  try {
    const [, save] = (await node.config('GET', 'save')) as readonly string[]
    return save
  } catch {
    return undefined
  }
}

const probeKey = (prefix: string): string => `${prefixOf(prefix, 'probe')}:probe`
