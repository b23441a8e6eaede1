import type { Connector } from '../connector.ts'
import { keyOf, lineOf } from '../file/membership.ts'

/** A line of what a memory connector holds. */
export interface MemoryMembership {
  readonly resource: string
  readonly role: string
  readonly subject: string
}

export interface MemoryConnector extends Connector {
  /** Every call throws this from now on; null: back to work. */
  failWith(error: Error | null): void
  memberships(): readonly MemoryMembership[]
}

/** A target in memory, for specs and for the time-lapse. */
export const createMemoryConnector = (options: { readonly name: string }): MemoryConnector => {
  const lines = new Map<string, MemoryMembership>()
  let failure: Error | null = null

  const check = (signal?: AbortSignal): void => {
    signal?.throwIfAborted()
    if (failure !== null) throw failure
  }

  return {
    name: options.name,
    failWith: (error) => {
      failure = error
    },
    memberships: () => [...lines.values()],
    probe: async () => check(),
    readBack: async (access, signal) => {
      check(signal)
      return lines.has(keyOf(lineOf(access))) ? 'present' : 'absent'
    },
    grant: async (access, signal) => {
      check(signal)
      lines.set(keyOf(lineOf(access)), lineOf(access))
    },
    revoke: async (access, signal) => {
      check(signal)
      lines.delete(keyOf(lineOf(access)))
    },
    close: async () => {},
  }
}
