import type { Clock } from '@portcullis/core'
import {
  type Access,
  absent,
  type Connector,
  ConnectorError,
  type ManyAtOnce,
  present,
  type ReadBack,
} from '../connector.ts'
import { isTimeout } from '../isTimeout.ts'
import { checkMost } from '../many.ts'
import { acquireFileLock } from './fileLock.ts'
import { holdersIn, keyOf, lineOf, type Membership } from './membership.ts'
import { formatOf, makeFolderOf, readMemberships, writeMemberships } from './membershipFile.ts'
import { shared } from './shared.ts'

export interface FileConnectorOptions {
  readonly name: string
  /** `.json` or `.csv`; created with its folder when absent. */
  readonly path: string
  /** Gives `since`. */
  readonly clock: Clock
}

interface Change {
  readonly op: 'grant' | 'revoke'
  readonly accesses: readonly Access[]
  readonly signal: AbortSignal
  readonly done: PromiseWithResolvers<void>
}

/** In one call: as many as are started together. */
const MOST = 500
/** How soon to come back when the line to the file was too long. */
const AGAIN_MILLIS = 1_000

/**
 * Keeps memberships in a file on disk that a person can read: for demonstrations and for targets that are fed by files.
 * However many change at once, they are one read and one write; what is asked for while that is under way is written
 * together by the next one. Other processes are kept out by `<path>.lock`.
 * @throws ConnectorError `file.unknown-format` at once
 */
export const createFileConnector = (options: FileConnectorOptions): Connector => {
  const { name, path, clock } = options
  formatOf(path)
  let waiting: Change[] = []
  let writing: Promise<void> | undefined
  const read = shared(() => readMemberships(path))

  const change = async (
    op: Change['op'],
    accesses: readonly Access[],
    signal: AbortSignal,
  ): Promise<undefined> => {
    signal.throwIfAborted()
    if (accesses.length === 0) return
    const done = Promise.withResolvers<void>()
    const mine: Change = { op, accesses, signal, done }
    // The one who gives up is let go at once; what is being written may still be, as with any target whose answer got
    // lost.
    const letGo = () => done.reject(waiting.includes(mine) ? outOfTime(signal) : signal.reason)
    signal.addEventListener('abort', letGo, { once: true })
    waiting.push(mine)
    writing ??= drain().finally(() => {
      writing = undefined
    })
    try {
      await done.promise
    } finally {
      signal.removeEventListener('abort', letGo)
    }
  }

  /** It hadn't even been begun: that was our own line, and says nothing of the file. */
  const outOfTime = ({ reason }: AbortSignal): unknown =>
    isTimeout(reason)
      ? new ConnectorError('file.busy', `${path}: too many changes wait to be written`, {
          transient: true,
          deferred: true,
          retryAfterMillis: AGAIN_MILLIS,
        })
      : reason

  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      try {
        const live = await write()
        for (const { done } of live) done.resolve()
      } catch (error) {
        if (!(error instanceof Failed)) throw error
        for (const { done } of error.changes) done.reject(error.cause)
      }
    }
  }

  /** Writes all that waits by the time the lock is ours. @returns it @throws Failed */
  const write = async (): Promise<readonly Change[]> => {
    let taken: readonly Change[] = []
    const take = (): readonly Change[] => {
      taken = waiting.filter(({ signal }) => !signal.aborted)
      waiting = []
      return taken
    }
    try {
      await makeFolderOf(path)
      const lock = await acquireFileLock(`${path}.lock`)
      try {
        const lines = changed(await readMemberships(path), take(), clock)
        if (lines !== undefined) {
          await lock.check()
          await writeMemberships(path, lines)
        }
        return taken
      } finally {
        await lock.release()
      }
    } catch (error) {
      // Without the lock nobody's was begun: all that wait fail alike.
      throw new Failed(taken.length > 0 ? taken : take(), error)
    }
  }

  const stateOf = (keys: ReadonlySet<string>, access: Access): ReadBack =>
    keys.has(keyOf(lineOf(access))) ? present() : absent()
  const states = async (
    accesses: readonly Access[],
    signal: AbortSignal,
  ): Promise<readonly ReadBack[]> => {
    signal.throwIfAborted()
    const keys = new Set((await read()).map(keyOf))
    return accesses.map((access) => stateOf(keys, access))
  }
  const changeMany =
    (op: Change['op']): ManyAtOnce['revoke'] =>
    async (operations, signal) => {
      checkMost(operations, MOST)
      await change(
        op,
        operations.map(({ access }) => access),
        signal,
      )
      return operations.map(() => undefined)
    }

  return {
    name,
    probe: async () => {
      await makeFolderOf(path)
      const lock = await acquireFileLock(`${path}.lock`)
      await lock.release()
      await readMemberships(path)
    },
    abilities: async () => [
      { ability: 'list-members', can: 'yes' },
      { ability: 'read-back', can: 'yes' },
    ],
    readBack: async (access, signal) => (await states([access], signal))[0] ?? absent(),
    grant: (access, signal) => change('grant', [access], signal),
    revoke: (access, signal) => change('revoke', [access], signal),
    many: {
      most: MOST,
      readBack: async (accesses, signal) => {
        checkMost(accesses, MOST)
        return states(accesses, signal)
      },
      grant: changeMany('grant'),
      revoke: changeMany('revoke'),
    },
    async *holders(role, signal) {
      signal.throwIfAborted()
      yield* holdersIn(await readMemberships(path), role, signal)
    },
    close: async () => {
      await writing
    },
  }
}

/** What went wrong, and for whom. */
class Failed extends Error {
  readonly changes: readonly Change[]
  constructor(changes: readonly Change[], cause: unknown) {
    super('nothing was written', { cause })
    this.changes = changes
  }
}

/** The lines after the changes, in their order; undefined when they change nothing. */
const changed = (
  before: readonly Membership[],
  changes: readonly Change[],
  clock: Clock,
): readonly Membership[] | undefined => {
  const lines = new Map(before.map((line) => [keyOf(line), line]))
  let news = false
  for (const { op, accesses } of changes)
    for (const access of accesses) {
      const line = lineOf(access)
      const key = keyOf(line)
      if ((op === 'grant') === lines.has(key)) continue
      news = true
      if (op === 'grant') lines.set(key, { ...line, since: clock.now() })
      else lines.delete(key)
    }
  return news ? [...lines.values()] : undefined
}
