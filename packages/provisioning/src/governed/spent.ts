import { type Clock, type Instant, toMillis } from '@portcullis/core'

/** Where the time of an operation went: each comes with a signal of its own, by which it is given up. */
export interface Spent {
  /** The operation makes a call, which may have to wait for its turn. */
  begin(signal: AbortSignal): void
  /** A call of the operation has ended that began then. */
  note(signal: AbortSignal, began: Instant): void
  /** Did less than half of the operation's time pass in calls, so that it wasn't the target that took it? */
  mostlyOurs(signal: AbortSignal): boolean
}

export const createSpent = (clock: Clock): Spent => {
  const operations = new WeakMap<AbortSignal, { readonly since: number; inCalls: number }>()
  const now = (): number => toMillis(clock.now())
  return {
    begin: (signal) => {
      if (!operations.has(signal)) operations.set(signal, { since: now(), inCalls: 0 })
    },
    note: (signal, began) => {
      const operation = operations.get(signal)
      if (operation !== undefined) operation.inCalls += Math.max(0, now() - toMillis(began))
    },
    mostlyOurs: (signal) => {
      const operation = operations.get(signal)
      return operation !== undefined && operation.inCalls * 2 < now() - operation.since
    },
  }
}
