import { type Clock, type Instant, toMillis } from '@portcullis/core'
import type { Rate } from './rate.ts'

/** Calls to one target side by side, and the line in front of it. */
export interface Bulkhead {
  /**
   * Waits for a place.
   * @param patient what is under way already: waits as long as the signal lets it, before those who haven't begun
   * @returns what gives the place back
   * @throws QueueFull when an impatient caller would wait, or has waited, too long; the signal's reason when it aborts
   */
  take(patient: boolean, signal: AbortSignal): Promise<() => void>
}

/** The line is too long to stand in: come back later. */
export class QueueFull extends Error {
  readonly waitMillis: number
  constructor(waitMillis: number) {
    super(`a place is not to be had within ${Math.ceil(waitMillis)} ms`)
    this.name = 'QueueFull'
    this.waitMillis = waitMillis
  }
}

export interface BulkheadOptions {
  readonly concurrency: number
  readonly rate: Rate
  readonly clock: Clock
  /** How long an impatient caller waits in the queue at most. */
  readonly longestWaitMillis: number
}

interface Waiter {
  readonly patient: boolean
  readonly admit: () => void
}

/** Weight of the newest call in the mean length of calls. */
const NEWEST = 0.2

export const createBulkhead = ({
  concurrency,
  rate,
  clock,
  longestWaitMillis,
}: BulkheadOptions): Bulkhead => {
  const line = new Set<Waiter>()
  const busySince = new Map<object, Instant>()
  let meanMillis = 0
  let refill: NodeJS.Timeout | undefined

  const since = (instant: Instant): number => Math.max(0, toMillis(clock.now()) - toMillis(instant))

  /**
   * How long the last one in the queue will wait, as far as one can tell: a call that hangs counts from the moment on
   * that it is slow.
   */
  const expectedMillis = (): number => {
    const [oldest] = busySince.values()
    const callMillis = Math.max(meanMillis, oldest === undefined ? 0 : since(oldest))
    const turns = busySince.size < concurrency ? 0 : (line.size + 1) / concurrency
    return Math.max(turns * callMillis, rate.waitMillis(line.size + 1))
  }

  const stopRefill = (): void => {
    clearTimeout(refill)
    refill = undefined
  }

  const enter = (): (() => void) => {
    const ticket = {}
    const began = clock.now()
    busySince.set(ticket, began)
    return () => {
      if (!busySince.delete(ticket)) return
      meanMillis += NEWEST * (since(began) - meanMillis)
      admitNext()
    }
  }

  const next = (): Waiter | undefined => {
    for (const waiter of line) if (waiter.patient) return waiter
    const [first] = line
    return first
  }

  const admitNext = (): void => {
    for (let waiter = next(); waiter !== undefined; waiter = next()) {
      if (busySince.size >= concurrency) return
      if (!rate.tryTake()) {
        refill ??= setTimeout(() => {
          refill = undefined
          admitNext()
        }, rate.waitMillis(1))
        return
      }
      line.delete(waiter)
      waiter.admit()
    }
  }

  const stand = (patient: boolean, signal: AbortSignal): Promise<() => void> =>
    new Promise((resolve, reject) => {
      const leave = (reason: unknown): void => {
        line.delete(waiter)
        if (line.size === 0) stopRefill()
        end()
        reject(reason)
      }
      const giveUp = (): void => leave(signal.reason)
      const timer = patient
        ? undefined
        : setTimeout(() => leave(new QueueFull(expectedMillis())), longestWaitMillis)
      const end = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', giveUp)
      }
      const waiter: Waiter = {
        patient,
        admit: () => {
          end()
          resolve(enter())
        },
      }
      signal.addEventListener('abort', giveUp, { once: true })
      line.add(waiter)
      admitNext()
    })

  return {
    take: async (patient, signal) => {
      signal.throwIfAborted()
      if (line.size === 0 && busySince.size < concurrency && rate.tryTake()) return enter()
      const expected = expectedMillis()
      if (!patient && expected > longestWaitMillis) throw new QueueFull(expected)
      return stand(patient, signal)
    },
  }
}
