import { type Clock, toMillis } from '@portcullis/core'
import { createRemoteJWKSet, customFetch, type JWTPayload, jwtVerify } from 'jose'
import { boundedFetch } from './boundedFetch.ts'

/** Clocks of the issuer and of this machine may differ by this much. */
export const CLOCK_TOLERANCE_SECONDS = 60
/**
 * A key that isn't known is looked for at the issuer at most once in this time, so that made-up key ids make no
 * traffic.
 */
export const KEYS_COOLDOWN_MILLIS = 30_000
const KEYS_MAX_AGE_MILLIS = 10 * 60_000
const KEYS_TIMEOUT_MILLIS = 5000
/** A logout token tells of now. */
const LOGOUT_MAX_AGE_SECONDS = 300
/** Signatures by a private key alone: never `none`, and never a MAC, which whoever knows the public key could make. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'
const MOST_TOKEN = 16 * 1024

/** A token of the issuer that isn't taken; the message holds nothing of it. */
export class TokenRefused extends Error {
  readonly code = 'sign-in.token'
  constructor(reason: string, cause?: unknown) {
    super(reason, cause === undefined ? {} : { cause })
    this.name = 'TokenRefused'
  }
}

export interface LogoutOrder {
  readonly jti: string
  readonly which: { readonly sid: string } | { readonly subject: string }
}

/** Checks what an issuer has signed. */
export interface IssuerTokens {
  /**
   * The claims of an id token (OpenID Connect Core 3.1.3.7), but for its nonce.
   * @throws TokenRefused; the error of fetching the keys
   */
  idToken(token: string): Promise<JWTPayload & { readonly sub: string }>
  /**
   * What a logout token orders (Back-Channel Logout 2.6). That it comes once is the caller's to check.
   * @throws TokenRefused; the error of fetching the keys
   */
  logoutToken(token: unknown): Promise<LogoutOrder>
}

export const createIssuerTokens = (options: {
  /** As its documents call it. */
  readonly issuer: string
  readonly clientId: string
  readonly jwksUri: string
  readonly clock: Clock
}): IssuerTokens => {
  const { issuer, clientId, clock } = options
  const keys = createRemoteJWKSet(new URL(options.jwksUri), {
    cooldownDuration: KEYS_COOLDOWN_MILLIS,
    cacheMaxAge: KEYS_MAX_AGE_MILLIS,
    timeoutDuration: KEYS_TIMEOUT_MILLIS,
    [customFetch]: boundedFetch,
  })
  const verify = async (token: string, requiredClaims: readonly string[]) => {
    if (token.length > MOST_TOKEN) throw new TokenRefused('the token is too long')
    const now = toMillis(clock.now())
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      algorithms: ALGORITHMS,
      issuer,
      audience: clientId,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(now),
      requiredClaims: [...requiredClaims, 'iat'],
    }).catch((error: unknown) => {
      throw isAboutTheToken(error) ? new TokenRefused(error.message, error) : error
    })
    const age = now / 1000 - (payload.iat ?? Number.NaN)
    if (!(age >= -CLOCK_TOLERANCE_SECONDS)) throw new TokenRefused('"iat" is in the future')
    return { payload, age, type: protectedHeader.typ?.toLowerCase() }
  }
  return {
    idToken: async (token) => {
      const { payload } = await verify(token, ['exp', 'sub'])
      const { aud, azp, sub } = payload
      if (azp === undefined ? Array.isArray(aud) && aud.length > 1 : azp !== clientId)
        throw new TokenRefused('"azp" is not this client, and the token is for several')
      if (sub === undefined || sub === '' || sub.length > 255)
        throw new TokenRefused('"sub" is empty or longer than 255 characters')
      return { ...payload, sub }
    },
    logoutToken: async (token) => {
      if (typeof token !== 'string') throw new TokenRefused('there is no token')
      const { payload, age, type } = await verify(token, ['jti'])
      if (type !== undefined && type !== 'jwt' && type !== 'logout+jwt')
        throw new TokenRefused('it is another kind of token')
      if (age > LOGOUT_MAX_AGE_SECONDS + CLOCK_TOLERANCE_SECONDS)
        throw new TokenRefused('it is older than five minutes')
      if ('nonce' in payload) throw new TokenRefused('a logout token has no nonce')
      const { events, sid, sub, jti } = payload
      if (!isObject(events) || !isObject(events[LOGOUT_EVENT]))
        throw new TokenRefused('"events" doesn’t order a logout')
      if (!isText(jti)) throw new TokenRefused('"jti" is missing or empty')
      if (sid !== undefined && !isText(sid)) throw new TokenRefused('"sid" is not a text')
      if (isText(sid)) return { jti, which: { sid } }
      if (isText(sub)) return { jti, which: { subject: sub } }
      throw new TokenRefused('it says neither "sid" nor "sub"')
    },
  }
}

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= 1024

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Rather than that the keys couldn't be had, which may pass. */
const isAboutTheToken = (error: unknown): error is Error =>
  error instanceof Error &&
  (error instanceof TypeError
    ? !('cause' in error)
    : 'code' in error &&
      typeof error.code === 'string' &&
      /^ERR_J(?:WT|WS|OSE_ALG|OSE_NOT|WKS_NO_MATCHING|WKS_MULTIPLE)/.test(error.code))
