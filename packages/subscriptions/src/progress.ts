import type { Position } from '@portcullis/core'
import { timerMillis } from '@portcullis/postgres'
import type pg from 'pg'
import { readCheckpoints } from './checkpoints.ts'

const POLL_MILLIS = 25

/** Tells who waits that subscriptions have come to a position, in whichever process they run. */
export interface Progress {
  /** The runner of a subscription in this process tells that its checkpoint is committed. */
  moved(name: string, position: Position): void
  /**
   * Waits until every named subscription has handled everything up to `position`.
   * At once when this process runs them; when another does, found by one shared look every 25 ms while somebody waits.
   * @returns false when `timeoutMs` milliseconds were not enough
   * @throws what the database throws when the checkpoints can't be read
   */
  waitFor(names: readonly string[], position: Position, timeoutMs: number): Promise<boolean>
}

interface Waiter {
  readonly names: readonly string[]
  readonly position: Position
  readonly resolve: (reached: boolean) => void
  readonly reject: (error: unknown) => void
}

/** How many connections each pool has lost, or let go. */
const losses = new WeakMap<pg.Pool, { count: number }>()

const lossesOf = (pool: pg.Pool): { readonly count: number } => {
  const counted = losses.get(pool)
  if (counted !== undefined) return counted
  const counting = { count: 0 }
  losses.set(pool, counting)
  pool.on('remove', () => {
    counting.count += 1
  })
  return counting
}

export const createProgress = (pool: pg.Pool): Progress => {
  const lost = lossesOf(pool)
  const known = new Map<string, Position>()
  let knownAt = lost.count
  const waiters = new Set<Waiter>()
  let looking = false

  const reached = ({ names, position }: Pick<Waiter, 'names' | 'position'>): boolean =>
    names.every((name) => (known.get(name) ?? -1n) >= position)

  const settle = (): void => {
    for (const waiter of waiters) {
      if (!reached(waiter)) continue
      waiters.delete(waiter)
      waiter.resolve(true)
    }
  }

  /**
   * A server that crashed may have lost the last moves, which nobody waited for to reach the disk: what was known
   * before isn't any more. All its connections break by it.
   */
  const forgetIfLost = (): void => {
    if (knownAt === lost.count) return
    knownAt = lost.count
    known.clear()
  }

  const moved = (name: string, position: Position): void => {
    forgetIfLost()
    if ((known.get(name) ?? -1n) >= position) return
    known.set(name, position)
    if (waiters.size > 0) settle()
  }

  const look = async (): Promise<void> => {
    if (looking) return
    looking = true
    try {
      while (waiters.size > 0) {
        const names = [...new Set([...waiters].flatMap((waiter) => waiter.names))]
        for (const checkpoint of (await readCheckpoints(pool, names)).values()) {
          moved(checkpoint.name, checkpoint.position)
        }
        if (waiters.size > 0) await new Promise((resolve) => setTimeout(resolve, POLL_MILLIS))
      }
    } catch (error) {
      for (const waiter of waiters) waiter.reject(error)
      waiters.clear()
    } finally {
      looking = false
    }
  }

  const waitFor: Progress['waitFor'] = async (names, position, timeoutMs) => {
    forgetIfLost()
    if (reached({ names, position })) return true
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    const waiter: Waiter = { names, position, resolve, reject }
    waiters.add(waiter)
    const timer = setTimeout(() => {
      waiters.delete(waiter)
      resolve(false)
    }, timerMillis(timeoutMs))
    void look()
    try {
      return await promise
    } finally {
      clearTimeout(timer)
    }
  }

  return { moved, waitFor }
}
