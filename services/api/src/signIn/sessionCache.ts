import { type Clock, toMillis } from '@portcullis/core'
import type { Session } from './session.ts'

/**
 * How long a session that was found counts as found, milliseconds: what one that another process ended may go on for.
 */
const TTL_MILLIS = 3000
const MOST_ENTRIES = 10_000

/**
 * Sessions that were found a moment ago, by the hash of their secret. That there is none isn't remembered: somebody may
 * be signing in.
 */
export interface SessionCache {
  find(
    secretHash: string,
    read: (secretHash: string) => Promise<Session | undefined>,
  ): Promise<Session | undefined>
  /** Forgets all, also what is being read at this moment. */
  clear(): void
}

export const createSessionCache = (clock: Clock): SessionCache => {
  let entries = new Map<string, { readonly session: Session; readonly atMillis: number }>()
  return {
    find: async (secretHash, read) => {
      const known = entries
      const now = toMillis(clock.now())
      const entry = known.get(secretHash)
      if (entry !== undefined && now >= entry.atMillis && now - entry.atMillis < TTL_MILLIS)
        return entry.session
      known.delete(secretHash)
      const session = await read(secretHash)
      if (session === undefined) return undefined
      if (known.size >= MOST_ENTRIES) known.clear()
      // Into the map of before the reading: one that was ended meanwhile must not come back.
      known.set(secretHash, { session, atMillis: now })
      return session
    },
    clear: () => {
      entries = new Map()
    },
  }
}
