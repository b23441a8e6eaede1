import type { Instant } from '@portcullis/core'

/** Somebody signed in, in one browser. */
export interface Session {
  /** May be shown; it opens nothing. */
  readonly id: string
  /** What the CSRF token is made of. */
  readonly secretHash: string
  readonly personId: string
  readonly issuer: string
  /** The person as the issuer names them (`sub`). */
  readonly subject: string
  readonly startedAt: Instant
  readonly seenAt: Instant
  /** It ends when it isn't used until then. */
  readonly idleUntil: Instant
  /** It ends then, whatever happens. */
  readonly endsAt: Instant
  /** When the person proved to the issuer who they are; null: it didn't say. */
  readonly authTime: Instant | null
  /** How strongly, in the issuer's words; null: it didn't say. */
  readonly acr: string | null
  readonly amr: readonly string[]
  /** The browser's own words. */
  readonly userAgent: string
}
