import type { Position } from '@portcullis/core'

/**
 * Tells waiting subscriptions in this process how far the log is known to go. Only a hint: who is woken reads the log.
 */
export interface LogSignal {
  announce(position: Position): void
  /**
   * Resolves when the log is known to go beyond `position`, when `signal` aborts, or after `timeoutMs`, whichever is
   * first.
   */
  waitBeyond(position: Position, signal: AbortSignal, timeoutMs?: number): Promise<void>
}

export const createLogSignal = (): LogSignal => {
  let known: Position = 0n
  const waiting = new Set<{ readonly beyond: Position; readonly wake: () => void }>()
  return {
    announce: (position) => {
      if (position <= known) return
      known = position
      for (const waiter of waiting) if (known > waiter.beyond) waiter.wake()
    },
    waitBeyond: (position, signal, timeoutMs) => {
      if (signal.aborted || known > position) return Promise.resolve()
      return new Promise((resolve) => {
        const wake = (): void => {
          waiting.delete(waiter)
          clearTimeout(timer)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        const waiter = { beyond: position, wake }
        const timer = timeoutMs === undefined ? undefined : setTimeout(wake, timeoutMs)
        waiting.add(waiter)
        signal.addEventListener('abort', wake)
      })
    },
  }
}
