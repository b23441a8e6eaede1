import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

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
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-redis-'))
  const port = await freePort()
  let server: ChildProcess | undefined
  const killNow = () => server?.kill('SIGKILL')
  process.once('exit', killNow)

  const start = async () => {
    const started = spawn(
      'redis-server',
      [
        '--port',
        `${port}`,
        '--bind',
        '127.0.0.1',
        '--save',
        '',
        '--appendonly',
        'no',
        '--dir',
        folder,
      ],
      { stdio: 'ignore' },
    )
    await once(started, 'spawn')
    server = started
    while (!(await answers(port))) {
      if (started.exitCode !== null)
        throw new Error(`redis-server ended with ${started.exitCode} at start (port ${port})`)
      await delay(20)
    }
  }
  const kill = async () => {
    const killed = server
    server = undefined
    if (killed === undefined || killed.exitCode !== null || killed.signalCode !== null) return
    const ended = once(killed, 'exit')
    killed.kill('SIGKILL')
    await ended
  }
  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    restartEmpty: async () => {
      await kill()
      await start()
    },
    stop: async () => {
      process.removeListener('exit', killNow)
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** True once a PING is answered. */
const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    socket.once('data', (data) => {
      socket.destroy()
      resolve(data.toString().startsWith('+PONG'))
    })
    socket.once('error', () => resolve(false))
  })
