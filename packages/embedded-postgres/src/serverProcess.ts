import { execFile, spawn } from 'node:child_process'
import { chown, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { codeOf } from '@portcullis/core'
import { type Cluster, serverEnvironment } from './cluster.ts'
import type { Place } from './place.ts'

const run = promisify(execFile)

const POLL_MS = 20
const LOG_LIMIT = 10 * 1024 * 1024
const FAST_STOP_MS = 30_000

/** What PostgreSQL writes about itself into postmaster.pid. */
export interface Postmaster {
  readonly pid: number
  readonly port: number
  readonly ready: boolean
}

const pidFile = (cluster: Cluster): string => path.join(cluster.data, 'postmaster.pid')

/** Reads postmaster.pid; undefined when there is none or it isn't complete yet. A crash leaves a stale one. */
export const readPostmaster = async (cluster: Cluster): Promise<Postmaster | undefined> => {
  const text = await readFile(pidFile(cluster), 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return ''
    throw error
  })
  const lines = text.split('\n')
  const pid = Number(lines[0])
  const port = Number(lines[3])
  if (!(pid > 0) || !(port > 0)) return undefined
  return { pid, port, ready: lines[7]?.trim() === 'ready' }
}

/** Whether that process is there and is this cluster's server: after a reboot the number may be somebody else's. */
export const isServerOf = async (cluster: Cluster, pid: number): Promise<boolean> => {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false
  }
  if (process.platform === 'win32') return true
  if (process.platform === 'linux') {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    if (!/^Name:\s+postgres$/m.test(status) || /^State:\s+Z/m.test(status)) return false
    // A server's working directory is its data folder; who may not look takes the name for enough.
    const [directory, data] = await Promise.all(
      [`/proc/${pid}/cwd`, cluster.data].map((folder) => stat(folder).catch(() => undefined)),
    )
    return directory === undefined || data === undefined || directory.ino === data.ino
  }
  const { stdout } = await run('ps', ['-o', 'comm=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }))
  return stdout.includes('postgres')
}

/**
 * Removes a postmaster.pid whose number now belongs to another program; PostgreSQL itself can't tell and would refuse
 * to start.
 */
export const removeStalePidFile = (cluster: Cluster): Promise<void> =>
  rm(pidFile(cluster), { force: true })

/** A port of 127.0.0.1 that nobody listens on now. */
export const freePort = async (): Promise<number> => {
  const server = createServer()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const address = server.address()
  const closed = Promise.withResolvers<void>()
  server.close(() => closed.resolve())
  await closed.promise
  if (address === null || typeof address === 'string') throw new Error('no port from the system')
  return address.port
}

/**
 * The rest of what a server needs to be ours alone, durable and modest; a postgresql.conf in the data folder may say
 * more.
 */
const settings = (port: number): readonly string[] => [
  `port=${port}`,
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=200',
  'shared_buffers=128MB',
  // Parallel workers want /dev/shm, of which containers give 64 MB; our statements are small.
  'max_parallel_workers_per_gather=0',
  'jit=off',
  'fsync=on',
  'full_page_writes=on',
  'synchronous_commit=on',
  'timezone=UTC',
  'log_timezone=UTC',
  'log_destination=stderr',
  'logging_collector=off',
  'log_min_messages=warning',
  'log_checkpoints=off',
]

export type Launch =
  | { readonly ok: true; readonly pid: number }
  | { readonly ok: false; readonly output: string }

/**
 * Starts the server and waits until it takes connections or has given up.
 * It runs in a process group of its own, so that Ctrl-C on the terminal reaches us first and not it; its log goes to a
 * file, so that it can outlive us without losing lines.
 * @returns the process id, or what it wrote before it gave up
 */
export const launch = async (
  place: Place,
  cluster: Cluster,
  port: number,
  extraSettings: readonly string[] = [],
): Promise<Launch> => {
  const { account, binaries } = place
  const before = await rotateLog(cluster)
  const logFile = await open(cluster.logFile, 'a', 0o600)
  try {
    if (account !== undefined) await chown(cluster.logFile, account.uid, account.gid)
    const child = spawn(
      binaries.postgres,
      ['-D', cluster.data, ...[...settings(port), ...extraSettings].flatMap((set) => ['-c', set])],
      {
        env: serverEnvironment(),
        cwd: cluster.folder,
        detached: true,
        stdio: ['ignore', logFile.fd, logFile.fd],
        windowsHide: true,
        ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
      },
    )
    const spawned = Promise.withResolvers<void>()
    child.once('spawn', spawned.resolve)
    child.once('error', spawned.reject)
    await spawned.promise
    child.unref()
    while (child.exitCode === null && child.signalCode === null) {
      const postmaster = await readPostmaster(cluster)
      if (postmaster?.pid === child.pid && postmaster?.ready)
        return { ok: true, pid: postmaster.pid }
      await delay(POLL_MS)
    }
  } finally {
    await logFile.close()
  }
  const output = await readFile(cluster.logFile)
  return { ok: false, output: output.subarray(before).toString('utf8') }
}

/** Keeps the log below a size; returns where new lines will begin. */
const rotateLog = async (cluster: Cluster): Promise<number> => {
  const size = (await stat(cluster.logFile).catch(() => undefined))?.size ?? 0
  if (size < LOG_LIMIT) return size
  await rename(cluster.logFile, `${cluster.logFile}.1`)
  return 0
}

/**
 * Fast shutdown: open transactions are rolled back, everything acknowledged is on disk; resolves when the process is
 * gone.
 * A server that doesn't stop in 30 s is told to stop at once; it recovers from its log at the next start.
 */
export const stopServer = async (
  place: Pick<Place, 'binaries'>,
  cluster: Cluster,
  pid: number,
  log: (message: string) => void,
): Promise<void> => {
  if (process.platform === 'win32') {
    await run(place.binaries.pgCtl, ['stop', '-D', cluster.data, '-m', 'fast', '-w'])
    return
  }
  const send = (signal: NodeJS.Signals): void => {
    try {
      process.kill(pid, signal)
    } catch (error) {
      if (codeOf(error) !== 'ESRCH') throw error
    }
  }
  let urgentAt = performance.now() + FAST_STOP_MS
  send('SIGINT')
  while (await isServerOf(cluster, pid)) {
    if (performance.now() > urgentAt) {
      log('PostgreSQL takes long to stop; telling it to stop at once')
      send('SIGQUIT')
      urgentAt += FAST_STOP_MS
    }
    await delay(POLL_MS)
  }
}
