import type { Clock } from '@portcullis/core'
import { type Access, absent, type Connector, present } from '../connector.ts'
import { acquireFileLock } from './fileLock.ts'
import { holdersIn, keyOf, lineOf } from './membership.ts'
import { formatOf, makeFolderOf, readMemberships, writeMemberships } from './membershipFile.ts'

export interface FileConnectorOptions {
  readonly name: string
  /** `.json` or `.csv`; created with its folder when absent. */
  readonly path: string
  /** Gives `since`. */
  readonly clock: Clock
}

interface Change {
  readonly op: 'grant' | 'revoke'
  readonly access: Access
  readonly signal: AbortSignal
  readonly done: PromiseWithResolvers<void>
}

/**
 * Keeps memberships in a file on disk that a person can read: for demonstrations and for targets that are fed by files.
 * Changes made while a write is under way are written together by the next one; other processes are kept out by `<path>.lock`.
 * @throws ConnectorError `file.unknown-format` at once
 */
export const createFileConnector = (options: FileConnectorOptions): Connector => {
  const { name, path, clock } = options
  formatOf(path)
  let waiting: Change[] = []
  let writing: Promise<void> | undefined

  const change = async (
    op: Change['op'],
    access: Access,
    signal: AbortSignal,
  ): Promise<undefined> => {
    signal.throwIfAborted()
    const done = Promise.withResolvers<void>()
    // Whoever gives up is let go at once; the change may still be written, as with any target whose answer got lost.
    const letGo = () => done.reject(signal.reason)
    signal.addEventListener('abort', letGo, { once: true })
    waiting.push({ op, access, signal, done })
    writing ??= drain().finally(() => {
      writing = undefined
    })
    try {
      await done.promise
    } finally {
      signal.removeEventListener('abort', letGo)
    }
  }

  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const live = waiting.filter(({ signal }) => !signal.aborted)
      waiting = []
      try {
        await write(live)
        for (const { done } of live) done.resolve()
      } catch (error) {
        for (const { done } of live) done.reject(error)
      }
    }
  }

  const write = async (changes: readonly Change[]): Promise<void> => {
    if (changes.length === 0) return
    await makeFolderOf(path)
    const lock = await acquireFileLock(`${path}.lock`)
    try {
      const before = await readMemberships(path)
      const lines = new Map(before.map((line) => [keyOf(line), line]))
      let changed = false
      for (const { op, access } of changes) {
        const line = lineOf(access)
        const key = keyOf(line)
        if ((op === 'grant') === lines.has(key)) continue
        changed = true
        if (op === 'grant') lines.set(key, { ...line, since: clock.now() })
        else lines.delete(key)
      }
      if (!changed) return
      await lock.check()
      await writeMemberships(path, [...lines.values()])
    } finally {
      await lock.release()
    }
  }

  return {
    name,
    probe: async () => {
      await makeFolderOf(path)
      const lock = await acquireFileLock(`${path}.lock`)
      await lock.release()
      await readMemberships(path)
    },
    readBack: async (access, signal) => {
      signal.throwIfAborted()
      const key = keyOf(lineOf(access))
      return (await readMemberships(path)).some((line) => keyOf(line) === key)
        ? present()
        : absent()
    },
    grant: (access, signal) => change('grant', access, signal),
    revoke: (access, signal) => change('revoke', access, signal),
    async *holders(role, signal) {
      signal.throwIfAborted()
      yield* holdersIn(await readMemberships(path), role, signal)
    },
    close: async () => {
      await writing
    },
  }
}
