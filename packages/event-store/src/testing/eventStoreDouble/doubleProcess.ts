// A test tool, not EventStoreDB: starts, kills and restarts the double as a process of its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { DoubleFaults } from './doubleFaults.ts'

export interface DoubleProcessOptions {
  /** Where its events are kept: what it acknowledged is there after a kill. */
  readonly file: string
  /** The same again after every restart; a free one, kept from then on, when absent. */
  readonly port?: number
}

export interface DoubleProcess {
  readonly port: number
  /** `esdb://…`, for EVENTSTORE_URL. */
  readonly url: string
  /** Undefined while it is down. */
  readonly pid: number | undefined
  /** Sets faults, on top of those that are set; a restart begins without any. @throws when it is down */
  setFaults(faults: Partial<DoubleFaults>): Promise<void>
  /** `kill -9`; resolves when it is gone. */
  kill(): Promise<void>
  /** Starts it again at the same port, with its events. Kills it before where it runs. */
  restart(): Promise<void>
  /** The end. Its file stays. */
  close(): Promise<void>
}

interface Running {
  readonly child: ChildProcess
  readonly lines: Interface
}

/** @throws when it ends instead of listening, with what it complained of */
export const startDoubleProcess = async ({
  file,
  port: wanted = 0,
}: DoubleProcessOptions): Promise<DoubleProcess> => {
  let port = wanted
  let running: Running | undefined

  const start = async (): Promise<void> => {
    const script = fileURLToPath(new URL('double.process.ts', import.meta.url))
    const child = spawn(process.execPath, [script, file, String(port)], {
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let complaints = ''
    child.stderr.on('data', (chunk: Buffer) => {
      complaints += chunk.toString()
    })
    // Broken by a kill; the process's end says so too.
    child.stdin.on('error', () => {})
    const lines = createInterface({ input: child.stdout })
    const gone = new AbortController()
    child.on('close', () => gone.abort())
    const [line] = await once(lines, 'line', { signal: gone.signal }).catch(() => {
      throw new Error(`the double of EventStoreDB ended instead of listening: ${complaints}`)
    })
    port = Number(line)
    running = { child, lines }
    child.on('close', () => {
      if (running?.child === child) running = undefined
    })
  }
  const kill = async (): Promise<void> => {
    if (running === undefined) return
    const { child } = running
    running = undefined
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
  }

  await start()
  return {
    get port() {
      return port
    },
    get url() {
      return `esdb://127.0.0.1:${port}?tls=false`
    },
    get pid() {
      return running?.child.pid
    },
    setFaults: async (faults) => {
      if (running === undefined) throw new Error('the double of EventStoreDB is down')
      const { child, lines } = running
      const gone = new AbortController()
      child.once('close', () => gone.abort())
      const answered = once(lines, 'line', { signal: gone.signal })
      child.stdin?.write(`${JSON.stringify(faults)}\n`)
      await answered
    },
    kill,
    restart: async () => {
      await kill()
      await start()
    },
    close: kill,
  }
}
