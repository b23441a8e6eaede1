import type { IncomingHttpHeaders } from 'node:http'
import type { Actor } from '@portcullis/core'
import type { DirectoryRole } from '@portcullis/domain'

/** Why a caller was not recognised; part of the public contract as `authentication.<error>`. */
export type AuthenticationError =
  | 'missing'
  | 'malformed'
  | 'algorithm'
  | 'unknown-key'
  | 'signature'
  | 'expired'
  | 'not-yet-valid'
  | 'issuer'
  | 'audience'
  | 'claims'

export type Authentication =
  | {
      readonly ok: true
      readonly actor: Extract<Actor, { readonly kind: 'user' | 'service' }>
      /** Of a service, as its token says; a user's come from the directory. */
      readonly directoryRoles: readonly DirectoryRole[]
      readonly claims: Readonly<Record<string, unknown>>
    }
  | { readonly ok: false; readonly error: AuthenticationError; readonly message: string }

/** What of a request says who sends it; a Fastify request is one. */
export interface Credentials {
  readonly method: string
  readonly headers: IncomingHttpHeaders
}

/**
 * Says who sends a request with a token. The seam for other kinds of tokens; people who sign in to the portal have
 * sessions instead.
 */
export interface Authenticator {
  /**
   * @param authorization the Authorization header as it came, undefined when there was none
   * @returns the caller, or why there is none; throws only when what it relies on can't be reached
   */
  authenticate(authorization: string | undefined): Promise<Authentication>
}

/**
 * The WWW-Authenticate header for a refused caller (RFC 6750 section 3): without `error` where no token came at all.
 */
export const challenge = (error: AuthenticationError, message: string): string =>
  error === 'missing'
    ? 'Bearer realm="portcullis"'
    : `Bearer realm="portcullis", error="invalid_token", error_description="${message.replaceAll(/[^\x20-\x7e]|["\\]/g, "'")}"`
