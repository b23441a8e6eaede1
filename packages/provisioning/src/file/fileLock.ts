import { randomUUID } from 'node:crypto'
import { link, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { codeOf } from '@portcullis/core'
import { ConnectorError } from '../connector.ts'

export interface FileLock {
  /** Throws when the lock was taken from us meanwhile (we were stopped for minutes): nothing may be written then. */
  check(): Promise<void>
  release(): Promise<void>
}

/** A holder needs milliseconds; one this old was stopped or is on a machine that is gone. */
const STALE_MILLIS = 120_000
const WAIT_MILLIS = 30_000
const POLL_MILLIS = 15
const AGAIN_MILLIS = 1_000

/**
 * Takes the lock that `path` is, waiting for its holder up to 30 s. Works between processes, also when a holder was
 * killed.
 * Real time on purpose, not the engine's clock: it is about other processes, not about the domain.
 * @throws ConnectorError `file.locked` (transient); `file.io`
 */
export const acquireFileLock = async (path: string): Promise<FileLock> => {
  const token = ownerToken()
  const giveUpAt = Date.now() + WAIT_MILLIS
  while (!(await create(path, token))) {
    await removeIfStale(path)
    if (Date.now() >= giveUpAt) {
      throw new ConnectorError(
        'file.locked',
        `${path} is held by another process; if none is running, delete that file`,
        // Others of us are at it: that says nothing of the file.
        { transient: true, deferred: true, retryAfterMillis: AGAIN_MILLIS },
      )
    }
    await delay(POLL_MILLIS)
  }
  return {
    check: async () => {
      if ((await read(path)) !== token) {
        throw new ConnectorError('file.locked', `${path} was taken over by another process`, {
          transient: true,
        })
      }
    },
    release: async () => {
      if ((await read(path)) === token) await rm(path, { force: true })
    },
  }
}

const ownerToken = (): string => `${process.pid} ${hostname()} ${randomUUID()}`

/** Written beside and linked into place, so that the lock is never there without its holder's name. */
const create = async (path: string, token: string): Promise<boolean> => {
  const mine = `${path}.${process.pid}.${randomUUID()}`
  try {
    await writeFile(mine, token, { flag: 'wx', mode: 0o640 })
    await link(mine, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw new ConnectorError(
      'file.io',
      `${path}: can't be created (${codeOf(error) ?? 'unknown'})`,
      {
        transient: codeOf(error) === 'ENOSPC' || codeOf(error) === 'EIO',
      },
    )
  } finally {
    await rm(mine, { force: true })
  }
}

/**
 * Two waiters that see the same dead holder must not both remove: the second could remove the first one's new lock. So
 * removing has a lock of its own.
 */
const removeIfStale = async (path: string): Promise<void> => {
  if (!(await isStale(path))) return
  const guard = `${path}.takeover`
  if (!(await create(guard, ownerToken()))) {
    // Its holder needs microseconds; if that one was killed too, the next waiter clears it.
    if (await isStale(guard)) await rm(guard, { force: true })
    return
  }
  try {
    if (await isStale(path)) await rm(path, { force: true })
  } finally {
    await rm(guard, { force: true })
  }
}

const isStale = async (path: string): Promise<boolean> => {
  const holder = await read(path)
  if (holder === undefined) return false
  const [pid, host] = holder.split(' ')
  if (host === hostname() && !isAlive(Number(pid))) return true
  try {
    return Date.now() - (await stat(path)).mtimeMs > STALE_MILLIS
  } catch {
    return false
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

const read = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
