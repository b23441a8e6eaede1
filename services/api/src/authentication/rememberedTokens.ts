import { hash } from 'node:crypto'
import { toMillis } from '@portcullis/core'
import type { Authentication } from './authenticator.ts'

const MAX_ENTRIES = 10_000

type Recognised = Extract<Authentication, { readonly ok: true }>

/**
 * Callers whose token was verified before. Verifying a signature takes ten times as long as the rest of a request's
 * checks.
 */
export interface RememberedTokens {
  /** @param now instant; undefined when the token isn't known or has reached its end */
  find(token: string, now: string): Recognised | undefined
  /** @param untilMillis the end of the token, tolerance included, milliseconds since 1970 */
  keep(token: string, untilMillis: number, found: Recognised): void
}

export const createRememberedTokens = (): RememberedTokens => {
  // By hash, so that no token stays readable in memory longer than its request.
  const entries = new Map<string, { readonly untilMillis: number; readonly found: Recognised }>()
  return {
    find: (token, now) => {
      const key = hash('sha256', token, 'base64url')
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      if (toMillis(now) < entry.untilMillis) return entry.found
      entries.delete(key)
      return undefined
    },
    keep: (token, untilMillis, found) => {
      if (entries.size >= MAX_ENTRIES) entries.clear()
      entries.set(hash('sha256', token, 'base64url'), { untilMillis, found })
    },
  }
}
