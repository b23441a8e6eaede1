import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { onTestFinished, vi } from 'vitest'

export const PATIENCE = { timeout: 60_000, interval: 10 }

/** A data folder that goes with the test; as root, one that the server's user can reach. */
export const dataFolder = async (mode = 0o755): Promise<string> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'portcullis-embedded-'))
  await chmod(folder, mode)
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Process id in the cluster's postmaster.pid. */
export const postmasterPid = async (dataDir: string): Promise<number> => {
  const file = path.join(dataDir, 'postgres', '18', 'data', 'postmaster.pid')
  return Number((await readFile(file, 'utf8')).split('\n')[0])
}

/** One statement on a connection of its own. */
export const ask = async (url: string, statement: string): Promise<readonly object[]> => {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}

interface Said {
  readonly kind: 'running' | 'refused' | 'interrupted'
  readonly url?: string
  readonly code?: string
  readonly message?: string
}

export interface Engine {
  readonly pid: number
  /** What it said first. */
  readonly first: Said
  /** Waits until it says that. */
  hears(kind: Said['kind']): Promise<void>
  /**
   * Sends a signal to it, or with its whole process group as a terminal does, and for those that end it waits until it
   * is gone.
   */
  signal(signal: NodeJS.Signals, group?: boolean): Promise<void>
}

/** Starts a server in a process of its own; resolves when it runs or was refused. */
export const startEngine = async (
  dataDir: string,
  as?: { readonly uid: number; readonly gid: number },
): Promise<Engine> => {
  const script = fileURLToPath(new URL('engine.process.ts', import.meta.url))
  const child = spawn(process.execPath, [script, dataDir], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    cwd: '/',
    ...as,
  })
  const said: Said[] = []
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  createInterface({ input: child.stdout }).on('line', (line) => said.push(JSON.parse(line)))
  const gone = once(child, 'exit')
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    await gone
  })
  const hear = (kind?: Said['kind']): Promise<Said> =>
    vi.waitUntil(() => {
      if (errors !== '') throw new Error(errors)
      return said.find((one) => kind === undefined || one.kind === kind)
    }, PATIENCE)
  const first = await hear()
  const { pid } = child
  if (pid === undefined) throw new Error('the process has no id')
  return {
    pid,
    first,
    hears: async (kind) => void (await hear(kind)),
    signal: async (signal, group = false) => {
      process.kill(group ? -pid : pid, signal)
      if (signal !== 'SIGINT') await gone
    },
  }
}
