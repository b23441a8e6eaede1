import { execFileSync } from 'node:child_process'
import { startRedisServer } from './redisServer.ts'

/** A real Redis on the loopback for a test, with nothing kept on disk. */
export interface TestRedis {
  readonly url: string
  /** As after a crash of a server that keeps nothing: killed, then started again on the same port, empty. */
  restartEmpty(): Promise<void>
  /** Kills it; `restartEmpty` brings it back. */
  kill(): Promise<void>
  stop(): Promise<void>
}

/** Why the tests that need Redis can't run here; undefined when they can. */
export const redisMissing = (): string | undefined => {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'redis-server is not on PATH (Debian: apt-get install redis-server)'
  }
}

/** Starts `redis-server` from PATH on a free port of 127.0.0.1. */
export const startRedis = async (): Promise<TestRedis> => {
  const { port, kill, start, stop } = await startRedisServer()
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    restartEmpty: async () => {
      await kill()
      await start()
    },
    stop,
  }
}
