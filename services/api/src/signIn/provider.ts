import { addMillis, type Clock, type Instant, toMillis } from '@portcullis/core'
import { keepsSecrets, type SignInConfig } from '@portcullis/runtime'
import type { JWTPayload } from 'jose'
import * as client from 'openid-client'
import { boundedFetch } from './boundedFetch.ts'
import {
  CLOCK_TOLERANCE_SECONDS,
  createIssuerTokens,
  type IssuerTokens,
  type LogoutOrder,
} from './issuerTokens.ts'
import type { StartedSignIn } from './signInCookie.ts'

/** The issuer's document may change: it is read again after this time. */
const DOCUMENT_MILLIS = 60 * 60_000
const TIMEOUT_SECONDS = 10

/** Whom an issuer has vouched for. */
export interface Vouched {
  readonly issuer: string
  readonly claims: JWTPayload & { readonly sub: string }
  /** As it came; for the sign-out at the issuer. */
  readonly idToken: string
}

/** The organisation's identity provider. Nothing is asked of it before it is needed: it may start later than we do. */
export interface Provider {
  /** Where a browser begins. @param prompt `login` or `select_account`: the person is asked again */
  signInAddress(started: StartedSignIn, prompt?: string): Promise<URL>
  /**
   * Takes the issuer's answer at the end.
   * @param callback the whole address that the browser came to
   * @throws errors of openid-client, jose and fetch, TokenRefused
   */
  finish(callback: URL, started: StartedSignIn): Promise<Vouched>
  /** Where a browser ends its session at the issuer; null where that has no such page. */
  signOutAddress(idToken: string | null): Promise<string | null>
  /** @throws TokenRefused; the error of fetching documents */
  logoutOrder(token: unknown): Promise<LogoutOrder & { readonly issuer: string }>
}

interface Known {
  readonly metadata: client.ServerMetadata
  readonly tokens: IssuerTokens
}

/** The issuer's document names an address that we don't send secrets to. */
export class UnsafeProvider extends Error {
  readonly code = 'sign-in.unsafe-provider'
  constructor(field: string) {
    super(`the issuer's document has a "${field}" without TLS, or none`)
    this.name = 'UnsafeProvider'
  }
}

/** @param baseUrl where browsers reach the portal, without a slash at the end */
export const createProvider = (
  config: SignInConfig,
  { clock, baseUrl }: { readonly clock: Clock; readonly baseUrl: string },
): Provider => {
  const issuer = new URL(config.issuer)
  const plain = issuer.protocol === 'http:'
  const redirectUri = `${baseUrl}/auth/callback`

  const discover = async (): Promise<Known> => {
    const found = await client.discovery(issuer, config.clientId, undefined, client.None(), {
      timeout: TIMEOUT_SECONDS,
      [client.customFetch]: boundedFetch,
      execute: plain ? [client.allowInsecureRequests] : [],
    })
    const metadata = found.serverMetadata()
    for (const field of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const)
      if (!keepsSecrets(metadata[field] ?? '')) throw new UnsafeProvider(field)
    return {
      metadata,
      tokens: createIssuerTokens({
        issuer: metadata.issuer,
        clientId: config.clientId,
        jwksUri: metadata.jwks_uri ?? '',
        clock,
      }),
    }
  }
  let known: Promise<Known> | undefined
  let until: Instant = ''
  const document = async (): Promise<Known> => {
    if (known === undefined || clock.now() >= until) {
      const asked = discover()
      known = asked
      until = addMillis(clock.now(), DOCUMENT_MILLIS)
      // A failure isn't kept: the next sign-in asks again.
      asked.catch(() => {
        if (known === asked) known = undefined
      })
    }
    return known
  }

  /** Made anew each time, because the library reads the machine's clock and ours may be another. */
  const configuration = (metadata: client.ServerMetadata): client.Configuration => {
    const { clientSecret } = config
    const methods = metadata.token_endpoint_auth_methods_supported
    const secretInBody = methods !== undefined && !methods.includes('client_secret_basic')
    const made = new client.Configuration(
      metadata,
      config.clientId,
      {
        [client.clockSkew]: Math.round((toMillis(clock.now()) - Date.now()) / 1000),
        [client.clockTolerance]: CLOCK_TOLERANCE_SECONDS,
      },
      clientSecret === undefined
        ? client.None()
        : secretInBody
          ? client.ClientSecretPost(clientSecret)
          : client.ClientSecretBasic(clientSecret),
    )
    made[client.customFetch] = boundedFetch
    made.timeout = TIMEOUT_SECONDS
    if (plain) client.allowInsecureRequests(made)
    return made
  }

  /** Some issuers keep names out of the token and tell them when asked: where no claim that finds somebody is in it. */
  const moreOf = async (
    metadata: client.ServerMetadata,
    claims: JWTPayload & { readonly sub: string },
    accessToken: string,
  ): Promise<object> => {
    const told = config.match.some(({ claim }) => claims[claim] !== undefined)
    if (told || !keepsSecrets(metadata.userinfo_endpoint ?? '')) return {}
    return client.fetchUserInfo(configuration(metadata), accessToken, claims.sub)
  }

  return {
    signInAddress: async ({ state, nonce, verifier, maxAge }, prompt) => {
      const { metadata } = await document()
      return client.buildAuthorizationUrl(configuration(metadata), {
        redirect_uri: redirectUri,
        scope: config.scopes,
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ...(maxAge === undefined ? {} : { max_age: String(maxAge) }),
        ...(prompt === undefined ? {} : { prompt }),
      })
    },
    finish: async (callback, { state, nonce, verifier, maxAge }) => {
      const { metadata, tokens } = await document()
      const answer = await client.authorizationCodeGrant(configuration(metadata), callback, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
        ...(maxAge === undefined ? {} : { maxAge }),
      })
      const idToken = answer.id_token ?? ''
      // The library trusts the connection for the signature; we look at it ourselves.
      const claims = await tokens.idToken(idToken)
      return {
        issuer: metadata.issuer,
        claims: { ...(await moreOf(metadata, claims, answer.access_token)), ...claims },
        idToken,
      }
    },
    signOutAddress: async (idToken) => {
      const { metadata } = await document()
      if (metadata.end_session_endpoint === undefined) return null
      if (!keepsSecrets(metadata.end_session_endpoint)) return null
      return client.buildEndSessionUrl(configuration(metadata), {
        post_logout_redirect_uri: `${baseUrl}/`,
        ...(idToken === null ? {} : { id_token_hint: idToken }),
      }).href
    },
    logoutOrder: async (token) => {
      const { metadata, tokens } = await document()
      return { issuer: metadata.issuer, ...(await tokens.logoutToken(token)) }
    },
  }
}
