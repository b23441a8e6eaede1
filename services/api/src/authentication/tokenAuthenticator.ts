import { type Clock, toMillis } from '@portcullis/core'
import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from 'jose'
import type { Authentication, AuthenticationError, Authenticator } from './authenticator.ts'
import { createRememberedTokens } from './rememberedTokens.ts'
import { openSigningKey, TOKEN_ALGORITHM } from './signingKey.ts'
import { OWN_TOKENS, type TokenAudience, tokenClaimsSchema } from './tokens.ts'

/** Clocks of issuer and engine may differ by this much. */
const CLOCK_TOLERANCE_SECONDS = 5

export interface TokenAuthenticatorOptions {
  readonly clock: Clock
  /** What tokens must say; our own by default. */
  readonly expected?: TokenAudience
  /** Where the keys are: our own key pair, or the public keys of another issuer that signs with Ed25519. */
  readonly keys: { readonly keyDir: string } | { readonly jwks: JSONWebKeySet }
}

/** Recognises callers by signed tokens (JWT, RFC 7519; Ed25519, RFC 8037) in the Authorization header (RFC 6750). */
export const createTokenAuthenticator = async (
  options: TokenAuthenticatorOptions,
): Promise<Authenticator> => {
  const { clock } = options
  const { issuer, audience } = options.expected ?? OWN_TOKENS
  const jwks =
    'jwks' in options.keys
      ? options.keys.jwks
      : { keys: [{ ...(await openSigningKey(options.keys.keyDir)).publicJwk }] }
  const keySet = createLocalJWKSet(jwks)
  const tokens = createRememberedTokens()

  return {
    authenticate: async (authorization) => {
      if (authorization === undefined || authorization.trim() === '') {
        return refused('missing', 'send the header "Authorization: Bearer <token>"')
      }
      const token = /^bearer +([A-Za-z0-9_.-]+) *$/i.exec(authorization)?.[1]
      if (token === undefined) {
        return refused('malformed', 'the Authorization header must be "Bearer <token>"')
      }
      const remembered = tokens.find(token, clock.now())
      if (remembered !== undefined) return remembered
      try {
        const { payload } = await jwtVerify(token, keySet, {
          algorithms: [TOKEN_ALGORITHM],
          issuer,
          audience,
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
          currentDate: new Date(toMillis(clock.now())),
          requiredClaims: ['exp', 'iat', 'sub'],
        })
        const claims = tokenClaimsSchema.safeParse(payload)
        if (!claims.success) {
          const field = claims.error.issues[0]?.path.join('.') ?? ''
          return refused('claims', `the token's claim "${field}" is missing or not valid`)
        }
        const { sub, kind, roles } = claims.data
        const found = {
          ok: true,
          actor: { kind, id: sub },
          directoryRoles: kind === 'service' ? roles : [],
          claims: payload,
        } as const
        // One with a beginning isn't remembered: the clock may step back before it.
        if (payload.exp !== undefined && payload.nbf === undefined) {
          tokens.keep(token, (payload.exp + CLOCK_TOLERANCE_SECONDS) * 1000, found)
        }
        return found
      } catch (error) {
        return refusalOf(error, { issuer, audience })
      }
    },
  }
}

const refused = (error: AuthenticationError, message: string): Authentication => ({
  ok: false,
  error,
  message,
})

const refusalOf = (error: unknown, tokens: TokenAudience): Authentication => {
  if (error instanceof errors.JWTExpired) {
    return refused('expired', 'the token has expired; get a new one')
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    switch (error.claim) {
      case 'nbf':
        return refused('not-yet-valid', 'the token is not valid yet')
      case 'aud':
        return refused(
          'audience',
          `the token is for somebody else; "aud" must be "${tokens.audience}"`,
        )
      case 'iss':
        return refused(
          'issuer',
          `the token is from another issuer; "iss" must be "${tokens.issuer}"`,
        )
      default:
        return refused('claims', `the token's claim "${error.claim}" is missing or not valid`)
    }
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return refused(
      'signature',
      "the token's signature is not right: it was changed, or signed with another key",
    )
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return refused('algorithm', `the token must be signed with ${TOKEN_ALGORITHM}`)
  }
  if (error instanceof errors.JWKSNoMatchingKey) {
    return refused(
      'unknown-key',
      'the token is signed with a key that is not known here; get a new token',
    )
  }
  if (error instanceof errors.JOSEError || error instanceof TypeError) {
    return refused('malformed', 'the token is not a signed JWT')
  }
  throw error
}
