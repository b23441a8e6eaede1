import { type Clock, toMillis } from '@portcullis/core'
import { ownWaitMillis } from '../http/ownWaits.ts'

/** Where the time of an operation went: each comes with a signal of its own, by which it is given up. */
export interface Spent {
  /** The operation makes a call, which may have to wait for its turn. */
  begin(signal: AbortSignal): void
  /**
   * A call of the operation begins.
   * @returns what is told when it has ended
   */
  call(signal: AbortSignal): () => void
  /**
   * Did less than half of the operation's time pass in calls, without what the connector itself waited there, so that
   * it wasn't the target that took it?
   */
  mostlyOurs(signal: AbortSignal): boolean
}

export const createSpent = (clock: Clock): Spent => {
  const operations = new WeakMap<AbortSignal, { readonly since: number; inCalls: number }>()
  const now = (): number => toMillis(clock.now())
  return {
    begin: (signal) => {
      if (!operations.has(signal)) operations.set(signal, { since: now(), inCalls: 0 })
    },
    call: (signal) => {
      const [began, waited] = [now(), ownWaitMillis(signal, clock)]
      return () => {
        const operation = operations.get(signal)
        const waitedSince = ownWaitMillis(signal, clock) - waited
        if (operation !== undefined) operation.inCalls += Math.max(0, now() - began - waitedSince)
      }
    },
    mostlyOurs: (signal) => {
      const operation = operations.get(signal)
      return operation !== undefined && operation.inCalls * 2 < now() - operation.since
    },
  }
}
