import { randomUUID } from 'node:crypto'
import { type Clock, idSchema, toMillis } from '@portcullis/core'
import type { DirectoryRole } from '@portcullis/domain'
import { SignJWT } from 'jose'
import { z } from 'zod'
import { openSigningKey, TOKEN_ALGORITHM } from './signingKey.ts'

/** Written in every token and checked in every request, so that tokens of other systems are worth nothing here. */
export interface TokenAudience {
  /** The `iss` claim: who issued the token. */
  readonly issuer: string
  /** The `aud` claim: whom it is for. */
  readonly audience: string
}

/** Issuer and audience of the tokens that the engine issues for itself. */
export const OWN_TOKENS: TokenAudience = { issuer: 'portcullis', audience: 'portcullis-api' }

export const DIRECTORY_ROLES = [
  'UserAdministrator',
  'CatalogCreator',
  'MetricsReader',
] as const satisfies readonly DirectoryRole[]

/** What a token must say of its bearer. `roles` counts for services only. */
export const tokenClaimsSchema = z.object({
  sub: idSchema,
  kind: z.enum(['user', 'service']),
  roles: z.array(z.enum(DIRECTORY_ROLES)).default([]),
})

/** Longest life of a token that {@link createTokenIssuer} makes: a year. */
export const MAX_TOKEN_SECONDS = 366 * 24 * 60 * 60

const tokenRequestSchema = tokenClaimsSchema
  .extend({ ttlSeconds: z.int().min(1).max(MAX_TOKEN_SECONDS) })
  .refine(({ kind, roles }) => kind === 'service' || roles.length === 0, {
    path: ['roles'],
    error: "only a service's token carries roles; a user's come from the directory",
  })

export interface TokenRequest {
  /** Id of the person in the directory, or of the service. */
  readonly sub: string
  readonly kind: 'user' | 'service'
  /** Directory roles of a service. */
  readonly roles?: readonly DirectoryRole[]
  readonly ttlSeconds: number
}

export interface IssuedToken {
  readonly token: string
  /** Instant from which on it is refused. */
  readonly expiresAt: string
}

/**
 * Issues tokens signed with the engine's own key.
 * @returns a function from what the token shall say to the token; it throws a ZodError that names the field
 */
export const createTokenIssuer = async (options: {
  readonly keyDir: string
  readonly clock: Clock
  /** What the tokens shall say; our own by default. */
  readonly expected?: TokenAudience
}): Promise<(request: TokenRequest) => Promise<IssuedToken>> => {
  const { keyId, privateKey } = await openSigningKey(options.keyDir)
  const { issuer, audience } = options.expected ?? OWN_TOKENS
  return async (request) => {
    const { sub, kind, roles, ttlSeconds } = tokenRequestSchema.parse(request)
    const issuedAt = Math.floor(toMillis(options.clock.now()) / 1000)
    const token = await new SignJWT({ kind, ...(roles.length === 0 ? {} : { roles }) })
      .setProtectedHeader({ alg: TOKEN_ALGORITHM, kid: keyId, typ: 'JWT' })
      .setSubject(sub)
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ttlSeconds)
      .setJti(randomUUID())
      .sign(privateKey)
    return { token, expiresAt: new Date((issuedAt + ttlSeconds) * 1000).toISOString() }
  }
}
