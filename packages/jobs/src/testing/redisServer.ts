import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ConnectionOptions } from 'node:tls'
import { endProcess, freePort } from '@portcullis/core/testing'
import { Redis } from 'ioredis'

export interface RedisServer {
  readonly port: number
  /** Its folder, gone after `stop`. */
  readonly folder: string
  /** A connection of the test's own, closed by `stop`. */
  readonly client: Redis
  start(): Promise<void>
  kill(): Promise<void>
  stop(): Promise<void>
}

export interface RedisServerOptions {
  /** Lines of redis.conf, after those that every test has. */
  readonly config?: readonly string[]
  readonly mode?: 'sentinel'
  /** How the test itself signs in. */
  readonly client?: { readonly password?: string; readonly tls?: ConnectionOptions }
  /** Where `port` would be for TLS. */
  readonly tls?: boolean
}

/** Starts `redis-server` from PATH on a free port of 127.0.0.1, with nothing kept on disk. */
export const startRedisServer = async (options: RedisServerOptions = {}): Promise<RedisServer> => {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-redis-'))
  const port = await freePort()
  const file = join(folder, 'redis.conf')
  const config = [
    options.tls === true ? `tls-port ${port}\nport 0` : `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    ...(options.mode === 'sentinel'
      ? []
      : ['save ""', 'appendonly no', 'repl-diskless-sync-delay 0']),
    ...(options.config ?? []),
  ]
  let server: ChildProcess | undefined
  const killNow = () => server?.kill('SIGKILL')
  process.once('exit', killNow)
  const client = new Redis({
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    retryStrategy: () => 20,
    maxRetriesPerRequest: null,
    ...options.client,
  })
  client.on('error', () => {})

  const start = async () => {
    // A Sentinel writes into its file.
    await writeFile(file, `${config.join('\n')}\n`)
    const started = spawn(
      'redis-server',
      [file, ...(options.mode === 'sentinel' ? ['--sentinel'] : [])],
      {
        stdio: 'ignore',
      },
    )
    await once(started, 'spawn')
    server = started
    for (;;) {
      const answer = await Promise.race([client.ping(), once(started, 'exit').then(() => '')])
      if (answer === 'PONG') return
      if (started.exitCode !== null)
        throw new Error(`redis-server ended with ${started.exitCode} at start (port ${port})`)
      await delay(20)
    }
  }
  const kill = async () => {
    const killed = server
    server = undefined
    await endProcess(killed)
  }
  await start()
  return {
    port,
    folder,
    client,
    start,
    kill,
    stop: async () => {
      process.removeListener('exit', killNow)
      client.disconnect()
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
