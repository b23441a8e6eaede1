import { setTimeout as delay } from 'node:timers/promises'
import { type Position, parsePosition } from '@portcullis/core'
import type { LogSignal } from '../logSignal.ts'
import { createConnection } from './connection.ts'
import { waitAfter } from './retries.ts'
import { CHANNEL } from './schema.ts'

/** At most one notification in this time: the first at once, the last one never left out. */
const EVERY_MS = 20

export interface LogNotifications {
  /** Tells this process at once and the others soon that the log goes to `position`. */
  announce(position: Position): void
  /** Begins to listen to other processes. */
  listen(): void
  close(): Promise<void>
}

/**
 * Carries "there is more" between processes with LISTEN/NOTIFY, all subscriptions of a process on one connection.
 * Notifications go out after the commit and apart from it: a lost one costs a subscriber its slow poll, and appends
 * stay cheap.
 */
export const createLogNotifications = (options: {
  readonly url: string
  readonly applicationName: string
  readonly signal: LogSignal
  readonly head: () => Promise<Position>
}): LogNotifications => {
  const { signal, head } = options
  const closing = new AbortController()
  let wanted = false
  let toTell: Position | undefined
  let telling: Promise<void> | undefined

  const connection = createConnection({
    url: options.url,
    applicationName: `${options.applicationName} notifications`,
    statementTimeoutMs: 10_000,
    prepare: async (client) => {
      client.on('notification', ({ payload }) => {
        const position = parsePosition(payload ?? '')
        if (position !== undefined) signal.announce(position)
      })
      // A notification is a transaction of its own; it needn't wait for the disk.
      await client.query(`set synchronous_commit = off; listen ${CHANNEL}`)
      // What was appended while nobody listened.
      signal.announce(await head())
    },
    onLost: () => void keepListening(),
  })

  const keepListening = async (): Promise<void> => {
    for (let failures = 1; !closing.signal.aborted; failures += 1) {
      try {
        await connection.get()
        return
      } catch {
        await delay(waitAfter(failures), undefined, { signal: closing.signal }).catch(() => {})
      }
    }
  }

  const tell = async (): Promise<void> => {
    while (toTell !== undefined) {
      const position = toTell
      toTell = undefined
      try {
        const client = await connection.get()
        await client.query('select pg_notify($1, $2)', [CHANNEL, position.toString()])
      } catch {
        // The others poll.
      }
      await delay(EVERY_MS, undefined, { signal: closing.signal }).catch(() => {})
    }
    telling = undefined
  }

  const listen = (): void => {
    if (wanted) return
    wanted = true
    void keepListening()
  }

  return {
    announce: (position) => {
      signal.announce(position)
      toTell = position
      telling ??= tell()
    },
    listen,
    close: async () => {
      closing.abort()
      await telling
      await connection.close()
    },
  }
}
